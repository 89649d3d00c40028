/// The pattern in the pauses of a client that comes back again and again. Inferred: a client does not say it.
public struct ReconnectBackoff: Sendable, Hashable {
  /// How the pauses follow each other.
  public enum Shape: String, Sendable {
    /// Always about the same.
    case fixed
    /// Each longer than the one before by the same time.
    case linear
    /// Each longer by the same factor, mostly 2; perhaps up to a longest one.
    case exponential
    /// Growing, but not evenly: a back-off with chance in it, or too little of one to tell which.
    case growing
    /// Neither alike nor growing: chance within fixed bounds.
    case jittered
  }

  /// Which pattern.
  public let shape: Shape
  /// Of an exponential one, how many times as long as the one before a pause is, in hundredths.
  public let factorHundredths: Int64?
  /// The longest pause, where later ones stay at it.
  public let limit: Int64?

  /// Pauses that make a pattern.
  static let least = 3

  /// The pattern of pauses in their order, in nanoseconds; nil of fewer than three, and of pauses too short to be meant.
  init?(_ pauses: [Int64]) {
    guard pauses.count >= Self.least, let longest = pauses.max(), longest >= Self.shortest else { return nil }
    let values = pauses.map { Double(max($0, 1)) }
    if Self.areAlike(values) {
      (shape, factorHundredths, limit) = (.fixed, nil, nil)
      return
    }
    // What stays at the longest one is the limit of a growth.
    let plateau = values.reversed().prefix { $0 >= 0.9 * Double(longest) && $0 <= 1.1 * Double(longest) }
      .count
    let isLimited = plateau >= 2 && values.count - plateau >= 2
    // The last step before a limit is cut by it.
    let rising = isLimited ? Array(values.dropLast(plateau)) : values
    let limit = isLimited ? longest : nil
    let ratios = zip(rising.dropFirst(), rising).map { $0 / $1 }
    let steps = zip(rising.dropFirst(), rising).map { $0 - $1 }
    if let mean = Self.mean(steps), mean > 0.1 * rising[0], steps.count >= 2,
      steps.allSatisfy({ Self.isNear($0, mean) })
    {
      (shape, factorHundredths, self.limit) = (.linear, nil, limit)
    } else if let mean = Self.mean(ratios), mean >= 1.2, ratios.count >= 2,
      ratios.allSatisfy({ Self.isNear($0, mean) })
    {
      (shape, factorHundredths, self.limit) = (.exponential, Int64((mean * 100).rounded()), limit)
    } else {
      (shape, factorHundredths, self.limit) = (Self.grows(values) ? .growing : .jittered, nil, nil)
    }
  }

  /// Half a tenth of a second is what a computer and a network take anyway.
  private static let shortest: Int64 = 50_000_000

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  private static func isNear(_ value: Double, _ mean: Double) -> Bool {
    abs(value - mean) <= 0.15 * abs(mean)
  }

  private static func areAlike(_ values: [Double]) -> Bool {
    guard let mean = mean(values) else { return false }
    return values.allSatisfy { abs($0 - mean) <= max(0.1 * mean, 20_000_000) }
  }

  /// Whether the later half is longer than the earlier one, and the last ones longer than the first.
  private static func grows(_ values: [Double]) -> Bool {
    let half = values.count / 2
    guard let early = mean(Array(values.prefix(half))), let late = mean(Array(values.suffix(half))) else {
      return false
    }
    return late >= 1.8 * early
  }
}
