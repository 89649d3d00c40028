import BasicContainers

/// Durations of many directions, each in buckets of an eighth of an octave from 64 ns to a minute: half a kilobyte for each
/// direction, however many durations there are.
struct RoundTripHistograms: ~Copyable {
  /// One row for each direction, all in one array, so that no row is ever copied.
  private var buckets = UniqueArray<UInt16>()
  private var freeRows: [Int32] = []

  private static let width = 240

  /// Rows in use.
  var held: Int { buckets.count / Self.width &- freeRows.count }

  /// The number of an empty row.
  mutating func make() -> Int32 {
    if let free = freeRows.popLast() { return free }
    let empty = InlineArray<240, UInt16>(repeating: 0)
    buckets.append(copying: empty.span)
    return Int32(truncatingIfNeeded: buckets.count / Self.width &- 1)
  }

  /// Takes a row back, of which these buckets may be in use.
  mutating func free(_ row: Int32, _ touched: ClosedRange<UInt8>) {
    for bucket in touched { buckets[place(row, bucket)] = 0 }
    freeRows.append(row)
  }

  mutating func add(_ bucket: UInt8, to row: Int32) {
    let place = place(row, bucket)
    if buckets[place] == .max { halve(row) }
    buckets[place] &+= 1
  }

  /// The proportions of the buckets stay.
  private mutating func halve(_ row: Int32) {
    for place in place(row, 0)..<place(row, 0) &+ Self.width { buckets[place] /= 2 }
  }

  private func place(_ row: Int32, _ bucket: UInt8) -> Int { Int(row) &* Self.width &+ Int(bucket) }

  static func bucket(of duration: Int64) -> UInt8 {
    guard duration >= 64 else { return 0 }
    let exponent = 63 &- duration.leadingZeroBitCount
    let eighth = Int(truncatingIfNeeded: duration >> Int64(exponent &- 3)) & 7
    return UInt8(truncatingIfNeeded: min(width &- 1, (exponent &- 6) &* 8 &+ eighth))
  }

  /// The middle of a bucket.
  private static func value(of bucket: UInt8) -> Int64 {
    let width = Int64(8) << Int64(bucket / 8)
    return (8 + Int64(bucket % 8)) * width + width / 2
  }

  /// The middles of the buckets that the median and the 95th percentile are in.
  func quantiles(_ row: Int32, _ touched: ClosedRange<UInt8>) -> (median: Int64, percentile95: Int64) {
    var held: UInt64 = 0
    for bucket in touched { held &+= UInt64(buckets[place(row, bucket)]) }
    // The nearest rank: the least value whose rank is not below the quantile's.
    let (half, most) = (max(1, (held &+ 1) / 2), max(1, (held &* 95 &+ 99) / 100))
    var median: Int64?
    var seen: UInt64 = 0
    for bucket in touched {
      seen &+= UInt64(buckets[place(row, bucket)])
      if seen >= half, median == nil { median = Self.value(of: bucket) }
      if seen >= most { return (median ?? 0, Self.value(of: bucket)) }
    }
    return (0, 0)
  }
}
