import WireBytes

/// Key material for packets that follow (draft-ietf-opsawg-pcapng §4.7).
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |                        block type = 10                        |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// |                         secrets type                          |
/// +---------------------------------------------------------------+
/// |                        secrets length                         |
/// +---------------------------------------------------------------+
/// |                secrets, padded to 32 bits …                   |
/// +---------------------------------------------------------------+
/// |                           options …                           |
/// +---------------------------------------------------------------+
/// |                         total length                          |
/// +---------------------------------------------------------------+
/// ```
struct DecryptionSecretsBlock {
  static let type: UInt32 = 10
  /// Bytes of a block without secrets.
  static let shortest = 20
  private static let secretsStart = 16

  let secrets: DecryptionSecrets

  /// Reads a block. A length beyond its end is limited to what is there.
  init(_ body: PcapngBody) {
    let length = min(Int(body.uint32(at: 12)), body.bytes.count - Self.secretsStart)
    secrets = DecryptionSecrets(
      kind: body.uint32(at: 8), bytes: body.bytes.window(at: Self.secretsStart, length: length).toArray())
  }
}
