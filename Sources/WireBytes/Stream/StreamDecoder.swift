/// The interface that every decoder of an ordered byte stream shares: one decoder per direction.
///
/// - It never throws and never traps on input. A broken rule is an anomaly that goes to the sink. After it the decoder
///   is back in step, or reports that it is not.
/// - How the bytes are split into calls must not matter: whole, byte by byte, or cut anywhere, the events are the same
///   (`verifySplitFeeding` in the tests checks it).
/// - Events reach the sink with borrowed payloads while `receive` runs; nothing is allocated for them.
///   docs/decisions/0002-sinks.md compares that with returning an array of events.
public protocol StreamDecoder: ~Copyable {
  /// What receives the events.
  associatedtype Sink

  /// Takes bytes in stream order; `position` is that of the first one.
  ///
  /// Returns how many bytes it consumed. It is fewer than offered only when the rest belongs to the next decoder: after a
  /// 101 response, the rest of the segment is frames.
  mutating func receive(_ bytes: Span<UInt8>, at position: StreamPosition, into sink: Sink) -> Int

  /// `lost` bytes of the stream, from `position` on, are not in the capture.
  mutating func skip(_ lost: UInt64, at position: StreamPosition, into sink: Sink)

  /// The stream ends here: what is unfinished is reported as such.
  mutating func finish(at position: StreamPosition, into sink: Sink)
}
