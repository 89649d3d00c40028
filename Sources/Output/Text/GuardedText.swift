import WireBytes

/// A peer's words beside words and marks of ours, so that nobody takes one for the other.
///
/// Our columns and parts of lines are separated by several spaces, and our marks are symbols: `▶`, `✓`, `│`. Of a peer, a space
/// after another one is spelled `\x20`, and symbols of those kinds and other spaces by their code points. Payloads of
/// messages, which are at the end of their lines, need none of this.
enum GuardedText {
  /// The text as it can be beside ours. The arrow U+2192 is no mark: it comes between two addresses only.
  static func of(_ text: String) -> String {
    guard !isPlain(text.utf8.span) else { return text }
    var guarded = String.UnicodeScalarView()
    var last: Unicode.Scalar = "a"
    for scalar in text.unicodeScalars {
      if scalar == " " && last == " " {
        guarded.append(contentsOf: #"\x20"#.unicodeScalars)
      } else if isMark(scalar) {
        guarded.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      } else {
        guarded.append(scalar)
      }
      last = scalar
    }
    return String(guarded)
  }

  /// Whether there is nothing to spell, as in nearly all texts.
  static func isPlain(_ text: Span<UInt8>) -> Bool {
    var last: UInt8 = 0
    for index in text.indices {
      let byte = text[index]
      if byte >= 0x80 || byte == 0x20 && last == 0x20 { return false }
      last = byte
    }
    return true
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x2192: false
    // Arrows, box drawing, blocks, geometric shapes, dingbats, Braille blank, arrows and shapes of later versions.
    case 0x2190...0x21FF, 0x2500...0x25FF, 0x2700...0x27BF, 0x2800, 0x27F0...0x27FF, 0x2900...0x297F,
      0x2B00...0x2BFF,
      0x3164, 0x1F78A...0x1F7FF, 0x1F800...0x1F8FF:
      true
    default: scalar != " " && scalar.properties.generalCategory == .spaceSeparator
    }
  }
}
