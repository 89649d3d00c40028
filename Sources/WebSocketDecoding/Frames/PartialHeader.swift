import WireBytes

/// The start of a frame header whose rest comes with a later call.
struct PartialHeader {
  private var bytes = InlineArray<14, UInt8>(repeating: 0)
  /// Bytes of it that are there.
  private(set) var count = 0
  /// Where it begins.
  private(set) var start = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))

  /// A header begins here.
  mutating func begin(at start: StreamPosition) { (self.start, count) = (start, 0) }

  /// Adds the next byte. Returns the header once it is complete.
  mutating func append(_ byte: UInt8) -> FrameHeader? {
    bytes[count] = byte
    count &+= 1
    return FrameHeader(parsing: bytes.span.extracting(0..<count))
  }
}
