/// The contents of a decryption secrets block.
public struct DecryptionSecrets: Sendable, Hashable {
  /// What the bytes are; 0x544C534B for a TLS key log (draft-ietf-opsawg-pcapng §4.7).
  public var kind: UInt32
  /// As in the file.
  public var bytes: [UInt8]

  /// The kind of a TLS key log in the format of NSS.
  public static let tlsKeyLog: UInt32 = 0x544C_534B
}
