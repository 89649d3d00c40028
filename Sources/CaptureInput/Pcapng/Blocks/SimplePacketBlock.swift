/// A packet of interface 0 without a time (draft-ietf-opsawg-pcapng §4.4).
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |                        block type = 3                         |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// |                        original bytes                         |
/// +---------------------------------------------------------------+
/// |              the packet, padded to 32 bits …                  |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// ```
struct SimplePacketBlock {
  static let type: UInt32 = 3
  /// Bytes of a block beside the packet.
  static let overhead = 16
  /// Where the packet begins.
  static let packetStart = 12

  let originalLength: Int
  let capturedLength: Int

  /// Reads the block of `total` bytes at the start of `block`, which must be whole. The number of captured bytes is not
  /// stored: it is the original length, limited by the snap length and by the block.
  init(_ block: borrowing InputBlock, total: Int, snapLength: UInt32, isSwapped: Bool) {
    originalLength = Int(block.load(8, isSwapped: isSwapped))
    let most = snapLength > 0 ? Int(snapLength) : .max
    capturedLength = min(originalLength, total - Self.overhead, most)
  }
}
