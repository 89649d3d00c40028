/// Describes an interface of the section. Packets refer to it by its place among them (draft-ietf-opsawg-pcapng §4.2).
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |                        block type = 1                         |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +-------------------------------+-------------------------------+
/// |           link type           |           reserved            |
/// +-------------------------------+-------------------------------+
/// |                snap length, 0 for no limit                    |
/// +---------------------------------------------------------------+
/// |                           options …                           |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// ```
struct InterfaceDescriptionBlock {
  static let type: UInt32 = 1
  /// Bytes of a block without options.
  static let shortest = 20
  static let optionsStart = 16

  /// What its packets need.
  private(set) var interface = PcapngInterface()
  /// What reports show.
  private(set) var description: CaptureInterface

  private enum Option {
    static let name: UInt16 = 2
    static let description: UInt16 = 3
    static let timeResolution: UInt16 = 9
    static let timeOffset: UInt16 = 14
  }

  init(_ body: PcapngBody) {
    let linkType = Int32(body.uint16(at: 8))
    interface.linkType = linkType
    interface.snapLength = body.uint32(at: 12)
    description = CaptureInterface(linkType: linkType)
    // Microseconds, unless an option says otherwise.
    var resolution: UInt8 = 6
    var options = PcapngOptions(from: Self.optionsStart)
    while let option = options.next(in: body) {
      let (start, count) = (option.value.lowerBound, option.value.count)
      switch option.code {
      case Option.name: description.name = CaptureMetadata.text(body.bytes.extracting(option.value))
      case Option.description:
        description.description = CaptureMetadata.text(body.bytes.extracting(option.value))
      case Option.timeResolution where count >= 1: resolution = body.bytes[start]
      case Option.timeOffset where count >= 8: interface.offset = Int64(bitPattern: body.uint64(at: start))
      default: break
      }
    }
    interface.setResolution(resolution)
  }
}
