import WebSocketDecoding
import WireBytes

/// What TCP did to a message: how it came to take so long.
public struct MessageTransport: Sendable, Equatable {
  /// The first byte's offset in its TCP direction.
  public var streamOffset: UInt64
  /// The packets that brought it, by their place in the capture: bytes may have come out of their order.
  public var firstPacket: UInt64
  /// The packet with which it was whole.
  public var lastPacket: UInt64
  /// Nanoseconds from one to the other.
  public var duration: Int64
  /// Bytes of its frames that came more than once until it was whole.
  public var retransmittedBytes: UInt64 = 0
  /// Bytes that came after bytes that follow them.
  public var lateBytes: UInt64 = 0
  /// Of these, those that came later than packets overtake each other. Inferred: the first copy was lost before it was
  /// captured, and they were sent again.
  public var presumedRetransmittedBytes: UInt64 = 0
  /// How long bytes of it waited behind a gap, in nanoseconds: head-of-line blocking.
  public var waited: Int64 = 0
  /// The receiver's window was zero when it was to be sent, or while it was.
  public var zeroWindow = false
  /// For how long, in nanoseconds; 0 as long as the window is closed.
  public var zeroWindowTime: Int64 = 0

  /// Something happened to it.
  @inlinable package var isRemarkable: Bool {
    retransmittedBytes > 0 || lateBytes > 0 || waited > 0 || zeroWindow
  }

  /// A message to which nothing happened.
  @inlinable @inline(__always)
  package init(_ message: borrowing Message) {
    let (first, last) = (message.first, message.last)
    streamOffset = first.offset
    firstPacket = min(first.packet, last.packet)
    lastPacket = max(first.packet, last.packet)
    duration = max(0, last.time.nanoseconds(since: first.time))
  }
}
