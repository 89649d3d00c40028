import PacketLayers
import WireBytes

/// A segment that was read ahead.
@usableFromInline
struct QueuedSegment {
  @usableFromInline var segment: TCPSegment
  @usableFromInline var lookup: FlowLookup
  @usableFromInline var time: CaptureTime
  @usableFromInline var number: UInt64
  /// Where its payload begins among those of its queue.
  @usableFromInline var payload: Int
  @usableFromInline var mark: PayloadMark
}
