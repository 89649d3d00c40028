import WireBytes

/// A connection that was asked for with a SYN, and did not come about.
public struct FailedConnection: Sendable, Hashable {
  /// The end that asked.
  public var initiator: Endpoint
  /// The end that was asked.
  public var responder: Endpoint
  /// How many SYNs it was asked with.
  public var syns: Int
  /// The packet of the first SYN.
  public var firstPacket: UInt64
  /// When that was captured.
  public var firstTime: CaptureTime
  /// The packet of the last SYN, or of the RST.
  public var lastPacket: UInt64
  /// When that was captured.
  public var lastTime: CaptureTime
  /// A RST answered; otherwise nothing did.
  public var isRefused: Bool

  /// A connection that failed, from its parts.
  public init(
    initiator: Endpoint, responder: Endpoint, syns: Int, firstPacket: UInt64, firstTime: CaptureTime,
    lastPacket: UInt64, lastTime: CaptureTime, isRefused: Bool
  ) {
    (self.initiator, self.responder, self.syns) = (initiator, responder, syns)
    (self.firstPacket, self.firstTime) = (firstPacket, firstTime)
    (self.lastPacket, self.lastTime, self.isRefused) = (lastPacket, lastTime, isRefused)
  }
}
