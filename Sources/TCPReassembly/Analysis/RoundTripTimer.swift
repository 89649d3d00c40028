import BasicContainers
import PacketLayers
import WireBytes

/// Times segments until they are acknowledged: one at a time in each direction, and none that was sent twice (Karn and
/// Partridge 1987, RFC 6298 §3).
///
/// It is kept apart from the flow table, so that a run without it has nothing of it in its cache.
struct RoundTripTimer: ~Copyable {
  /// A pair for each slot, by `FlowDirection`.
  private var clocks = AlignedSlab<InlineArray<2, Clock>>()
  /// The handshake's round trips, two for each slot; negative when not measured.
  private var ofHandshakes = UniqueArray<Int64>()
  private var histograms = RoundTripHistograms()

  /// One direction: 64 bytes, a line of memory.
  struct Clock {
    /// The sequence number after the highest byte sent.
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

  /// A connection is over, and its times were reported. Closed connections are many and are remembered for a while, so
  /// they keep no histograms.
  mutating func release(_ slot: Int) {
    guard slot < clocks.count else { return }
    for index in 0..<2 {
      // The acknowledgment of its FIN times nothing any more.
      clocks[slot][index].isRunning = false
      clocks[slot][index].times.release(&histograms)
    }
  }

  /// How many directions hold a histogram.
  var held: Int { histograms.held }

  /// Takes a segment with `count` captured payload bytes: it may be timed, and may acknowledge one that is.
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

  /// Prefetches both clocks of a slot.
  @inline(__always)
  func prefetch(_ slot: Int) { clocks.prefetch(slot) }

  /// The round trip of the SYN that `direction` sent, in nanoseconds.
  func ofHandshake(_ slot: Int, _ direction: FlowDirection) -> Int64? {
    let found = ofHandshakes[2 &* slot &+ direction.rawValue]
    return found >= 0 ? found : nil
  }

  /// The round trips of the segments that `direction` sent.
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
    // Below 0 the packets are out of order.
    return roundTrip >= 0 ? roundTrip : nil
  }

  @inline(__always)
  private mutating func start(_ segment: TCPSegment, at time: CaptureTime) {
    (isRunning, isSyn) = (true, segment.flags.contains(.syn))
    (end, sent) = (highest, time)
  }
}
