/// Which 8-byte blocks of a datagram have come. Fragments begin and end at block boundaries, except for the end of the
/// last one (RFC 791 §3.2).
struct FragmentBlocks {
  private var words: [UInt64] = []
  /// Blocks that have come.
  private(set) var count = 0

  /// Adds a block; false when it had come before.
  mutating func insert(_ block: Int) -> Bool {
    let (word, bit) = (block / 64, UInt64(1) << UInt64(block % 64))
    while words.count <= word { words.append(0) }
    guard words[word] & bit == 0 else { return false }
    words[word] |= bit
    count += 1
    return true
  }
}
