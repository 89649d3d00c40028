import SessionAnalysis
import WireBytes

extension Distribution {
  /// Of fewer values the 95th percentile is the longest one.
  private static let percentileLimit: UInt64 = 20

  /// How far the values are apart, to follow their median: ` (shortest 300 µs, 95 %: 1.2 ms, longest 2.0 ms)`. Nothing if there is
  /// only one.
  func spread(withShortest: Bool) -> String {
    guard count > 1 else { return "" }
    var parts = withShortest ? ["shortest \(TimeSpan(minimum).text)"] : []
    if count >= Self.percentileLimit, let late = quantile(perMille: 950) {
      parts.append("95 %: \(TimeSpan(late).text)")
    }
    parts.append("longest \(TimeSpan(maximum).text)")
    return " (\(parts.joined(separator: ", ")))"
  }
}
