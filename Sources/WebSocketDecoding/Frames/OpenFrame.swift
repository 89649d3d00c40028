import WireBytes

/// The frame whose payload is being read.
struct OpenFrame {
  private(set) var header = FrameHeader(empty: ())
  /// The first byte of its header.
  private(set) var start = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
  /// The last byte of it that was captured.
  var lastCaptured = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
  /// Payload bytes that are still to come.
  private(set) var payloadLeft: UInt64 = 0
  /// Payload bytes that are not in the capture.
  private(set) var missing: UInt64 = 0

  /// A frame begins with this header.
  mutating func begin(_ header: FrameHeader, at start: StreamPosition) {
    (self.header, self.start, payloadLeft, missing) = (header, start, header.payloadBytes, 0)
  }

  /// Takes payload bytes of it. Returns the masking key as it applies to the first of them; 0 if it is not masked.
  mutating func take(_ count: Int) -> UInt32 {
    let phase = header.payloadBytes &- payloadLeft
    payloadLeft &-= UInt64(count)
    return header.masked ? Masking.key(header.maskingKey, atPhase: phase) : 0
  }

  /// Bytes of the stream are missing here. Returns how many of them are its payload.
  mutating func skip(_ bytes: UInt64) -> UInt64 {
    let own = min(bytes, payloadLeft)
    missing &+= own
    payloadLeft &-= own
    return own
  }
}
