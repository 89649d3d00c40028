/// What an enterprise defined for itself (draft-ietf-opsawg-pcapng §4.8). Skipped, as is every block of an unknown type.
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |               block type = 00000BAD or 40000BAD               |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// |                   private enterprise number                   |
/// +---------------------------------------------------------------+
/// |                         custom data …                         |
/// +---------------------------------------------------------------+
/// |                           options …                           |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// ```
enum CustomBlock {
  /// Whether it is one of the two types: a tool that rewrites the file may copy the first one and must not copy the other.
  static func isType(_ type: UInt32) -> Bool { type == 0x0000_0BAD || type == 0x4000_0BAD }
}
