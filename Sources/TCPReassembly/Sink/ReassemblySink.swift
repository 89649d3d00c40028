import PacketLayers
import WireBytes

/// What takes the ordered bytes of every connection. `token` is what `opened` returned.
public protocol ReassemblySink: AnyObject {
  /// The first payload byte of a connection comes next. The token is the sink's own name for it.
  func opened(_ connection: ConnectionInfo) -> UInt32
  /// Bytes of the stream, in order, borrowed. `mark` says what was found out about them before they were queued; it is
  /// `.none` unless they are all of a segment's payload. Returns whether anything more of this connection is of interest.
  func received(
    _ bytes: Span<UInt8>, _ context: DeliveryContext, _ mark: PayloadMark, _ direction: FlowDirection,
    _ token: UInt32
  ) -> Bool
  /// Bytes of this direction come soon: the memory that they will touch can be prefetched.
  func prefetch(_ direction: FlowDirection, _ token: UInt32)
  /// Whether a session would be lost with the connection: others are dropped before it. Asked only when there are too
  /// many connections.
  func carriesSession(_ token: UInt32) -> Bool
  /// Whether missing bytes of this connection are waited for. If not, what comes before its turn is delivered at once, after
  /// `lost`, and takes no memory that others need. Asked only when bytes are missing.
  func waitsForMissingBytes(_ token: UInt32) -> Bool
  /// `bytes` of the stream are not in the capture.
  func lost(_ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition)
  /// The direction's FIN: no byte follows.
  func finished(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition)
  /// The connection is over. `by`: who sent the RST or the first FIN. `position`: of the packet that ended it;
  /// of the connection's last packet when none did.
  func closed(
    _ how: ConnectionEnd, by direction: FlowDirection?, _ token: UInt32, at position: StreamPosition)
  /// Something happened to bytes of a direction on their way; only when the reassembler observes transport. A note about
  /// bytes comes before the bytes if it is known by then.
  func noted(
    _ note: TransportNote, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition)
  /// The connection ends next: what is known about a direction. When transport is not observed, only of a direction whose
  /// bytes were repeated without an answer.
  func ending(_ ending: DirectionEnding, _ direction: FlowDirection, _ token: UInt32)
  /// A connection did not come about: a RST answered its SYN, or that was sent again because nothing did. Told each time; what is
  /// sent again counts from the SYN before it (`firstPacket`).
  func failed(_ connection: FailedConnection)
  /// `bytes` precede the first one of a connection whose SYN was not captured, but came after it: too late to be read.
  func cameBeforeStart(
    _ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  )
  /// A retransmission had other bytes than the first copy, which was used.
  func retransmissionConflict(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition)
}

extension ReassemblySink {
  /// Not every sink keeps much.
  public func prefetch(_ direction: FlowDirection, _ token: UInt32) {}
  /// To most sinks all connections are alike.
  public func carriesSession(_ token: UInt32) -> Bool { false }
  /// They are.
  public func waitsForMissingBytes(_ token: UInt32) -> Bool { true }
  /// Not every sink is interested.
  public func failed(_ connection: FailedConnection) {}
  /// Not every sink is interested.
  public func cameBeforeStart(
    _ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) {}
  /// Not every sink is interested.
  public func noted(
    _ note: TransportNote, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) {}
  /// Not every sink is interested.
  public func ending(_ ending: DirectionEnding, _ direction: FlowDirection, _ token: UInt32) {}
}
