import PacketLayers
import WireBytes

/// What is kept of a connection in which something was sent twice, came out of order, or had to wait for room.
///
/// Connections without such things, nearly all, have none.
final class Trouble {
  /// One direction.
  struct Half {
    /// The last bytes that were delivered since the trouble began, to compare copies with.
    private(set) var delivered: [UInt8] = []
    /// The stream offset behind them.
    private(set) var end: UInt64 = 0
    /// The bytes that were sent again last, while nobody had confirmed them.
    private var repeated: UInt64?
    private(set) var repetitions = 0
    private var firstRepetition = CaptureTime(nanoseconds: 0)
    private var lastRepetition = CaptureTime(nanoseconds: 0)
    /// When the receiver said that it has no room, and the first byte that it had not confirmed.
    var windowClosed: (time: CaptureTime, offset: UInt64)?
  }

  private var halves: InlineArray<2, Half> = [Half(), Half()]
  /// Delivered bytes are kept.
  var isRetaining = false

  subscript(direction: FlowDirection) -> Half {
    _read { yield halves[direction.rawValue] }
    _modify { yield &halves[direction.rawValue] }
  }

  /// Every segment has to be looked at with care.
  var needsCare: Bool { isRetaining || halves[0].windowClosed != nil || halves[1].windowClosed != nil }

  /// Delivered bytes that are kept of a direction; up to twice as many between two clearings.
  static let retainedBytes = 32 << 10
  /// Connections whose bytes are kept: 64 MiB at most, mostly far less.
  static let retainingLimit = 512
}

extension Trouble.Half {
  mutating func deliver(_ bytes: Span<UInt8>, at offset: UInt64) {
    if offset != end { delivered.removeAll(keepingCapacity: true) }
    end = offset &+ UInt64(bytes.count)
    if delivered.count + bytes.count > 2 * Trouble.retainedBytes {
      delivered.removeFirst(
        min(delivered.count, max(0, delivered.count + bytes.count - Trouble.retainedBytes)))
    }
    let most = min(bytes.count, Trouble.retainedBytes)
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

  /// Bytes that nobody confirmed were sent again.
  mutating func noteRepetition(at offset: UInt64, _ time: CaptureTime) {
    if repeated != offset { (repeated, repetitions, firstRepetition) = (offset, 0, time) }
    repetitions += 1
    lastRepetition = time
  }

  /// How often the first of what is not confirmed was sent again, and for how long that went on.
  func repetitions(at offset: UInt64) -> (count: Int, time: Int64) {
    repeated == offset ? (repetitions, lastRepetition.nanoseconds(since: firstRepetition)) : (0, 0)
  }
}

extension TCPReassembler {
  /// What is kept of a connection's troubles; made when the first one comes.
  func trouble(_ slot: Int) -> Trouble? { flows[slot].hasTrouble ? troubles[slot] : nil }

  mutating func makeTrouble(_ slot: Int) -> Trouble {
    if let trouble = trouble(slot) { return trouble }
    let trouble = Trouble()
    troubles[slot] = trouble
    flows[slot].hasTrouble = true
    return trouble
  }

  mutating func forgetTrouble(_ slot: Int) {
    guard flows[slot].hasTrouble, let trouble = troubles.removeValue(forKey: slot) else { return }
    if trouble.isRetaining { retaining -= 1 }
    flows[slot].hasTrouble = false
  }

  /// From now on what is delivered is kept for a while.
  mutating func retain(_ slot: Int) {
    let trouble = makeTrouble(slot)
    guard !trouble.isRetaining, retaining < Trouble.retainingLimit, !flows[slot].isIgnored else { return }
    trouble.isRetaining = true
    retaining += 1
    flows[slot].needsCare = true
  }

  /// Tells the sink, if it wants to hear of it and knows the connection.
  func note(
    _ note: TransportNote, _ direction: FlowDirection, _ arrival: Arrival, into sink: any ReassemblySink
  ) {
    guard observesTransport, let token = flows[arrival.slot].token, !flows[arrival.slot].isIgnored else {
      return
    }
    let place = position(arrival, flows[arrival.slot].halves[direction.rawValue].offset)
    sink.noted(note, direction, token, at: place)
  }

  /// Bytes that were delivered before came once more; `ahead` is where they begin, below 0.
  mutating func receiveAgain(
    _ ahead: Int, _ segment: TCPSegment, _ payload: Span<UInt8>, _ arrival: Arrival,
    into sink: any ReassemblySink
  ) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    let half = flows[slot].halves[index]
    let length = payload.count &+ segment.cutBytes
    // RFC 9293 §3.8.4: a probe repeats the last byte, or has any other one in its place.
    if ahead == -1, length == 1, half.acknowledgedAhead == 0, half.isAcknowledged {
      counts.keepAlives += 1
      return note(.keepAlive, arrival.direction, arrival, into: sink)
    }
    // What precedes the stream's first byte has no offset.
    let behind = UInt64(-ahead)
    let hidden = behind > half.offset ? Int(clamping: behind &- half.offset) : 0
    if hidden > 0, !half.sawSyn { countBeforeStart(min(hidden, length), arrival, into: sink) }
    if length &+ ahead <= 0, hidden < length || half.sawSyn { counts.retransmissions += 1 }
    guard hidden < length else { return }
    let start = half.offset &- min(behind, half.offset)
    let again = start..<min(half.offset, start &+ UInt64(length &- hidden))
    guard !again.isEmpty else { return }
    let confirmed = half.offset &- min(half.offset, UInt64(max(0, -half.acknowledgedAhead)))
    let wasAcknowledged = half.isAcknowledged && confirmed >= again.upperBound
    let isCopy =
      again.upperBound == half.offset && length &+ ahead == 0
      && arrival.time.nanoseconds(since: arrival.before) < Self.timeBetweenCopies
    compare(payload.dropping(hidden), at: again.lowerBound, arrival, into: sink)
    if isCopy {
      counts.capturedTwice += 1
      return note(.capturedTwice(again), arrival.direction, arrival, into: sink)
    }
    retain(slot)
    if !wasAcknowledged {
      makeTrouble(slot)[arrival.direction].noteRepetition(at: again.lowerBound, arrival.time)
    }
    note(.retransmitted(again, wasAcknowledged: wasAcknowledged), arrival.direction, arrival, into: sink)
  }

  /// They may be sent again or late: their first copy was not captured before.
  private mutating func countBeforeStart(_ bytes: Int, _ arrival: Arrival, into sink: any ReassemblySink) {
    counts.bytesBeforeStart &+= UInt64(bytes)
    guard let token = flows[arrival.slot].token else { return }
    sink.cameBeforeStart(UInt64(bytes), arrival.direction, token, at: position(arrival, 0))
  }

  /// So soon no sender repeats its last segment: it waits for a round trip at least (RFC 8985 §7.2), and most for 200 ms.
  private static let timeBetweenCopies: Int64 = 1_000_000

  private mutating func compare(
    _ copy: Span<UInt8>, at offset: UInt64, _ arrival: Arrival, into sink: any ReassemblySink
  ) {
    guard let half = trouble(arrival.slot)?[arrival.direction], let token = flows[arrival.slot].token,
      !half.agrees(with: copy, at: offset)
    else { return }
    sink.retransmissionConflict(arrival.direction, token, at: position(arrival, offset))
  }

  /// An acknowledgment with, or after one with, a window of zero.
  mutating func judgeWindow(_ window: UInt16, _ arrival: Arrival, into sink: any ReassemblySink) {
    let slot = arrival.slot
    let sender = arrival.direction.opposite
    let half = flows[slot].halves[sender.rawValue]
    let closed = trouble(slot)?[sender].windowClosed
    if flows[slot].isIgnored { return }
    if window == 0, closed == nil, half.isKnown {
      // What was sent beyond the acknowledgment found no room.
      let behind = UInt64(max(0, -half.acknowledgedAhead))
      let offset = half.offset &- min(half.offset, behind)
      makeTrouble(slot)[sender].windowClosed = (arrival.time, offset)
      flows[slot].needsCare = true
      counts.zeroWindows += 1
      note(.windowClosed(offset..<half.offset &+ 1), sender, arrival, into: sink)
    } else if window != 0, let closed {
      let trouble = makeTrouble(slot)
      trouble[sender].windowClosed = nil
      flows[slot].needsCare = flows[slot].isIgnored || trouble.needsCare
      note(
        .windowOpened(
          min(closed.offset, half.offset)..<half.offset &+ 1,
          after: arrival.time.nanoseconds(since: closed.time)), sender, arrival, into: sink)
    }
  }

  /// What one side sent and nobody confirmed.
  func unconfirmed(_ slot: Int, _ direction: FlowDirection) -> UnconfirmedBytes? {
    let half = flows[slot].halves[direction.rawValue]
    guard half.isAcknowledged, half.isKnown, half.acknowledgedAhead < 0 else { return nil }
    let bytes = UInt64(-half.acknowledgedAhead)
    guard bytes <= half.offset else { return nil }
    let (count, time) = trouble(slot)?[direction].repetitions(at: half.offset &- bytes) ?? (0, 0)
    return UnconfirmedBytes(bytes: bytes, repetitions: count, time: time)
  }
}
