/// Finds the place where blocks begin again after damage.
///
/// A block has its length twice and a type out of few. Two plausible blocks one after the other, or one at the end of
/// the file, are believed; so is a section header.
struct PcapngResynchronization {
  /// The byte order of the current section.
  let isSwapped: Bool

  /// Longer blocks are too rare to look for.
  private static let longestBlock = 1 << 20

  /// Moves `block` to the first place from `next` on where blocks seem to begin; false without such a place.
  func findBlocks(in block: inout InputBlock) -> Bool {
    var place = 0
    while block.has(place + PcapngBlockHeader.shortestBlock) {
      if let length = plausibleBlock(&block, at: place), isFollowed(&block, from: place, length) {
        block.consume(place)
        return true
      }
      place += 1
      // What was searched need not be held.
      if place == InputBlock.blockBytes {
        block.consume(place)
        place = 0
      }
    }
    return false
  }

  /// Bytes from `next` to the first place from `shortest` on where blocks seem to begin; nil if there is none soon. All blocks have a length
  /// that is a multiple of four.
  func nextBlock(after shortest: Int, in block: inout InputBlock) -> Int? {
    var place = shortest
    while place < Self.searched, block.has(place + PcapngBlockHeader.shortestBlock) {
      if let length = plausibleBlock(&block, at: place), isFollowed(&block, from: place, length) {
        return place
      }
      place += 4
    }
    return nil
  }

  /// Whether blocks follow each other soon after the header of the block at `next`, where nothing but its contents should be. A
  /// chain of so many is no accident.
  func findsChain(in block: inout InputBlock) -> Bool {
    var place = PcapngBlockHeader.bytes
    while place < Self.searched, block.has(place + PcapngBlockHeader.shortestBlock) {
      var (end, links) = (place, 0)
      while links < Self.chainLength, block.has(end + PcapngBlockHeader.shortestBlock),
        let length = plausibleBlock(&block, at: end)
      {
        (end, links) = (end + length, links + 1)
      }
      if links == Self.chainLength { return true }
      // All blocks have a length that is a multiple of four.
      place += 4
    }
    return false
  }

  private static let chainLength = 4
  /// Bytes in which a chain must begin: few blocks of these types are longer.
  private static let searched = 64 << 10

  private func isFollowed(_ block: inout InputBlock, from place: Int, _ length: Int) -> Bool {
    if block.load(place) == SectionHeaderBlock.type { return true }
    let end = place + length
    guard block.has(end + PcapngBlockHeader.shortestBlock) else { return end == block.count }
    return plausibleBlock(&block, at: end) != nil
  }

  /// The length of what may be a block; nil when it cannot be one.
  private func plausibleBlock(_ block: inout InputBlock, at place: Int) -> Int? {
    let isSection = block.load(place) == SectionHeaderBlock.type
    var isSwapped = isSwapped
    if isSection {
      guard let other = SectionHeaderBlock.isSwapped(magic: block.load(place + 8)) else { return nil }
      isSwapped = other
    }
    let length = Int(block.load(place + 4, isSwapped: isSwapped))
    guard isSection || PcapngBlockType.isCommon(block.load(place, isSwapped: isSwapped)),
      length >= PcapngBlockHeader.shortestBlock, length & 3 == 0, length <= Self.longestBlock,
      block.has(place + length)
    else { return nil }
    // The two lengths are the same word in either byte order.
    return block.load(place + 4) == block.load(place + length - 4) ? length : nil
  }
}
