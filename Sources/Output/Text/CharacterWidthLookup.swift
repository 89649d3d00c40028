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
