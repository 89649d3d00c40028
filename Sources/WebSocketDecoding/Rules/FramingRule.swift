import WireBytes

/// The rules of framing that one direction shows by itself (RFC 6455 §5, §7, §8; RFC 7692).
public enum FramingRule: UInt8, CaseIterable, Sendable {
  case unmaskedClientFrame
  case maskedServerFrame
  case rsv1WithoutExtension
  case rsv1OnContinuation
  case rsv1OnControlFrame
  case reservedBit
  case reservedOpcode
  case lengthTopBit
  case nonMinimalLength
  case longControlFrame
  case fragmentedControlFrame
  case continuationWithoutStart
  case messageInsideMessage
  case invalidUTF8
  case closePayloadOneByte
  case invalidCloseCode
  case invalidUTF8CloseReason
  case frameAfterClose
  case repeatedClose
  case notAFrame
  case zeroMaskingKey
  case constantMaskingKey
  case inflationFailed
  case windowExceeded
  case deflateTail
  case inflationTooLarge
  case contextLost
  case truncatedFrame
  case unfinishedMessage
  case lostFrameSync
  case resynchronised

  /// The rule as reports show it.
  public var rule: Rule { Self.table[Int(rawValue)] }

  /// In the order of the cases.
  private static let table: [Rule] = allCases.map { $0.definition }

  private var definition: Rule {
    switch self {
    case .unmaskedClientFrame:
      Rule("unmasked_client_frame", .violation, "RFC 6455 §5.1", "A client MUST mask every frame it sends.")
    case .maskedServerFrame:
      Rule("masked_server_frame", .violation, "RFC 6455 §5.1", "A server MUST NOT mask the frames it sends.")
    case .rsv1WithoutExtension:
      Rule(
        "rsv1_without_extension", .violation, "RFC 6455 §5.2",
        "RSV1 MUST be 0 unless an extension that gives it a meaning was negotiated.")
    case .rsv1OnContinuation:
      Rule(
        "rsv1_on_continuation", .violation, "RFC 7692 §6.1",
        "Only the first fragment of a compressed message has RSV1 set.")
    case .rsv1OnControlFrame:
      Rule("rsv1_on_control_frame", .violation, "RFC 7692 §6.1", "Control frames MUST NOT be compressed.")
    case .reservedBit:
      Rule(
        "reserved_bit", .violation, "RFC 6455 §5.2",
        "RSV2 and RSV3 MUST be 0 unless an extension that gives them a meaning was negotiated.")
    case .reservedOpcode:
      Rule(
        "reserved_opcode", .violation, "RFC 6455 §5.2",
        "Opcodes 3–7 and 11–15 are reserved; a receiver MUST fail the connection.")
    case .lengthTopBit:
      Rule(
        "length_top_bit", .violation, "RFC 6455 §5.2",
        "The most significant bit of a 64-bit length MUST be 0.")
    case .nonMinimalLength:
      Rule(
        "non_minimal_length", .violation, "RFC 6455 §5.2",
        "The minimal number of bytes MUST be used to encode the length.")
    case .longControlFrame:
      Rule(
        "long_control_frame", .violation, "RFC 6455 §5.5",
        "All control frames MUST have a payload of 125 bytes or less.")
    case .fragmentedControlFrame:
      Rule(
        "fragmented_control_frame", .violation, "RFC 6455 §5.5", "Control frames MUST NOT be fragmented.")
    case .continuationWithoutStart:
      Rule(
        "continuation_without_start", .violation, "RFC 6455 §5.4",
        "A continuation frame needs a message that was begun and not finished.")
    case .messageInsideMessage:
      Rule(
        "message_inside_message", .violation, "RFC 6455 §5.4",
        "The fragments of one message MUST NOT be interleaved with those of another.")
    case .invalidUTF8:
      Rule("invalid_utf8", .violation, "RFC 6455 §8.1", "A text message MUST be valid UTF-8.")
    case .closePayloadOneByte:
      Rule(
        "close_payload_one_byte", .violation, "RFC 6455 §5.5.1",
        "A Close frame's payload, if there is any, MUST begin with a 2-byte status code.")
    case .invalidCloseCode:
      Rule(
        "invalid_close_code", .violation, "RFC 6455 §7.4",
        "Only codes that are defined for the wire may stand in a Close frame.")
    case .invalidUTF8CloseReason:
      Rule(
        "invalid_utf8_close_reason", .violation, "RFC 6455 §5.5.1", "A close reason MUST be valid UTF-8.")
    case .frameAfterClose:
      Rule(
        "frame_after_close", .violation, "RFC 6455 §5.5.1",
        "An endpoint MUST NOT send any more data frames after a Close frame.")
    case .notAFrame:
      Rule(
        "not_a_frame", .violation, "RFC 6455 §5.2",
        "After the upgrade both sides send frames only; an HTTP response, or bytes behind a Close that cannot be a frame, are passed over to the end."
      )
    case .repeatedClose:
      Rule("repeated_close", .note, "RFC 6455 §5.5.1", "A side sends one Close frame.")
    case .zeroMaskingKey:
      Rule(
        "zero_masking_key", .note, "RFC 6455 §5.3",
        "A masking key must be unpredictable; zero leaves the payload as it is.")
    case .constantMaskingKey:
      Rule(
        "constant_masking_key", .note, "RFC 6455 §5.3",
        "Each frame needs a fresh masking key from a strong source of entropy.")
    case .inflationFailed:
      Rule(
        "inflation_failed", .violation, "RFC 7692 §7.2.2",
        "A compressed message MUST be a DEFLATE stream that refers to nothing but what the context holds.")
    case .windowExceeded:
      Rule(
        "window_exceeded", .violation, "RFC 7692 §7.1.2",
        "A sender MUST NOT refer further back than the negotiated window reaches.")
    case .deflateTail:
      Rule(
        "deflate_tail", .violation, "RFC 7692 §7.2.1",
        "A compressed message ends with an empty stored block, whose last four bytes are taken off.")
    case .inflationTooLarge:
      Rule(
        "inflation_too_large", .warning, "RFC 7692 §8",
        "A message that inflates beyond the limit is cut there; the stream stays in step.")
    case .contextLost:
      Rule(
        "compression_context_lost", .warning, "RFC 7692 §7.1.1",
        "A compressed message may refer to earlier ones, which were not captured or could not be inflated.")
    case .truncatedFrame:
      Rule(
        "truncated_frame", .warning, "RFC 6455 §5.2", "The stream ended inside a frame.")
    case .unfinishedMessage:
      Rule(
        "unfinished_message", .warning, "RFC 6455 §5.4",
        "The stream ended before the last fragment of a message.")
    case .lostFrameSync:
      Rule(
        "lost_frame_sync", .warning, "",
        "Where the next frame begins is not known: bytes that would say so were not captured.")
    case .resynchronised:
      Rule(
        "resynchronised", .note, "",
        "Frames are read again from a place that was inferred from the bytes.")
    }
  }
}
