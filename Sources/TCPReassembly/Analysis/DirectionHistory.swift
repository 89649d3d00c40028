import WireBytes

/// What is kept of one direction of a connection (`RetransmissionHistory`): delivered bytes to compare copies with, what was
/// repeated, and a closed window.
struct DirectionHistory {
  /// The last bytes that were delivered since the history began.
  private(set) var delivered: [UInt8] = []
  /// The stream offset after them.
  private(set) var end: UInt64 = 0
  /// The bytes that were repeated last, while nobody had acknowledged them.
  private var repeated: UInt64?
  private(set) var repetitions = 0
  private var firstRepetition = CaptureTime(nanoseconds: 0)
  private var lastRepetition = CaptureTime(nanoseconds: 0)
  /// When and in which packet the receiver announced a window of zero, when it did so last, and the first byte that it had not
  /// acknowledged.
  var windowClosed: (time: CaptureTime, packet: UInt64, last: CaptureTime, offset: UInt64)?

  /// Keep-alive probes of this direction, between which no packet came.
  private var probes = (count: 0, first: CaptureTime(nanoseconds: 0), last: CaptureTime(nanoseconds: 0))
  private var lastProbe: UInt64 = 0
  private var quietBeforeProbes: Int64 = 0

  /// Delivered bytes that are kept; up to twice as many between two clearings.
  static let retainedBytes = 32 << 10

  /// Keeps the last of these bytes.
  mutating func retain(_ bytes: Span<UInt8>, at offset: UInt64) {
    if offset != end { delivered.removeAll(keepingCapacity: true) }
    end = offset &+ UInt64(bytes.count)
    if delivered.count + bytes.count > 2 * Self.retainedBytes {
      delivered.removeFirst(
        min(delivered.count, max(0, delivered.count + bytes.count - Self.retainedBytes)))
    }
    let most = min(bytes.count, Self.retainedBytes)
    // Without a copy between: the bytes are borrowed for the call.
    unsafe bytes.extracting(last: most).withUnsafeBufferPointer { unsafe delivered.append(contentsOf: $0) }
  }

  /// Whether those of `bytes` that are still kept are the same.
  func agrees(with bytes: Span<UInt8>, at offset: UInt64) -> Bool {
    let start = end &- UInt64(delivered.count)
    let from = max(start, offset)
    let to = min(end, offset &+ UInt64(bytes.count))
    guard from < to else { return true }
    let mine = bytes.extracting(Int(from - offset)..<Int(to - offset))
    return delivered.span.extracting(Int(from - start)..<Int(to - start)).hasSameBytes(as: mine)
  }

  /// Bytes that nobody acknowledged were sent again.
  mutating func noteRepetition(at offset: UInt64, _ time: CaptureTime) {
    if repeated != offset { (repeated, repetitions, firstRepetition) = (offset, 0, time) }
    repetitions += 1
    lastRepetition = time
  }

  /// How often the first of what is not acknowledged was sent again, and for how long that went on.
  func repetitions(at offset: UInt64) -> (count: Int, time: Int64) {
    repeated == offset ? (repetitions, lastRepetition.nanoseconds(since: firstRepetition)) : (0, 0)
  }

  /// A keep-alive probe came. `previous`: the packet of the connection before it.
  mutating func noteProbe(
    in packet: UInt64, at time: CaptureTime, previous: (packet: UInt64, time: CaptureTime)
  ) {
    if lastProbe == 0 || lastProbe != previous.packet {
      probes = (1, time, time)
      quietBeforeProbes = time.nanoseconds(since: previous.time)
    } else if time.nanoseconds(since: probes.last) >= Self.timeBetweenProbes {
      (probes.count, probes.last) = (probes.count &+ 1, time)
    }
    lastProbe = packet
  }

  /// One that comes sooner is the same probe, captured twice, in nanoseconds. Linux waits for a second at least.
  private static let timeBetweenProbes: Int64 = 10_000_000

  /// The probes since anything else came, if this is the connection's last packet before its end.
  func unansweredProbes(ifLast packet: UInt64) -> UnansweredProbes? {
    guard probes.count > 0, lastProbe == packet else { return nil }
    return UnansweredProbes(
      count: probes.count, time: probes.last.nanoseconds(since: probes.first), packet: packet,
      quiet: quietBeforeProbes)
  }

  /// When the last probe came.
  var timeOfLastProbe: CaptureTime? { probes.count > 0 ? probes.last : nil }
}
