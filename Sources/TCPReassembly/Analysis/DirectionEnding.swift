import WireBytes

/// What is known about a direction when its connection ends.
public struct DirectionEnding: Sendable {
  /// Sent, and not acknowledged; nil when everything was.
  public var unconfirmed: UnconfirmedBytes?
  /// The receiver's window was zero then; nil if it was open.
  public var closedWindow: ClosedWindow?
  /// Keep-alive probes after which nothing came from the receiver; nil without any.
  public var unansweredProbes: UnansweredProbes?
  /// When the last keep-alive probe of its sender came, answered or not; nil without any.
  public var lastProbe: CaptureTime?
  /// From the point of capture to the end that receives this direction and back, in nanoseconds: from a SYN to its
  /// acknowledgment; nil when they were not captured, or sent twice.
  public var handshakeRoundTrip: Int64?
  /// The same of bytes and their acknowledgments.
  public var roundTrips: RoundTrips
}
