import WireBytes

/// The start of a frame header whose rest comes with a later call.
struct PartialHeader {
  private var bytes = InlineArray<14, UInt8>(repeating: 0)
  /// Bytes of it that are there.
  private(set) var count = 0
  /// Where it begins.
  private(set) var start = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))

  /// Where the first byte that is of another packet is, if it is not in one packet.
  private var next: (index: Int, position: StreamPosition)?

  /// A header begins here.
  mutating func begin(at start: StreamPosition) { (self.start, count, next) = (start, 0, nil) }

  /// Adds the next byte, which is at `position`. Returns the header once it is complete.
  mutating func append(_ byte: UInt8, at position: StreamPosition) -> FrameHeader? {
    if next == nil, position.packet != start.packet { next = (count, position) }
    bytes[count] = byte
    count &+= 1
    return FrameHeader(parsing: bytes.span.extracting(0..<count))
  }

  /// The header of the masked Close frame that this begins, without its key and as long as it was captured; nil if it is something
  /// else, or that is not known.
  var ofMaskedClose: FrameHeader? {
    guard count >= 2, bytes[0] == 0x80 | Opcode.close.rawValue, bytes[1] & 0x80 != 0, bytes[1] & 0x7F <= 125,
      var header = FrameHeader(parsing: bytes.span)
    else { return nil }
    (header.maskingKey, header.headerBytes) = (0, UInt8(count))
    return header
  }

  /// Hands over its bytes, packet by packet; of a header in more than two packets all but the first of them count as one.
  func forEachPacket(_ body: (Span<UInt8>, StreamPosition) -> Void) {
    let split = next?.index ?? count
    body(bytes.span.extracting(0..<split), start)
    if let next { body(bytes.span.extracting(split..<count), next.position) }
  }
}
