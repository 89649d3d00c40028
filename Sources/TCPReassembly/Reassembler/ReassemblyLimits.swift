/// How much is kept for packets that are late or lost. Every default is in docs/supported.md.
public struct ReassemblyLimits: Sendable {
  /// Connections known at one time; beyond it the one that is worth least is dropped (`EvictionOrder`).
  public var connections = 200_000
  /// Bytes waiting after a gap in one direction, with the overhead of their segments.
  public var pendingPerDirection = 4 << 20
  /// The same for all connections together.
  public var pendingInAll = 32 << 20
  /// Segments waiting after a gap in one direction.
  public var pendingSegments = 4096
  /// A connection without a packet for this long is dropped: 2 hours, in nanoseconds.
  public var idleTime: Int64 = 7_200_000_000_000
  /// A closed connection is remembered at least this long, so that late packets do not look like a new one.
  public var lingerTime: Int64 = 60_000_000_000
  /// This many closed connections are remembered for longer, until newer ones take their place.
  public var remembered = 4096
  /// After the other side acknowledged bytes that follow a gap, how many more segments of the connection may come
  /// before the gap counts as lost: packets are not always captured in the order in which they were sent.
  public var segmentsOfGrace = 32
  /// The same as a time, in nanoseconds.
  public var timeOfGrace: Int64 = 200_000_000
  /// The same where the receiver's packets are not in the capture, so that nothing is ever acknowledged.
  public var segmentsOfGraceOneSided = 512
  /// The same as a time, in nanoseconds: longer than a first retransmission takes (RFC 6298 §2.4: a second).
  public var timeOfGraceOneSided: Int64 = 1_500_000_000
  /// Which copy counts of bytes that were sent twice while they wait.
  public var overlap = Overlap.first

  /// Which copy counts of bytes that were sent twice with different values.
  public enum Overlap: String, Sendable, CaseIterable {
    /// The one captured first.
    case first
    /// The one captured last, as long as the bytes wait after a gap; what was delivered stays.
    case last
  }

  /// The defaults.
  public init() {}
}
