/// The bytes that a payload's range refers to.
public enum PayloadSource: Hashable, Sendable {
  /// The packet that was given to `decode`.
  case packet
  /// `PacketDecoder.joinedDatagram`, valid until the next call of `decode` or `decodeNext`.
  case joined
}
