/// The interface that every decoder of an ordered byte stream shares: one decoder per direction.
///
/// - It never throws and never traps on input. A broken rule is an anomaly that goes to the sink; then the
///   decoder is back in step or says that it is lost.
/// - How the bytes are cut into calls must not matter: whole, byte by byte, or cut anywhere gives the same
///   events (`verifySplitFeeding` in the tests proves it).
/// - Events reach the sink with borrowed payloads while `receive` runs; nothing is allocated for them.
///   Measured against returning an array of events: docs/decisions/0002-sinks.md.
public protocol StreamDecoder: ~Copyable {
  /// What takes the events.
  associatedtype Sink

  /// Takes bytes in stream order; `position` is that of the first one.
  ///
  /// Returns how many bytes were taken: fewer than offered only to hand the rest over to the next decoder
  /// (after a 101, the rest of the segment is frames).
  mutating func receive(_ bytes: Span<UInt8>, at position: StreamPosition, into sink: Sink) -> Int

  /// `lost` bytes of the stream, from `position` on, are not in the capture.
  mutating func skip(_ lost: UInt64, at position: StreamPosition, into sink: Sink)

  /// The stream ends here: what is unfinished is reported as such.
  mutating func finish(at position: StreamPosition, into sink: Sink)
}
