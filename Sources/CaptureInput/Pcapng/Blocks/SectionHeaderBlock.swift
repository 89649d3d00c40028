/// Begins a section, which has a byte order and interfaces of its own (draft-ietf-opsawg-pcapng §4.1).
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |                    block type = 0A0D0D0A                      |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// |                  byte-order magic = 1A2B3C4D                  |
/// +-------------------------------+-------------------------------+
/// |         major version         |         minor version         |
/// +-------------------------------+-------------------------------+
/// |                                                               |
/// |             section length, −1 when it is unknown             |
/// |                                                               |
/// +---------------------------------------------------------------+
/// |                           options …                           |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// ```
/// The section length is not needed: the next section header ends the section, and some writers get the length wrong.
struct SectionHeaderBlock {
  /// The same number in both byte orders.
  static let type: UInt32 = 0x0A0D_0D0A
  /// Bytes of a block without options.
  static let shortest = 28
  static let optionsStart = 24

  let majorVersion: UInt16

  init(_ body: PcapngBody) { majorVersion = body.uint16(at: 12) }

  /// Whether a section is in the other byte order than this machine's, by its byte-order magic; nil when `word` is not
  /// one.
  static func isSwapped(magic word: UInt32) -> Bool? {
    switch word {
    case 0x1A2B_3C4D: false
    case 0x4D3C_2B1A: true
    default: nil
    }
  }
}
