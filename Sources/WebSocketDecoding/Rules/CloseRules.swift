import WireBytes

/// The rules of a Close frame's payload (RFC 6455 §5.5.1, §7.4).
enum CloseRules {
  /// Calls `report` for each rule that the payload breaks, with what it shows. `payload` is unmasked and lacks no bytes up to
  /// the limit of kept bytes.
  static func check(_ payload: Span<UInt8>, _ report: (FramingRule, @autoclosure () -> String) -> Void) {
    if payload.count == 1 { report(.closePayloadOneByte, "the payload is one byte") }
    guard payload.count >= 2 else { return }
    let code = payload.uint16(at: 0)
    if let objection = CloseCode.objection(to: code) {
      report(.invalidCloseCode, "code \(code): \(objection)")
    }
    var utf8 = UTF8Validator()
    utf8.receive(payload.dropping(2))
    if !utf8.isValidAtEnd {
      report(.invalidUTF8CloseReason, "not UTF-8 from byte \(utf8.validBytes) of the reason")
    }
  }
}
