/// What an interface counted while the capture ran (draft-ietf-opsawg-pcapng §4.6).
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |                        block type = 5                         |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// |                           interface                           |
/// +---------------------------------------------------------------+
/// |                          time, high                           |
/// +---------------------------------------------------------------+
/// |                           time, low                           |
/// +---------------------------------------------------------------+
/// |                           options …                           |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// ```
struct InterfaceStatisticsBlock {
  static let type: UInt32 = 5
  /// Bytes of a block without options.
  static let shortest = 24

  let interface: UInt32
  /// Packets; nil when the block does not say.
  private(set) var received: UInt64?
  private(set) var droppedByInterface: UInt64?
  private(set) var droppedBySystem: UInt64?

  private enum Option {
    static let received: UInt16 = 4
    static let droppedByInterface: UInt16 = 5
    static let droppedBySystem: UInt16 = 7
  }

  init(_ body: PcapngBody) {
    interface = body.uint32(at: 8)
    var options = PcapngOptions(from: 20)
    while let option = options.next(in: body) {
      guard option.value.count >= 8 else { continue }
      let number = body.uint64(at: option.value.lowerBound)
      switch option.code {
      case Option.received: received = number
      case Option.droppedByInterface: droppedByInterface = number
      case Option.droppedBySystem: droppedBySystem = number
      default: break
      }
    }
  }
}
