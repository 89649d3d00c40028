import WireBytes

/// Whether the first bytes of a stream can begin an HTTP/1.x message.
package enum HTTPStart {
  /// They do: a method and a space, or `HTTP/1.` and a digit.
  case begun
  /// There are too few of them to tell.
  case undecided
  /// They do not.
  case other

  /// The longest method in the registry, UPDATEREDIRECTREF, has 17 letters.
  static let longestMethod = 24

  /// Judges the start of a stream that `side` sends. It looks at 25 bytes at most.
  package static func of(_ bytes: Span<UInt8>, from side: Side) -> HTTPStart {
    side == .client ? request(bytes) : response(bytes)
  }

  /// method SP, RFC 9112 §3
  private static func request(_ bytes: Span<UInt8>) -> HTTPStart {
    for index in 0..<min(bytes.count, longestMethod + 1) where !ASCII.isToken(bytes[index]) {
      return index > 0 && bytes[index] == ASCII.space ? .begun : .other
    }
    return bytes.count > longestMethod ? .other : .undecided
  }

  /// HTTP-version = "HTTP" "/" DIGIT "." DIGIT, RFC 9112 §2.3; letter case counts
  private static func response(_ bytes: Span<UInt8>) -> HTTPStart {
    let wanted: [7 of UInt8] = [0x48, 0x54, 0x54, 0x50, 0x2F, 0x31, 0x2E]  // HTTP/1.
    for index in 0..<min(bytes.count, 7) where bytes[index] != wanted[index] { return .other }
    guard bytes.count > 7 else { return .undecided }
    return ASCII.isDigit(bytes[7]) ? .begun : .other
  }
}

extension Span where Element == UInt8 {
  /// Whether the bytes can begin a server's frame (RFC 6455 §5.2): FIN and a known opcode, or the first fragment of a
  /// message, and no mask.
  var mayBeginServerFrame: Bool {
    guard let first = isEmpty ? nil : self[0] else { return false }
    let isKnown: Bool =
      switch first & 0xBF {
      case 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A, 0x01, 0x02, 0x00: true
      default: false
      }
    return isKnown && (count < 2 || self[1] & 0x80 == 0)
  }
}
