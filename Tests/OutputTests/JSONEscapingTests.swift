import TestSupport
import Testing

@testable import Output

@Suite struct JSONEscapingTests {
  /// Long enough for blocks, at lengths where the last one is whole, nearly whole, and just begun.
  @Test("Every code point below U+0100 at every place of a block", arguments: [511, 512, 543, 544, 545, 640])
  func places(length: Int) {
    for value in 0..<0x100 {
      let place = (value * 7) % 70
      for at in [place, place + 31, length - 2 - place] {
        var scalars = [Unicode.Scalar](repeating: "x", count: length - 1)
        scalars[at] = Unicode.Scalar(UInt8(value))
        check(scalars, "U+\(String(value, radix: 16)) at \(at) of \(length)")
      }
    }
  }

  @Test func longTextsWithLittleOrMuchToEscape() {
    var random = SeededRandom.fresh()
    for _ in 0..<200 {
      let rarity = [2, 8, 50, 300].randomElement(using: &random) ?? 2
      let scalars = (0..<Int.random(in: 400...9000, using: &random)).map { _ in
        Int.random(in: 0..<rarity, using: &random) > 0
          ? "a" : Unicode.Scalar(UInt32.random(in: 0...0x3000, using: &random)) ?? "?"
      }
      check(scalars, "\(random)")
    }
  }

  private func check(_ scalars: [Unicode.Scalar], _ what: String) {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    let bytes = Array(String(text).utf8)
    #expect(written { JSONEscaping.write(valid: bytes.span, to: &$0) } == reference(scalars), "\(what)")
  }

  private func reference(_ scalars: [Unicode.Scalar]) -> String {
    var text = String.UnicodeScalarView()
    for scalar in scalars {
      switch scalar {
      case "\"", "\\": text += ["\\", scalar]
      case "\n": text += ["\\", "n"]
      case "\r": text += ["\\", "r"]
      case "\t": text += ["\\", "t"]
      case "\u{8}": text += ["\\", "b"]
      case "\u{C}": text += ["\\", "f"]
      case "\u{0}"..<" ", "\u{7F}"..."\u{9F}":
        let digits = String(scalar.value, radix: 16)
        text += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).unicodeScalars
      default: text.append(scalar)
      }
    }
    return String(text)
  }
}
