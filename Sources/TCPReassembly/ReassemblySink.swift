import PacketLayers
import WireBytes

/// Which end of a TCP connection sent something. The initiator sent the SYN, or the first packet captured.
public enum FlowDirection: Int, Sendable {
  /// From the end that opened the connection.
  case fromInitiator
  /// From the end that accepted it.
  case fromResponder

  /// The other direction.
  @inlinable public var opposite: FlowDirection { self == .fromInitiator ? .fromResponder : .fromInitiator }
}

/// A connection when its first payload byte came.
public struct ConnectionInfo: Sendable {
  /// Counted from 0 in the order of first packets, as Wireshark's `tcp.stream`.
  public var stream: UInt64
  /// Who opened it.
  public var initiator: Endpoint
  /// Who accepted it.
  public var responder: Endpoint
  /// The SYN was captured, so that the stream starts with its first byte.
  public var sawStart: Bool
}

/// How a connection came to its end.
public enum ConnectionEnd: Sendable {
  /// Both sides sent a FIN.
  case fin
  /// A RST was sent.
  case rst
  /// A SYN began a new connection between the same ends; the end of this one is not in the capture.
  case replaced
  /// The capture ended first.
  case captureEnd
  /// It was idle for `ReassemblyLimits.idleTime`, or the limit on connections was reached.
  case gaveUp
}

/// What takes the ordered bytes of every connection. `token` is what `opened` returned.
public protocol ReassemblySink: AnyObject {
  /// The first payload byte of a connection comes next. The token is the sink's own name for it.
  func opened(_ connection: ConnectionInfo) -> UInt32
  /// Bytes of the stream, in order, borrowed. `mark` says what was found out about them before they were queued; it is
  /// `.none` unless they are all of a segment's payload. Returns whether anything more of this connection is of interest.
  func received(
    _ delivery: borrowing Delivery, _ mark: PayloadMark, _ direction: FlowDirection, _ token: UInt32
  ) -> Bool
  /// Bytes of this direction come soon: what they will touch can be asked for.
  func foresee(_ direction: FlowDirection, _ token: UInt32)
  /// Whether there is a session that would be lost with the connection: others are let go before it. Asked only when there
  /// are too many connections.
  func carriesSession(_ token: UInt32) -> Bool
  /// `bytes` of the stream are not in the capture.
  func lost(_ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition)
  /// The direction's FIN: no byte follows.
  func finished(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition)
  /// The connection is over. `by`: who sent the RST or the first FIN. `position`: of the packet that ended it;
  /// of the connection's last packet when none did.
  func closed(
    _ how: ConnectionEnd, by direction: FlowDirection?, _ token: UInt32, at position: StreamPosition)
  /// Something happened to bytes of a direction on their way; only when it was asked for. What concerns bytes comes before
  /// they are received if it is known then.
  func noted(
    _ note: TransportNote, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition)
  /// The connection ends next: what is known of a direction. Without notes only if it was repeated in vain.
  func ending(_ ending: DirectionEnding, _ direction: FlowDirection, _ token: UInt32)
  /// So many bytes stand before the first one of a connection whose SYN was not captured, and came behind it: too late to be
  /// read.
  func cameBeforeStart(
    _ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition)
  /// A retransmission had other bytes than the first copy, which was used.
  func retransmissionConflict(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition)
}

extension ReassemblySink {
  /// Not every sink keeps much.
  public func foresee(_ direction: FlowDirection, _ token: UInt32) {}
  /// To others all connections are alike.
  public func carriesSession(_ token: UInt32) -> Bool { false }
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

/// How much is kept for packets that are late or lost. Every default is in docs/supported.md.
public struct ReassemblyLimits: Sendable {
  /// Connections known at one time; beyond it one is let go that is worth little (`EvictionOrder`).
  public var connections = 200_000
  /// Bytes waiting behind a hole in one direction, segment overhead included.
  public var pendingPerDirection = 4 << 20
  /// The same for all connections together.
  public var pendingInAll = 32 << 20
  /// Segments waiting behind a hole in one direction.
  public var pendingSegments = 4096
  /// A connection without a packet for this long is let go: 2 hours, in nanoseconds.
  public var idleTime: Int64 = 7_200_000_000_000
  /// A closed connection is remembered at least this long, so that late packets do not look like a new one.
  public var lingerTime: Int64 = 60_000_000_000
  /// So many closed connections are remembered for longer, until there are others.
  public var remembered = 4096
  /// After the other side acknowledged bytes behind a hole, how many more segments of the connection may come
  /// before the hole counts as lost: packets are not always captured in the order in which they were sent.
  public var segmentsOfGrace = 32
  /// The same as a time, in nanoseconds.
  public var timeOfGrace: Int64 = 200_000_000
  /// The same where the receiver's packets are not in the capture, so that nothing is ever acknowledged.
  public var segmentsOfGraceOneSided = 512
  /// The same as a time, in nanoseconds: longer than a first retransmission takes (RFC 6298 §2.4: a second).
  public var timeOfGraceOneSided: Int64 = 1_500_000_000
  /// Of bytes that were sent twice and wait, the copy that counts.
  public var overlap = Overlap.first

  /// Which copy of bytes counts that were sent twice with different values.
  public enum Overlap: String, Sendable, CaseIterable {
    /// The one captured first.
    case first
    /// The one captured last, as long as the bytes wait behind a hole; what was delivered stays.
    case last
  }

  /// The defaults.
  public init() {}
}

/// What was seen and what was let go.
public struct ReassemblyCounts: Sendable {
  /// Connections, by Wireshark's way of counting.
  public var connections: UInt64 = 0
  /// Segments whose bytes had all been delivered before.
  public var retransmissions: UInt64 = 0
  /// Segments that came before their turn.
  public var outOfOrder: UInt64 = 0
  /// Segments so far ahead of what was acknowledged that they cannot belong to the stream; ignored.
  public var outOfWindow: UInt64 = 0
  /// Bytes from before the first one that was captured of a connection without a SYN, which came behind it; ignored.
  public var bytesBeforeStart: UInt64 = 0
  /// Segments that came after the end of their connection; ignored.
  public var afterEnd: UInt64 = 0
  /// Holes given up because a limit on waiting bytes was reached.
  public var holesOverLimit: UInt64 = 0
  /// Connections let go because of the limit or of idleness.
  public var connectionsGivenUp: UInt64 = 0
  /// Of these, those that were let go because of the limit.
  public var connectionsOverLimit: UInt64 = 0
  /// Keep-alive probes that carried a byte (RFC 9293 §3.8.4).
  public var keepAlives: UInt64 = 0
  /// Segments that stood in the capture a second time.
  public var capturedTwice: UInt64 = 0
  /// How often a receiver said that it has no room.
  public var zeroWindows: UInt64 = 0
  /// RST segments outside the window, ignored (RFC 9293 §3.10.7.4).
  public var invalidResets: UInt64 = 0

  /// Nothing seen.
  public init() {}
}
