/// The bytes that a segment's payload range is about.
public enum PayloadSource: Hashable, Sendable {
  /// The packet that was given to `decode`.
  case packet
  /// `PacketDecoder.joinedDatagram`, until the next call of `decode`.
  case joined
}
