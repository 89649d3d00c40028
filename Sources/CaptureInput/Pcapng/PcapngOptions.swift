/// The options at the end of a block (draft-ietf-opsawg-pcapng §3.5), as ranges of its bytes. A malformed list ends at
/// its first bad option; the block itself is still good, because its own length says where it ends.
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------------------------------+-------------------------------+
/// |             code              |            length             |
/// +-------------------------------+-------------------------------+
/// |                 value, padded to 32 bits …                    |
/// +---------------------------------------------------------------+
/// ```
struct PcapngOptions {
  struct Option {
    let code: UInt16
    let value: Range<Int>
  }

  /// A person's comment; the same code in every block. All other codes differ from block type to block type.
  static let comment: UInt16 = 1
  private static let end: UInt16 = 0

  private var offset: Int

  /// The options from `start` on.
  init(from start: Int) { offset = start }

  /// The next option; nil at the end of the list.
  mutating func next(in body: PcapngBody) -> Option? {
    guard offset + 4 <= body.bytes.count else { return nil }
    let (code, length) = (body.uint16(at: offset), Int(body.uint16(at: offset + 2)))
    let value = offset + 4..<offset + 4 + length
    guard code != Self.end, value.upperBound <= body.bytes.count else { return nil }
    offset = (value.upperBound + 3) & ~3
    return Option(code: code, value: value)
  }
}
