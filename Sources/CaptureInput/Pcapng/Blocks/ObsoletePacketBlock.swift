/// A packet as files had it before the enhanced packet block (draft-ietf-opsawg-pcapng, appendix A).
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |                        block type = 2                         |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +-------------------------------+-------------------------------+
/// |           interface           |         drops counted         |
/// +-------------------------------+-------------------------------+
/// |          time and all else as in the enhanced block …         |
/// +---------------------------------------------------------------+
/// ```
struct ObsoletePacketBlock {
  static let type: UInt32 = 2

  /// The enhanced packet block with the same contents.
  let enhanced: EnhancedPacketBlock

  /// Reads the block at the start of `block`, which must be whole.
  init(_ block: borrowing InputBlock, isSwapped: Bool) {
    let word = block.load(8, isSwapped: isSwapped)
    // Two fields of 16 bits: the first one is the upper half of a big-endian word, the lower half of another.
    enhanced = EnhancedPacketBlock(
      block, isSwapped: isSwapped, interface: isSwapped ? word >> 16 : word & 0xFFFF)
  }
}
