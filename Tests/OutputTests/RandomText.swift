import Output
import TestSupport

/// What `body` writes.
func written(_ body: (inout OutputBuffer) -> Void) -> String { String(writing: body) }

extension SeededRandom {
  /// A text that leans to what writers get wrong: quotes, controls, C1, format characters, marks, emoji.
  mutating func text(upTo length: Int) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0...length, using: &self) {
      text.unicodeScalars.append(scalar())
    }
    return text
  }

  /// Such a text with some of its bytes changed or its end cut off, or plain noise.
  mutating func nearlyUTF8(upTo length: Int) -> [UInt8] {
    var bytes = Array(text(upTo: length).utf8)
    switch Int.random(in: 0..<4, using: &self) {
    case 0: return self.bytes(length)
    case 1: bytes.removeLast(Swift.min(bytes.count, Int.random(in: 0...3, using: &self)))
    default:
      for index in bytes.indices where Int.random(in: 0..<16, using: &self) == 0 {
        bytes[index] = UInt8.random(in: .min ... .max, using: &self)
      }
    }
    return bytes
  }

  private mutating func scalar() -> Unicode.Scalar {
    let ranges: [ClosedRange<UInt32>] = [
      0x20...0x7E, 0x20...0x7E, 0x20...0x7E, 0x00...0xFF, 0x80...0x9F, 0x300...0x36F, 0x590...0x700,
      0xE00...0xE7F, 0x1100...0x1200, 0x200B...0x206F, 0x2600...0x27BF, 0x4E00...0x9FFF, 0xE000...0xE010,
      0xFE00...0xFE0F, 0xFF00...0xFFEF, 0x1F1E6...0x1F1FF, 0x1F300...0x1F6FF, 0xE0000...0xE01EF,
      0x200D...0x200D,
      0x22...0x22, 0x5C...0x5C, 0...0xD7FF, 0xE000...0x10FFFF,
    ]
    let range = ranges[Int.random(in: ranges.indices, using: &self)]
    return Unicode.Scalar(UInt32.random(in: range, using: &self)) ?? "?"
  }
}
