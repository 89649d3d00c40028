/// Durations, summed up in bounded memory: exact as long as there are few, by buckets of an eighth of an octave then.
public struct Distribution: Sendable {
  /// How many there were.
  public private(set) var count: UInt64 = 0
  /// The shortest, in nanoseconds.
  public private(set) var minimum: Int64 = 0
  /// The longest, in nanoseconds.
  public private(set) var maximum: Int64 = 0
  private var mean = 0.0
  /// The sum of squared differences from the mean (Welford 1962).
  private var squares = 0.0
  /// All values, in their order, as long as they are few.
  private var values: [Int64] = []
  private var buckets: [UInt32] = []

  private static let exactLimit = 64

  init() {}

  /// The mean, in nanoseconds.
  public var average: Int64 { Self.rounded(mean) }

  /// The standard deviation, in nanoseconds.
  public var deviation: Int64 { count < 2 ? 0 : Self.rounded((squares / Double(count - 1)).squareRoot()) }

  private static func rounded(_ value: Double) -> Int64 { Int64(exactly: value.rounded()) ?? .max }

  mutating func add(_ value: Int64) {
    // A clock may be set back while it captures.
    let value = max(0, value)
    minimum = count == 0 ? value : min(minimum, value)
    maximum = max(maximum, value)
    count &+= 1
    let difference = Double(value) - mean
    mean += difference / Double(count)
    squares += difference * (Double(value) - mean)
    if buckets.isEmpty {
      values.append(value)
      guard values.count > Self.exactLimit else { return }
      buckets = Array(repeating: 0, count: Self.bucket(of: .max) + 1)
      for value in values { buckets[Self.bucket(of: value)] &+= 1 }
      values = []
    } else {
      let bucket = Self.bucket(of: value)
      if buckets[bucket] < .max { buckets[bucket] &+= 1 }
    }
  }

  /// The value that this many in a thousand do not exceed; nil without values. From 65 values on it is within a
  /// sixteenth of the true one.
  public func quantile(perMille: UInt64) -> Int64? {
    guard count > 0 else { return nil }
    // The nearest rank: the least value whose rank is not below the quantile's.
    let rank = max(1, (count &* perMille &+ 999) / 1000)
    if buckets.isEmpty { return values.sorted()[Int(min(rank, count)) - 1] }
    var seen: UInt64 = 0
    for (index, entries) in buckets.enumerated() {
      seen &+= UInt64(entries)
      if seen >= rank { return min(max(Self.middle(of: index), minimum), maximum) }
    }
    return maximum
  }

  /// Values below 8 have a bucket each; above, the three bits after the highest one choose it.
  private static func bucket(of value: Int64) -> Int {
    guard value >= 8 else { return Int(value) }
    let exponent = 63 - value.leadingZeroBitCount
    return (exponent - 2) * 8 + Int(value >> Int64(exponent - 3)) - 8
  }

  private static func middle(of bucket: Int) -> Int64 {
    guard bucket >= 8 else { return Int64(bucket) }
    let exponent = bucket / 8 + 2
    let width = Int64(1) << Int64(exponent - 3)
    return (Int64(bucket % 8) + 8) * width + width / 2
  }
}
