/// Bytes as text from which they can be had again, so that arguments that are not UTF-8 pass through a parser of text.
///
/// A byte that is not UTF-8 becomes one of the last 128 code points, U+10FF80 to U+10FFFF, which are for private use and have no
/// meaning. Where an argument has one of those itself, each of its bytes becomes one: no two arguments have the same text.
public enum ArgumentText {
  private static let base: UInt32 = 0x10FF00

  /// Whether a code point is a byte that is not text.
  static func isByte(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= base + 0x80 }

  /// The text of bytes.
  public static func text(of bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    let bytes = Array(bytes)
    var (parser, rest) = (Unicode.UTF8.ForwardParser(), bytes.makeIterator())
    var index = 0
    while true {
      switch parser.parseScalar(from: &rest) {
      case .emptyInput: return String(text)
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        if isByte(scalar) {
          text.append(contentsOf: bytes[index..<index + encoded.count].map(self.scalar))
        } else {
          text.append(scalar)
        }
        index += encoded.count
      case .error(let length):
        text.append(contentsOf: bytes[index..<index + length].map(scalar))
        index += length
      }
    }
  }

  /// The bytes of a text that was made of them; of any other text its UTF-8.
  public static func bytes(of text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      if isByte(scalar) {
        bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      } else {
        bytes += UTF8.encode(scalar).map(Array.init) ?? []
      }
    }
    return bytes
  }

  /// The text for people, with `\xe9` for a byte that is not UTF-8.
  public static func shown(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isByte) else { return text }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isByte(scalar) {
        shown.append(contentsOf: "\\x\(String(scalar.value & 0xFF, radix: 16))".unicodeScalars)
      } else {
        shown.append(scalar)
      }
    }
    return String(shown)
  }

  /// Of a byte from 0x80 on: what is not UTF-8, and what a code point beyond ASCII consists of, has no other.
  private static func scalar(_ byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(base + UInt32(byte)) ?? "\u{FFFD}"
  }
}
