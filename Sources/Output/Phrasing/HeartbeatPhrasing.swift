import SessionAnalysis
import WireBytes

extension Heartbeat {
  /// In nanoseconds.
  private static let leastDeviation: Int64 = 100_000

  /// `heartbeat: 12 × ping by the server every 25 s (± 1.2 ms), answered after 0.7 ms (95 %: 1.2 ms, longest 3.0 ms)`
  var phrase: String {
    var phrase = "heartbeat: \(count) × \(kind.label) by the \(side.name)"
    if intervals.count > 0 {
      phrase += " every \(TimeSpan(intervals.average).text)"
      // One interval has nothing to differ from, and a timer is not better than this.
      if intervals.count > 1, intervals.deviation >= Self.leastDeviation {
        phrase += " (± \(TimeSpan(intervals.deviation).text))"
      }
    }
    if let median = roundTrips.quantile(perMille: 500) {
      phrase += ", answered after \(TimeSpan(median).text)\(roundTrips.spread(withShortest: false))"
    }
    if mistaken > 0 { phrase += ", \(mistaken) answered with another payload" }
    if late > 0 { phrase += ", \(late) late" }
    if let unanswered, unanswered > 0 { phrase += ", \(unanswered) not answered" }
    return phrase
  }
}
