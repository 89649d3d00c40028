import WireBytes

/// Bytes of a stream were sent once more.
public struct Retransmission: Sendable {
  /// Who sent them.
  public var side: Side
  /// The packet that brought them again; the offset is that of the first of them.
  public var position: StreamPosition
  /// How many.
  public var bytes: UInt64
  /// The receiver had confirmed all of them.
  public var wasAcknowledged: Bool

  /// A retransmission from its parts.
  package init(side: Side, position: StreamPosition, bytes: UInt64, wasAcknowledged: Bool) {
    (self.side, self.position, self.bytes, self.wasAcknowledged) = (side, position, bytes, wasAcknowledged)
  }
}
