import SessionAnalysis

extension Reconnect {
  /// `reconnect 3, 400 ms after the end of #4; it waited 100 ms, 200 ms, 400 ms: perhaps an exponential back-off, ×2.0`
  var phrase: String {
    let pattern = backoff.map { "; \($0.phrase(delays))" } ?? ""
    return "reconnect \(count), \(TimeSpan(delay).text) after the end of #\(after)\(pattern)"
  }
}

extension ReconnectBackoff {
  /// What a reconnecting client waited, and the pattern in it.
  fileprivate func phrase(_ delays: [Int64]) -> String {
    let waited = delays.suffix(5).map { TimeSpan($0).text }.joined(separator: ", ")
    let factor = factorHundredths.map { ", ×\($0 / 100).\($0 / 10 % 10)" } ?? ""
    let limit = limit.map { ", up to \(TimeSpan($0).text)" } ?? ""
    let more = delays.count > 5 ? "… " : ""
    return "it waited \(more)\(waited): perhaps \(noun)\(factor)\(limit)"
  }

  private var noun: String {
    switch shape {
    case .fixed: "a fixed pause"
    case .linear: "a linear back-off"
    case .exponential: "an exponential back-off"
    case .growing: "a growing back-off, with jitter"
    case .jittered: "a pause with jitter"
    }
  }
}
