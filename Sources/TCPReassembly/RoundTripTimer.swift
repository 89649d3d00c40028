import BasicContainers
import PacketLayers
import WireBytes

/// Times segments until they are acknowledged: one at a time in each direction, and none that was sent twice (Karn and
/// Partridge 1987, RFC 6298 §3).
///
/// It stands beside the flow table, so that a run without it has nothing of it in its cache.
struct RoundTripTimer: ~Copyable {
  /// A pair for each slot, by `FlowDirection`.
  private var clocks = AlignedSlab<InlineArray<2, Clock>>()
  /// The handshake's round trips, two for each slot; negative without one.
  private var ofHandshakes = UniqueArray<Int64>()
  private var histograms = RoundTripHistograms()

  /// One direction: 64 bytes, a line of memory.
  struct Clock {
    /// The number behind the highest byte sent.
    var highest: UInt32 = 0
    /// The acknowledgment that the timed segment waits for.
    var end: UInt32 = 0
    var sent = CaptureTime(nanoseconds: 0)
    var isKnown = false
    var isRunning = false
    var isSyn = false
    var times = TimedRoundTrips()
  }

  /// A connection begins.
  mutating func reset(_ slot: Int) {
    while clocks.count <= slot {
      clocks.append(InlineArray(repeating: Clock()))
      for _ in 0..<2 { ofHandshakes.append(-1) }
    }
    for index in 0..<2 {
      ofHandshakes[2 &* slot &+ index] = -1
      clocks[slot][index].times.release(&histograms)
      clocks[slot][index] = Clock()
    }
  }

  /// A connection is over, and what was timed of it was told: closed connections are many, and are remembered a while.
  mutating func release(_ slot: Int) {
    guard slot < clocks.count else { return }
    for index in 0..<2 {
      // What acknowledges its FIN times nothing any more.
      clocks[slot][index].isRunning = false
      clocks[slot][index].times.release(&histograms)
    }
  }

  /// Directions of which a histogram is held.
  var held: Int { histograms.held }

  /// A segment may be timed, and may acknowledge one that is.
  @inline(never)
  mutating func take(
    _ segment: borrowing TCPSegment, _ count: Int, _ slot: Int, _ direction: FlowDirection,
    at time: CaptureTime
  ) {
    if segment.flags.contains(.rst) { return }
    let own = direction.rawValue
    var length = count &+ segment.cutBytes
    if !segment.flags.isDisjoint(with: [.syn, .fin]) { length &+= 1 }
    if length > 0 { clocks[slot][own].sent(segment, length, at: time) }
    guard segment.flags.contains(.ack),
      let roundTrip = clocks[slot][own ^ 1].acknowledged(segment.acknowledgment, at: time)
    else { return }
    if clocks[slot][own ^ 1].isSyn {
      ofHandshakes[2 &* slot &+ (own ^ 1)] = roundTrip
    } else {
      clocks[slot][own ^ 1].times.add(roundTrip, &histograms)
    }
  }

  /// Asks for both clocks of a slot.
  @inline(__always)
  func prefetch(_ slot: Int) { clocks.prefetch(slot) }

  /// The handshake's round trip of what `direction` sends.
  func ofHandshake(_ slot: Int, _ direction: FlowDirection) -> Int64? {
    let found = ofHandshakes[2 &* slot &+ direction.rawValue]
    return found >= 0 ? found : nil
  }

  /// What was timed of what `direction` sends.
  mutating func summary(_ slot: Int, _ direction: FlowDirection) -> RoundTrips {
    clocks[slot][direction.rawValue].times.summary(&histograms)
  }
}

extension RoundTripTimer.Clock {
  @inline(__always)
  fileprivate mutating func sent(_ segment: TCPSegment, _ length: Int, at time: CaptureTime) {
    let stop = segment.sequence &+ UInt32(truncatingIfNeeded: length)
    guard isKnown else {
      (isKnown, highest) = (true, stop)
      return start(segment, at: time)
    }
    let ahead = sequenceDistance(segment.sequence, from: highest)
    if ahead == 0 {
      highest = stop
      if !isRunning { start(segment, at: time) }
    } else if ahead > 0 {
      // Bytes are missing before these: their acknowledgment waits for those.
      highest = stop
    } else {
      if sequenceDistance(stop, from: highest) > 0 { highest = stop }
      // Which copy the acknowledgment will be for, or what it had to wait for, cannot be known.
      if isRunning, sequenceDistance(segment.sequence, from: end) < 0 { isRunning = false }
    }
  }

  /// How long the segment that is timed took, if this acknowledges it.
  @inline(__always)
  fileprivate mutating func acknowledged(_ number: UInt32, at time: CaptureTime) -> Int64? {
    guard isRunning, sequenceDistance(number, from: end) >= 0 else { return nil }
    isRunning = false
    let roundTrip = time.nanoseconds(since: sent)
    // Below 0 the packets stand out of order.
    return roundTrip >= 0 ? roundTrip : nil
  }

  @inline(__always)
  private mutating func start(_ segment: TCPSegment, at time: CaptureTime) {
    (isRunning, isSyn) = (true, segment.flags.contains(.syn))
    (end, sent) = (highest, time)
  }
}

/// Round trips of one direction. Its histogram lies in memory that no cache holds, and is touched once for a dozen of them.
struct TimedRoundTrips {
  private var minimum = Int64.max
  private var maximum: Int64 = 0
  private var count: UInt32 = 0
  /// -1 as long as none was needed.
  private var row: Int32 = -1
  private var waitingCount: UInt8 = 0
  /// The buckets of the last ones.
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

/// Durations of many directions, each by eighths of an octave from 64 ns to a minute: half a kilobyte, whatever comes.
struct RoundTripHistograms: ~Copyable {
  /// One row a direction. In one array, so that no row is ever copied.
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

  /// What the buckets say of each other stays.
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
