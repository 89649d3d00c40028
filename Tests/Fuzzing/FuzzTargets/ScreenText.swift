/// Checks of what goes to a terminal.
enum ScreenText {
  /// Why a text must not be sent to a terminal: control characters, and those that change the order of others. Nil if it may be.
  static func objection(to bytes: [UInt8]) -> String? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return "it is not UTF-8" }
    for (number, line) in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      for scalar in line {
        let code = String(scalar.value, radix: 16)
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F: return "line \(number + 1) has the control character U+\(code)"
        // But not what joins the parts of a character or keeps them apart (U+200C, U+200D).
        case 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB,
          0xE0000...0xE007F:
          return "line \(number + 1) has U+\(code), which is not seen and moves what is"
        default: break
        }
      }
    }
    return nil
  }

  /// The longest line, in scalars that take a column for certain: no line may have more of them than the terminal has columns.
  static func widest(_ bytes: [UInt8]) -> Int {
    bytes.split(separator: UInt8(ascii: "\n")).map { line in line.count { $0 < 0x80 } }.max() ?? 0
  }
}
