import SessionAnalysis
import WireBytes

extension Heartbeat {
  /// `heartbeat: 12 × ping by the server every 25 s (± 1.2 ms), answered after 0.7 ms (95 %: 1.2 ms, longest 3.0 ms)`
  var phrase: String {
    var phrase = "heartbeat: \(count) × \(kind.name) by the \(side.name)"
    if intervals.count > 0 {
      phrase += " every \(TimeSpan(intervals.average).text)"
      // One interval has nothing to differ from.
      if intervals.count > 1 { phrase += " (± \(TimeSpan(intervals.deviation).text))" }
    }
    if let median = roundTrips.quantile(perMille: 500), let late = roundTrips.quantile(perMille: 950) {
      phrase += ", answered after \(TimeSpan(median).text) (95 %: \(TimeSpan(late).text), "
      phrase += "longest \(TimeSpan(roundTrips.maximum).text))"
    }
    if late > 0 { phrase += ", \(late) late" }
    if let unanswered, unanswered > 0 { phrase += ", \(unanswered) not answered" }
    return phrase
  }
}
