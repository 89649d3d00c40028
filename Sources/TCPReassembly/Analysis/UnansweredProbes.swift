/// Keep-alive probes (RFC 9293 §3.8.4) with which the packets of a connection ended: the receiver answered none of them.
public struct UnansweredProbes: Sendable, Equatable {
  /// How many.
  public var count: Int
  /// From the first to the last, in nanoseconds.
  public var time: Int64
  /// The packet of the last one.
  public var packet: UInt64 = 0
  /// How long no packet of the connection had come before the first one, in nanoseconds.
  public var quiet: Int64 = 0
}
