/// What the end of a connection left open in one direction.
public struct UnconfirmedBytes: Sendable, Equatable {
  /// Sent, and not acknowledged by any packet of the capture.
  public var bytes: UInt64
  /// How often the first of them was sent once more.
  public var repetitions: Int
  /// From the first of these repetitions to the last, in nanoseconds.
  public var time: Int64
  /// The first of them: its offset in the stream.
  public var offset: UInt64 = 0
}
