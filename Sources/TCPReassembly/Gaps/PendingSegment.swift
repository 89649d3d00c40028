import WireBytes

/// A segment, or what is new in it, that waits for bytes before it.
struct PendingSegment {
  /// The captured bytes. A snapshot length may have cut off more, which are part of what the segment covers.
  var bytes: [UInt8]
  /// The packet that carried it.
  var packet: UInt64
  /// When that packet was captured.
  var time: CaptureTime
  /// What the segment itself acknowledged of the other direction (`Delivery.peerAcknowledged`).
  var peerAcknowledged: UInt64?
}
