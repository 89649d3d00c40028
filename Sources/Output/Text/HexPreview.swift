import WireBytes

/// Binary on one line of a terminal.
enum HexPreview {
  /// Appends binary in at most `width` columns and returns how many it took: `de ad be ef …  |....|`.
  ///
  /// `isShortened`: more bytes follow, which the caller does not have.
  @discardableResult
  static func write(
    _ bytes: Span<UInt8>, width: Int, isShortened: Bool = false, to out: inout OutputBuffer
  ) -> Int {
    guard width > 0, isShortened || bytes.count > 0 else { return 0 }
    // n bytes take 3n - 1 columns, two spaces, and n + 2; the ellipsis takes two more.
    let isWhole = !isShortened && bytes.count <= (width - 3) / 4
    let shown = min(bytes.count, isWhole ? bytes.count : max(0, width - 5) / 4)
    guard shown > 0 else {
      out.append("…")
      return 1
    }
    for index in 0..<shown {
      if index > 0 { out.append(UInt8(ascii: " ")) }
      out.append(hex: UInt64(bytes[index]), digits: 2)
    }
    if !isWhole { out.append(" …") }
    out.append("  |")
    for index in 0..<shown {
      let isPrintable = bytes[index] >= 0x20 && bytes[index] < 0x7F
      out.append(isPrintable ? bytes[index] : UInt8(ascii: "."))
    }
    out.append("|")
    return shown * 4 + (isWhole ? 3 : 5)
  }
}
