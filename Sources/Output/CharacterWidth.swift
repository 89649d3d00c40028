/// How a terminal shows one code point.
enum CharacterWidth: UInt32 {
  /// One column.
  case narrow = 0
  /// Two columns: East Asian Width W or F, and regional indicators (a pair is a flag, or two wide letters).
  case wide = 1
  /// None: it joins the character before it (categories Mn and Me, variation selectors 15 and 16).
  case mark = 2
  /// It is not sent to a terminal: controls, format characters (bidirectional, zero-width, tags), line and
  /// paragraph separators, what is private or unassigned, and letters that show nothing.
  case hidden = 3
}

/// The class of code points, with the range found last: a text stays in one script for a while.
struct CharacterWidthLookup {
  private var range: Range<UInt32> = 0x20..<0x7F
  private var width = CharacterWidth.narrow

  /// The class of a code point.
  mutating func width(of scalar: UInt32) -> CharacterWidth {
    if range.contains(scalar) { return width }
    var low = 0
    var high = characterWidthTable.count
    // The last entry that starts at or before the scalar; the first entry starts at 0.
    while high - low > 1 {
      let middle = (low + high) / 2
      if characterWidthTable[middle] >> 2 <= scalar { low = middle } else { high = middle }
    }
    let entry = characterWidthTable[low]
    let end = high < characterWidthTable.count ? characterWidthTable[high] >> 2 : 0x110000
    range = entry >> 2..<end
    width = CharacterWidth(rawValue: entry & 3) ?? .hidden
    return width
  }
}
