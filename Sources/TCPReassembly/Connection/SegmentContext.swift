import WireBytes

/// What is known about a segment beside what is written in it.
struct SegmentContext {
  var direction: FlowDirection
  /// The packet that carried it.
  var packet: UInt64
  /// When that packet was captured.
  var time: CaptureTime
  /// The connection's previous packet; 0 when it has none.
  var previousPacket: UInt64 = 0
  /// When the connection's previous packet was captured.
  var previousTime = CaptureTime(nanoseconds: .min)
  /// What the segment acknowledges of the other direction, as an offset of that stream; nil when it has no ACK, or no
  /// sequence number of that direction is known.
  var peerAcknowledged: UInt64?
  /// The round trip of this direction's SYN, in nanoseconds; nil when it is not known or not timed.
  var handshakeRoundTrip: Int64?

  /// The same packet, seen from the other direction.
  var ofPeer: SegmentContext {
    SegmentContext(
      direction: direction.opposite, packet: packet, time: time, previousPacket: previousPacket,
      previousTime: previousTime)
  }

  /// The place of a stream offset, in the packet at hand.
  func position(_ offset: UInt64) -> StreamPosition {
    StreamPosition(offset: offset, packet: packet, time: time)
  }
}
