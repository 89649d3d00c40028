/// Close status codes (RFC 6455 §7.4, and the IANA registry "WebSocket Close Code Number Registry").
public enum CloseCode {
  /// The registered name in snake_case; nil if the code is not registered.
  public static func name(_ code: UInt16) -> String? {
    switch code {
    case 1000: "normal_closure"
    case 1001: "going_away"
    case 1002: "protocol_error"
    case 1003: "unsupported_data"
    case 1005: "no_status_received"
    case 1006: "abnormal_closure"
    case 1007: "invalid_frame_payload_data"
    case 1008: "policy_violation"
    case 1009: "message_too_big"
    case 1010: "mandatory_extension"
    case 1011: "internal_error"
    case 1012: "service_restart"
    case 1013: "try_again_later"
    case 1014: "bad_gateway"
    case 1015: "tls_handshake"
    case 3000: "unauthorized"
    case 3003: "forbidden"
    case 3008: "timeout"
    default: nil
    }
  }

  /// Why the code must not be sent in a Close frame, or nil if it may be (RFC 6455 §7.4.1, §7.4.2).
  static func objection(to code: UInt16) -> String? {
    switch code {
    case ..<1000: "codes below 1000 are not used"
    case 1004: "1004 is reserved"
    case 1005, 1006, 1015: "\(code) is for local use and must not be sent"
    case 1016...2999: "\(code) is reserved for the protocol and not defined"
    case 5000...: "codes from 5000 are not defined"
    default: nil
    }
  }
}
