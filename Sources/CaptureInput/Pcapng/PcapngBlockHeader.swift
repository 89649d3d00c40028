/// What every block begins and ends with (draft-ietf-opsawg-pcapng §3.1).
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |                          block type                           |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// |                 body, padded to 32 bits …                     |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// ```
struct PcapngBlockHeader {
  /// Bytes of type and first length.
  static let bytes = 8
  /// Bytes of a block without a body.
  static let shortestBlock = 12

  /// In bytes, with type and both lengths.
  let total: Int
  private let isSwapped: Bool

  /// Reads the length of the block at the start of `block`, of which `bytes` must be there.
  @inline(__always)
  init(_ block: borrowing InputBlock, isSwapped: Bool) {
    total = Int(block.load(4, isSwapped: isSwapped))
    self.isSwapped = isSwapped
  }

  /// Reads the whole block into memory. Throws when the length is not possible for such a block, or when the two lengths
  /// differ.
  @inline(__always)
  func requireWhole(
    _ block: inout InputBlock, atLeast shortest: Int, _ what: StaticString
  ) throws(RecordDamage) {
    guard total >= shortest, total & 3 == 0, total <= InputBlock.longestRecord else {
      throw badLength(block, what)
    }
    // Returns false only when nothing is left, and the header is.
    if block.count < total { _ = try block.fill(total, what) }
    guard Int(block.load(total &- 4, isSwapped: isSwapped)) == total else {
      throw differentLengths(block, what)
    }
  }

  /// Skips a block that is larger than is to be held in memory.
  func discard(_ block: inout InputBlock, _ what: StaticString) throws(RecordDamage) {
    guard total & 3 == 0 else { throw badLength(block, what) }
    try block.discard(total, what)
  }

  /// That the length is not possible for `what`.
  @inline(never)
  func badLength(_ block: borrowing InputBlock, _ what: StaticString) -> RecordDamage {
    RecordDamage(offset: block.offset, what: "\(what) claims a length of \(total) bytes")
  }

  @inline(never)
  private func differentLengths(_ block: borrowing InputBlock, _ what: StaticString) -> RecordDamage {
    RecordDamage(
      offset: block.offset,
      what: "\(what) claims \(total) bytes at its start and \(block.load(total - 4, isSwapped: isSwapped)) "
        + "at its end")
  }
}
