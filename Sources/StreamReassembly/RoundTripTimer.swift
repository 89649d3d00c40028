import BasicContainers
import CPrefetch
import PacketLayers
import WireBytes

/// Times segments until they are acknowledged: one at a time in each direction, and none that was sent twice (Karn and
/// Partridge 1987, RFC 6298 §3).
///
/// It stands beside the flow table, so that a run without it has nothing of it in its cache.
struct RoundTripTimer: ~Copyable {
  /// Two for each slot, by `FlowDirection`.
  private var clocks = UniqueArray<Clock>()
  private var histograms = RoundTripHistograms()

  /// One direction.
  struct Clock {
    /// The number behind the highest byte sent.
    var highest: UInt32 = 0
    /// The acknowledgment that the timed segment waits for.
    var end: UInt32 = 0
    var sent = CaptureTime(nanoseconds: 0)
    /// Negative without one.
    var ofHandshake: Int64 = -1
    /// Its row; -1 until something was timed.
    var histogram: Int32 = -1
    var isKnown = false
    var isRunning = false
    var isSyn = false
    /// Counts what was timed: see `isWanted`.
    var turn: UInt8 = 0

    /// The first 64 times of a direction, then each eighth: more would say no more, and every one touches memory that no
    /// cache holds.
    mutating func isWanted() -> Bool {
      turn = turn == 71 ? 64 : turn &+ 1
      return turn <= 64
    }
  }

  /// A connection begins.
  mutating func reset(_ slot: Int) {
    while clocks.count < 2 &* (slot &+ 1) { clocks.append(Clock()) }
    for index in 2 &* slot...2 &* slot &+ 1 {
      if clocks[index].histogram >= 0 { histograms.free(clocks[index].histogram) }
      clocks[index] = Clock()
    }
  }

  /// A connection is over, and what was timed of it was told: closed connections are many, and are remembered a while.
  mutating func release(_ slot: Int) {
    for index in 2 &* slot...2 &* slot &+ 1 where index < clocks.count {
      // What acknowledges its FIN times nothing any more.
      clocks[index].isRunning = false
      guard clocks[index].histogram >= 0 else { continue }
      histograms.free(clocks[index].histogram)
      clocks[index].histogram = -1
    }
  }

  /// Directions whose times are held.
  var held: Int { histograms.held }

  /// A segment may be timed, and may acknowledge one that is.
  @inline(never)
  mutating func take(
    _ segment: borrowing TCPSegment, _ count: Int, _ slot: Int, _ direction: FlowDirection,
    at time: CaptureTime
  ) {
    let own = 2 &* slot &+ direction.rawValue
    if segment.flags.contains(.rst) { return }
    var length = count &+ segment.cutBytes
    if !segment.flags.isDisjoint(with: [.syn, .fin]) { length &+= 1 }
    if length > 0 { clocks[own].sent(segment, length, at: time) }
    let other = own ^ 1
    guard clocks[other].isRunning, segment.flags.contains(.ack),
      sequenceDistance(segment.acknowledgment, from: clocks[other].end) >= 0
    else { return }
    clocks[other].isRunning = false
    let roundTrip = time.nanoseconds(since: clocks[other].sent)
    // Below 0 the packets stand out of order.
    guard roundTrip >= 0 else { return }
    if clocks[other].isSyn {
      clocks[other].ofHandshake = roundTrip
    } else if clocks[other].isWanted() {
      add(roundTrip, other)
    }
  }

  /// Asks for both clocks of a slot.
  @inline(__always)
  func prefetch(_ slot: Int) {
    guard 2 &* slot &+ 1 < clocks.count else { return }
    unsafe clocks.span.withUnsafeBufferPointer {
      let pair = unsafe UnsafeRawPointer($0.baseAddress.unsafelyUnwrapped + 2 &* slot)
      unsafe wstap_prefetch(pair)
      unsafe wstap_prefetch(pair + 63)
    }
  }

  private mutating func add(_ roundTrip: Int64, _ index: Int) {
    if clocks[index].histogram < 0 { clocks[index].histogram = histograms.make() }
    histograms.add(roundTrip, to: clocks[index].histogram)
  }

  /// The handshake's round trip of what `direction` sends.
  func ofHandshake(_ slot: Int, _ direction: FlowDirection) -> Int64? {
    let found = clocks[2 &* slot &+ direction.rawValue].ofHandshake
    return found >= 0 ? found : nil
  }

  /// What was timed of what `direction` sends.
  func summary(_ slot: Int, _ direction: FlowDirection) -> RoundTrips {
    let row = clocks[2 &* slot &+ direction.rawValue].histogram
    return row >= 0 ? histograms.summary(row) : RoundTrips()
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

  @inline(__always)
  private mutating func start(_ segment: TCPSegment, at time: CaptureTime) {
    (isRunning, isSyn) = (true, segment.flags.contains(.syn))
    (end, sent) = (highest, time)
  }
}

/// Durations of many directions, each by eighths of an octave from 64 ns to a minute: half a kilobyte, whatever comes.
struct RoundTripHistograms: ~Copyable {
  /// One row a direction. In one array, so that no row is ever copied.
  private var buckets = UniqueArray<UInt16>()
  private var rows = UniqueArray<Row>()
  private var freeRows: [Int32] = []

  struct Row {
    var count: UInt64 = 0
    /// In the buckets, which are halved when one is full.
    var held: UInt64 = 0
    var minimum = Int64.max
    var maximum: Int64 = 0
  }

  private static let width = 240

  /// Rows in use.
  var held: Int { rows.count &- freeRows.count }

  /// The number of an empty row.
  mutating func make() -> Int32 {
    if let free = freeRows.popLast() { return free }
    rows.append(Row())
    let empty = InlineArray<240, UInt16>(repeating: 0)
    buckets.append(copying: empty.span)
    return Int32(truncatingIfNeeded: rows.count &- 1)
  }

  mutating func free(_ row: Int32) {
    for bucket in touched(row) { buckets[Int(row) &* Self.width &+ bucket] = 0 }
    rows[Int(row)] = Row()
    freeRows.append(row)
  }

  /// The buckets of a row that may be in use.
  private func touched(_ row: Int32) -> ClosedRange<Int> {
    let known = rows[Int(row)]
    return Self.bucket(of: min(known.minimum, known.maximum))...Self.bucket(of: known.maximum)
  }

  private func places(_ row: Int32) -> Range<Int> { Int(row) &* Self.width..<(Int(row) &+ 1) &* Self.width }

  mutating func add(_ duration: Int64, to row: Int32) {
    let index = Int(row)
    rows[index].minimum = min(rows[index].minimum, duration)
    rows[index].maximum = max(rows[index].maximum, duration)
    rows[index].count &+= 1
    rows[index].held &+= 1
    let place = index &* Self.width &+ Self.bucket(of: duration)
    if buckets[place] == .max { halve(row) }
    buckets[place] &+= 1
  }

  /// What the buckets say of each other stays.
  private mutating func halve(_ row: Int32) {
    var held: UInt64 = 1
    for place in places(row) {
      buckets[place] /= 2
      held &+= UInt64(buckets[place])
    }
    rows[Int(row)].held = held
  }

  private static func bucket(of duration: Int64) -> Int {
    guard duration >= 64 else { return 0 }
    let exponent = 63 &- duration.leadingZeroBitCount
    let eighth = Int(truncatingIfNeeded: duration >> Int64(exponent &- 3)) & 7
    return min(width &- 1, (exponent &- 6) &* 8 &+ eighth)
  }

  /// The middle of a bucket.
  private static func value(of bucket: Int) -> Int64 {
    let width = Int64(8) << Int64(bucket / 8)
    return (8 + Int64(bucket % 8)) * width + width / 2
  }

  func summary(_ row: Int32) -> RoundTrips {
    let known = rows[Int(row)]
    var found = RoundTrips(count: known.count, minimum: known.minimum, maximum: known.maximum)
    // The nearest rank: the least value whose rank is not below the quantile's.
    let ranks = (max(1, (known.held &+ 1) / 2), max(1, (known.held &* 95 &+ 99) / 100))
    var seen: UInt64 = 0
    for bucket in touched(row) {
      let before = seen
      seen &+= UInt64(buckets[Int(row) &* Self.width &+ bucket])
      let value = min(max(Self.value(of: bucket), known.minimum), known.maximum)
      if before < ranks.0, seen >= ranks.0 { found.median = value }
      guard before < ranks.1, seen >= ranks.1 else { continue }
      found.percentile95 = value
      break
    }
    return found
  }
}
