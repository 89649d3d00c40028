/// A decryption secrets block.
public struct DecryptionSecrets: Sendable, Hashable {
  /// What the bytes are; 0x544C534B for a TLS key log.
  public var kind: UInt32
  /// As they stand in the file.
  public var bytes: [UInt8]

  /// The kind of a TLS key log, as NSS writes it.
  public static let tlsKeyLog: UInt32 = 0x544C_534B
}
