import WireBytes

/// Drives a stream decoder from raw bytes, so that a fuzzer chooses the calls as well as their bytes, and
/// finishes it. Returns the length of the stream, lost bytes included.
///
/// A byte says what comes next: 0–239 that so many bytes of the stream follow in a packet of their own (or as
/// many as are left), 240–247 that they follow in the same packet (a count byte stands before them), 248–251 that
/// as many bytes were lost as the next byte says, 252–255 that 2ⁿ were, n being that byte.
@discardableResult
public func drive<Decoder: StreamDecoder & ~Copyable>(
  _ decoder: inout Decoder, with bytes: Span<UInt8>, into sink: Decoder.Sink
) -> UInt64 {
  var (index, offset, packet) = (0, UInt64(0), UInt64(1))
  func position() -> StreamPosition {
    StreamPosition(
      offset: offset, packet: packet, time: CaptureTime(nanoseconds: Int64(truncatingIfNeeded: packet)))
  }
  feeding: while index < bytes.count {
    let command = bytes[index]
    index += 1
    var size = Int(command)
    if command >= 240 {
      guard index < bytes.count else { break }
      size = Int(bytes[index])
      index += 1
    } else {
      packet += 1
    }
    if command >= 248 {
      let lost = command < 252 ? UInt64(size) : 1 << UInt64(size & 63)
      decoder.skip(lost, at: position(), into: sink)
      offset &+= lost
    } else {
      let end = min(index + size, bytes.count)
      let taken = decoder.receive(bytes.extracting(index..<end), at: position(), into: sink)
      offset &+= UInt64(taken)
      if taken < end - index { break feeding }
      index = end
    }
  }
  decoder.finish(at: position(), into: sink)
  return offset
}
