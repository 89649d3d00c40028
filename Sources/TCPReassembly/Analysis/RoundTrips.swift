/// Round trips, summed up.
public struct RoundTrips: Sendable, Equatable {
  /// How many were timed.
  public var count: UInt64 = 0
  /// The shortest, in nanoseconds.
  public var minimum: Int64 = 0
  /// The longest.
  public var maximum: Int64 = 0
  /// Half of them are not longer; within a sixteenth.
  public var median: Int64 = 0
  /// 95 of a hundred are not longer; within a sixteenth.
  public var percentile95: Int64 = 0
}
