/// A packet, as nearly all files have it (draft-ietf-opsawg-pcapng §4.3).
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |                        block type = 6                         |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// |                           interface                           |
/// +---------------------------------------------------------------+
/// |          time, high, in units that the interface sets         |
/// +---------------------------------------------------------------+
/// |                           time, low                           |
/// +---------------------------------------------------------------+
/// |                        captured bytes                         |
/// +---------------------------------------------------------------+
/// |                        original bytes                         |
/// +---------------------------------------------------------------+
/// |              the packet, padded to 32 bits …                  |
/// +---------------------------------------------------------------+
/// |                           options …                           |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// ```
struct EnhancedPacketBlock {
  static let type: UInt32 = 6
  /// Bytes of a block beside the packet and its options.
  static let overhead = 32
  /// Where the packet begins.
  static let packetStart = 28

  let interface: UInt32
  /// In units of the interface's resolution.
  let time: UInt64
  let capturedLength: Int
  let originalLength: Int

  /// Reads the block at the start of `block`, which must be whole.
  @inline(__always)
  init(_ block: borrowing InputBlock, isSwapped: Bool) {
    self.init(block, isSwapped: isSwapped, interface: block.load(8, isSwapped: isSwapped))
  }

  /// Reads a block that differs only in how it names the interface.
  @inline(__always)
  init(_ block: borrowing InputBlock, isSwapped: Bool, interface: UInt32) {
    self.interface = interface
    time = UInt64(block.load(12, isSwapped: isSwapped)) << 32 | UInt64(block.load(16, isSwapped: isSwapped))
    capturedLength = Int(block.load(20, isSwapped: isSwapped))
    originalLength = Int(block.load(24, isSwapped: isSwapped))
  }

  /// Where options begin, if there are any.
  @inline(__always)
  var optionsStart: Int { Self.packetStart &+ ((capturedLength &+ 3) & ~3) }
}
