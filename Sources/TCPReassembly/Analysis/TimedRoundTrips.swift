/// Round trips of one direction. Its histogram is in memory that no cache holds, so it is touched only once for a dozen of
/// them.
struct TimedRoundTrips {
  private var minimum = Int64.max
  private var maximum: Int64 = 0
  private var count: UInt32 = 0
  /// The histogram's row; -1 as long as none was needed.
  private var row: Int32 = -1
  private var waitingCount: UInt8 = 0
  /// The buckets of the last round trips, which are not in the histogram so far.
  private var waiting = InlineArray<15, UInt8>(repeating: 0)

  mutating func add(_ duration: Int64, _ histograms: inout RoundTripHistograms) {
    if duration < minimum { minimum = duration }
    if duration > maximum { maximum = duration }
    if count < .max { count &+= 1 }
    if Int(waitingCount) == waiting.count { move(&histograms) }
    waiting[Int(waitingCount)] = RoundTripHistograms.bucket(of: duration)
    waitingCount &+= 1
  }

  private mutating func move(_ histograms: inout RoundTripHistograms) {
    if row < 0 { row = histograms.make() }
    for index in 0..<Int(waitingCount) { histograms.add(waiting[index], to: row) }
    waitingCount = 0
  }

  /// Gives the histogram back; nothing was timed then.
  mutating func release(_ histograms: inout RoundTripHistograms) {
    if row >= 0 { histograms.free(row, touched) }
    self = TimedRoundTrips()
  }

  /// The buckets that may be in use.
  private var touched: ClosedRange<UInt8> {
    RoundTripHistograms.bucket(of: min(minimum, maximum))...RoundTripHistograms.bucket(of: maximum)
  }

  mutating func summary(_ histograms: inout RoundTripHistograms) -> RoundTrips {
    guard count > 0 else { return RoundTrips() }
    move(&histograms)
    var found = RoundTrips(count: UInt64(count), minimum: minimum, maximum: maximum)
    (found.median, found.percentile95) = histograms.quantiles(row, touched)
    found.median = min(max(found.median, minimum), maximum)
    found.percentile95 = min(max(found.percentile95, minimum), maximum)
    return found
  }
}
