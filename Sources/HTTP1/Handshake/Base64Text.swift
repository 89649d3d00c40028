import WireBytes

/// Base64 (RFC 4648 §4) of short values, for the few places where a handshake is wrong.
enum Base64Text {
  /// The bytes as base64, with padding.
  static func of(_ bytes: Span<UInt8>) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var bits: UInt32 = 0
      for index in 0..<3 { bits = bits << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
      for sextet in 0..<4 {
        let value = UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * sextet)) & 63
        text.append(sextet <= count ? character(value) : ASCII.equals)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes that a text stands for, padding or not; nil if it has other characters.
  static func decoded(_ text: Span<UInt8>) -> [UInt8]? {
    var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
    var end = text.count
    while end > 0, text[end - 1] == ASCII.equals { end -= 1 }
    for index in 0..<end {
      guard let value = value(of: text[index]) else { return nil }
      (bits, count) = (bits << 6 | UInt32(value), count + 6)
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return bytes
  }

  /// The character of a number below 64.
  static func character(_ value: UInt8) -> UInt8 {
    switch value {
    case 0..<26: UInt8(ascii: "A") + value
    case 26..<52: UInt8(ascii: "a") + value - 26
    case 52..<62: UInt8(ascii: "0") + value - 52
    case 62: UInt8(ascii: "+")
    default: UInt8(ascii: "/")
    }
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case 0x41...0x5A: character - 0x41
    case 0x61...0x7A: character - 0x61 + 26
    case 0x30...0x39: character - 0x30 + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
