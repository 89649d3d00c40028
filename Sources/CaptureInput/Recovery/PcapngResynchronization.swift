extension Pcapng {
  /// Moves `block` to the first place from `next` on where blocks seem to begin; false when there is none.
  ///
  /// A block says its length twice, and has a type out of few: two blocks one behind the other, or one at the end of
  /// the file, are believed; so is a section header.
  func findBlocks(in block: inout InputBlock) -> Bool {
    var place = 0
    while block.has(place + Self.shortestBlock) {
      if let length = plausibleBlock(&block, at: place), isFollowed(&block, from: place, length) {
        block.consume(place)
        return true
      }
      place += 1
      if place == InputBlock.blockBytes {
        block.consume(place)
        place = 0
      }
    }
    return false
  }

  /// Longer blocks are too rare to look for.
  private static let longestBlock = 1 << 20

  private func isFollowed(_ block: inout InputBlock, from place: Int, _ length: Int) -> Bool {
    if block.load(place) == Self.magic { return true }
    let end = place + length
    guard block.has(end + Self.shortestBlock) else { return end == block.count }
    return plausibleBlock(&block, at: end) != nil
  }

  private func plausibleBlock(_ block: inout InputBlock, at place: Int) -> Int? {
    let isSection = block.load(place) == Self.magic
    var length = Int(field(block, place + 4))
    if isSection {
      guard Self.isByteOrderMagic(block.load(place + 8)) else { return nil }
      let isSwapped = block.load(place + 8) == 0x4D3C_2B1A
      length = Int(isSwapped ? block.load(place + 4).byteSwapped : block.load(place + 4))
    }
    guard isSection || isCommon(field(block, place)), length >= Self.shortestBlock, length & 3 == 0,
      length <= Self.longestBlock, block.has(place + length)
    else { return nil }
    // The same word twice, in whichever order.
    return block.load(place + 4) == block.load(place + length - 4) ? length : nil
  }

  /// Interfaces, the three kinds of packets, names, statistics, a journal's entry, secrets, custom blocks.
  private func isCommon(_ type: UInt32) -> Bool {
    type >= 1 && type <= 6 || type == 9 || type == 10 || type == 0x0BAD || type == 0x4000_0BAD
  }
}
