/// Where something is in the capture: in its stream, in the file, in time. Every event carries one.
public struct StreamPosition: Sendable, Hashable {
  /// Bytes of the stream before this point; 0 for the first byte after the SYN, or the first one captured.
  public var offset: UInt64
  /// The packet that carried the byte, counted from 1 like Wireshark's `frame.number`.
  public var packet: UInt64
  /// When that packet was captured.
  public var time: CaptureTime

  /// A position from its three parts.
  @inlinable
  public init(offset: UInt64, packet: UInt64, time: CaptureTime) {
    self.offset = offset
    self.packet = packet
    self.time = time
  }

  /// The position `count` bytes further on in the same packet. Offsets wrap instead of trapping: no stream has 2⁶⁴ bytes,
  /// and an arithmetic error in a decoder must not end the run.
  @inlinable
  public func advanced(by count: Int) -> StreamPosition {
    StreamPosition(offset: offset &+ UInt64(truncatingIfNeeded: count), packet: packet, time: time)
  }
}
