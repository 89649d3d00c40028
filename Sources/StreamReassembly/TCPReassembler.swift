import BasicContainers
import PacketLayers
import WireBytes

/// Turns TCP segments into two ordered byte streams per connection, and the holes in them (RFC 9293).
///
/// In-order bytes go through borrowed; only what comes before its turn is copied. Memory follows the
/// connections that are open.
public struct TCPReassembler: ~Copyable {
  /// What was seen so far.
  public private(set) var counts = ReassemblyCounts()

  private let limits: ReassemblyLimits
  private let seed: UInt64
  private var table = FlowTable()
  private var flows = UniqueArray<Flow>()
  private var freeSlots: [Int] = []
  private var pendingCharge = 0
  /// The slot that the janitor looks at next.
  private var hand = 0
  private var segmentsSinceSweep = 0

  struct Flow: ~Copyable {
    enum State: UInt8 { case free, open, closed }

    var key: FlowKey
    var state = State.open
    /// The initiator is the higher end of the key.
    var isReversed: Bool
    /// The sink's name for it; nil until a payload byte comes.
    var token: UInt32?
    /// The sink wants no more of it.
    var isIgnored = false
    var firstFin: FlowDirection?
    var stream: UInt64
    var lastSeen: CaptureTime
    var halves: InlineArray<2, HalfStream> = [HalfStream(), HalfStream()]
  }

  /// One segment with what is needed beside it, passed down the slow paths.
  private struct Arrival {
    var slot: Int
    var direction: FlowDirection
    var packet: UInt64
    var time: CaptureTime
  }

  /// A reassembler with room for nothing yet. Tests pass a seed; else each run hashes in its own way.
  public init(limits: ReassemblyLimits = ReassemblyLimits(), seed: UInt64? = nil) {
    self.limits = limits
    self.seed = seed ?? UInt64.random(in: .min ... .max)
  }

  /// Takes one segment; `payload` is its payload, borrowed.
  public mutating func receive(
    _ segment: TCPSegment, payload: Span<UInt8>, packet: UInt64, time: CaptureTime,
    into sink: any ReassemblySink
  ) {
    let (key, reversed) = FlowKey.of(segment)
    let hash = key.hash(seed: seed)
    sweepNowAndThen(time, into: sink)
    let found = table.find(hash) { flows[$0].key == key }
    let slot = found ?? open(key, hash, reversed: reversed, segment, time, packet, into: sink)
    let direction: FlowDirection =
      reversed == flows[slot].isReversed ? .fromInitiator : .fromResponder
    var arrival = Arrival(slot: slot, direction: direction, packet: packet, time: time)

    if flows[slot].state == .closed || !segment.flags.isDisjoint(with: [.syn, .rst]) {
      guard receiveControl(segment, &arrival, into: sink) else { return }
    }
    flows[slot].lastSeen = time
    if segment.flags.contains(.ack) { acknowledge(segment.acknowledgment, arrival, into: sink) }
    if payload.count > 0 || segment.cutBytes > 0 {
      receivePayload(segment, payload, arrival, into: sink)
    }
    if segment.flags.contains(.fin) { receiveFin(segment, arrival, into: sink) }
  }

  /// The input ended: what is still open is reported as far as it is known.
  public mutating func finish(packet: UInt64, time: CaptureTime, into sink: any ReassemblySink) {
    // In the order in which they were opened, so that output does not depend on slots.
    var open: [(stream: UInt64, slot: Int)] = []
    for slot in 0..<flows.count where flows[slot].state == .open { open.append((flows[slot].stream, slot)) }
    open.sort { $0.stream < $1.stream }
    for (_, slot) in open {
      close(slot, .captureEnd, by: nil, packet: packet, time: flows[slot].lastSeen, into: sink)
    }
  }

  // MARK: Opening and closing

  private mutating func open(
    _ key: FlowKey, _ hash: UInt64, reversed: Bool, _ segment: TCPSegment, _ time: CaptureTime,
    _ packet: UInt64, into sink: any ReassemblySink
  ) -> Int {
    if table.count >= limits.connections { evict(packet: packet, into: sink) }
    let flow = newFlow(key, reversed: reversed, segment, time)
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
      flows[slot] = flow
    } else {
      slot = flows.count
      flows.append(flow)
    }
    table.insert(hash, slot: slot)
    return slot
  }

  private mutating func newFlow(
    _ key: FlowKey, reversed: Bool, _ segment: TCPSegment, _ time: CaptureTime
  ) -> Flow {
    // A SYN+ACK as first packet comes from the end that accepted.
    let fromResponder = segment.flags.isSuperset(of: [.syn, .ack])
    defer { counts.connections += 1 }
    return Flow(
      key: key, isReversed: fromResponder ? !reversed : reversed, stream: counts.connections,
      lastSeen: time)
  }

  /// SYN, RST, and whatever comes for a connection that is over. False: the segment needs nothing more.
  @inline(never)
  private mutating func receiveControl(
    _ segment: TCPSegment, _ arrival: inout Arrival, into sink: any ReassemblySink
  ) -> Bool {
    if segment.flags.contains(.syn) && !segment.flags.contains(.rst) {
      return receiveSyn(segment, &arrival, into: sink)
    }
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    if flows[slot].state == .closed {
      if segment.payloadLength > 0 { counts.afterEnd += 1 }
      return false
    }
    guard segment.flags.contains(.rst) else { return true }
    // RFC 9293 §3.10.7.4: a reset outside the window is not valid. Resets of a lost segment stand a little
    // behind, those of a busy sender ahead of what was captured.
    let half = flows[slot].halves[index]
    if half.isKnown, segment.sequence != 0,
      !(-65_536...(16 << 20)).contains(sequenceDistance(segment.sequence, from: half.next))
    {
      counts.invalidResets += 1
      return false
    }
    close(slot, .rst, by: arrival.direction, packet: arrival.packet, time: arrival.time, into: sink)
    return false
  }

  private mutating func receiveSyn(
    _ segment: TCPSegment, _ arrival: inout Arrival, into sink: any ReassemblySink
  ) -> Bool {
    let slot = arrival.slot
    let half = flows[slot].halves[arrival.direction.rawValue]
    if half.sawSyn && half.initial == segment.sequence { return flows[slot].state == .open }

    // Another initial number between the same ends is another connection (Wireshark counts so, too). An
    // answer to nothing that comes after the end is a late packet.
    let isAnswer = segment.flags.contains(.ack)
    if flows[slot].state == .closed ? (!isAnswer || half.sawSyn) : half.isKnown {
      close(slot, .replaced, by: nil, packet: arrival.packet, time: arrival.time, into: sink)
      flows[slot] = newFlow(
        flows[slot].key, reversed: FlowKey.of(segment).reversed, segment, arrival.time)
      arrival.direction = isAnswer ? .fromResponder : .fromInitiator
    } else if flows[slot].state == .closed {
      return false
    }
    let index = arrival.direction.rawValue
    flows[slot].halves[index].sawSyn = true
    flows[slot].halves[index].initial = segment.sequence
    flows[slot].halves[index].begin(at: segment.sequence &+ 1)
    return true
  }

  private mutating func receiveFin(_ segment: TCPSegment, _ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    guard flows[slot].state == .open, !flows[slot].halves[index].sawFin else { return }
    let length = UInt32(truncatingIfNeeded: segment.payloadLength &+ segment.cutBytes)
    let sequence = segment.sequence &+ length &+ (segment.flags.contains(.syn) ? 1 : 0)
    if !flows[slot].halves[index].isKnown { flows[slot].halves[index].begin(at: sequence) }
    flows[slot].halves[index].sawFin = true
    flows[slot].halves[index].finSequence = sequence
    if flows[slot].firstFin == nil { flows[slot].firstFin = arrival.direction }
    endIfFinished(arrival, into: sink)
  }

  /// The direction has delivered all before its FIN; the connection is over when both have.
  private mutating func endIfFinished(_ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    guard flows[slot].halves[index].sawFin else { return }
    let half = flows[slot].halves[index]
    guard !half.isFinished, half.next == half.finSequence else { return }
    flows[slot].halves[index].isFinished = true
    if let token = flows[slot].token, !flows[slot].isIgnored {
      sink.finished(arrival.direction, token, at: position(arrival, half.offset))
    }
    if flows[slot].halves[1 - index].isFinished {
      close(
        slot, .fin, by: flows[slot].firstFin, packet: arrival.packet, time: arrival.time, into: sink)
    }
  }

  private mutating func close(
    _ slot: Int, _ how: ConnectionEnd, by direction: FlowDirection?, packet: UInt64, time: CaptureTime,
    into sink: any ReassemblySink
  ) {
    guard flows[slot].state == .open else { return }
    for direction in [FlowDirection.fromInitiator, .fromResponder] {
      flush(Arrival(slot: slot, direction: direction, packet: packet, time: time), into: sink)
    }
    // Delivering what waited behind a hole may have completed the FINs and closed it.
    guard flows[slot].state == .open else { return }
    flows[slot].state = .closed
    if let token = flows[slot].token {
      let end = StreamPosition(offset: flows[slot].halves[0].offset, packet: packet, time: time)
      sink.closed(how, by: direction, token, at: end)
    }
    flows[slot].token = nil
  }

  /// Delivers all that waits in one direction; the holes in it are lost.
  private mutating func flush(_ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    while let first = flows[slot].halves[index].pending?.firstOffset {
      loseBytes(before: first, arrival, into: sink)
      drain(arrival, into: sink)
    }
    let ahead = flows[slot].halves[index].acknowledgedAhead
    if ahead > 0 && ahead < 1 << 30 {
      loseBytes(before: flows[slot].halves[index].offset &+ UInt64(ahead), arrival, into: sink)
    }
  }

  // MARK: Payload

  @inline(__always)
  private mutating func receivePayload(
    _ segment: TCPSegment, _ payload: Span<UInt8>, _ arrival: Arrival, into sink: any ReassemblySink
  ) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    if flows[slot].isIgnored {
      // Only the ends of the connection matter: follow the numbers.
      flows[slot].halves[index].next =
        segment.sequence &+ UInt32(truncatingIfNeeded: segment.payloadLength &+ segment.cutBytes)
      flows[slot].halves[index].isKnown = true
      return
    }
    let sequence = segment.flags.contains(.syn) ? segment.sequence &+ 1 : segment.sequence
    if !flows[slot].halves[index].isKnown { begin(sequence, arrival) }
    let ahead = sequenceDistance(sequence, from: flows[slot].halves[index].next)
    if ahead == 0 && flows[slot].halves[index].pending == nil {
      deliver(payload, cutBytes: segment.cutBytes, arrival, into: sink)
      endIfFinished(arrival, into: sink)
    } else {
      receiveOutOfOrder(ahead, segment, payload, arrival, into: sink)
    }
  }

  /// The first byte seen of a direction whose SYN was not captured. What the other side acknowledged last says
  /// where the stream stood, if it is near: the first segments may be out of order.
  private mutating func begin(_ sequence: UInt32, _ arrival: Arrival) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    let half = flows[slot].halves[index]
    let behind = half.isAcknowledged ? sequenceDistance(sequence, from: half.acknowledged) : 0
    let isNear = behind > 0 && behind < 1 << 20
    flows[slot].halves[index].begin(at: isNear ? half.acknowledged : sequence)
  }

  @inline(__always)
  private mutating func deliver(
    _ bytes: Span<UInt8>, cutBytes: Int, _ arrival: Arrival, into sink: any ReassemblySink
  ) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    let token = flows[slot].token ?? openToken(slot, into: sink)
    let start = position(arrival, flows[slot].halves[index].offset)
    flows[slot].halves[index].advance(bytes.count)
    if bytes.count > 0, !sink.received(bytes, arrival.direction, token, at: start) {
      ignore(slot)
    }
    if cutBytes > 0 {
      loseBytes(
        before: flows[slot].halves[index].offset &+ UInt64(cutBytes), arrival, into: sink)
    }
  }

  private mutating func openToken(_ slot: Int, into sink: any ReassemblySink) -> UInt32 {
    let key = flows[slot].key
    let reversed = flows[slot].isReversed
    let token = sink.opened(
      ConnectionInfo(
        stream: flows[slot].stream, initiator: reversed ? key.high : key.low,
        responder: reversed ? key.low : key.high,
        sawStart: flows[slot].halves[0].sawSyn || flows[slot].halves[1].sawSyn))
    flows[slot].token = token
    return token
  }

  private mutating func ignore(_ slot: Int) {
    flows[slot].isIgnored = true
    for index in 0..<2 {
      if let pending = flows[slot].halves[index].pending { pendingCharge -= pending.charge }
      flows[slot].halves[index].pending = nil
    }
  }

  private mutating func loseBytes(before offset: UInt64, _ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    let start = flows[slot].halves[index].offset
    guard offset > start, !flows[slot].isIgnored else { return }
    let token = flows[slot].token ?? openToken(slot, into: sink)
    flows[slot].halves[index].advance(Int(clamping: offset - start))
    sink.lost(offset - start, arrival.direction, token, at: position(arrival, start))
  }

  private func position(_ arrival: Arrival, _ offset: UInt64) -> StreamPosition {
    StreamPosition(offset: offset, packet: arrival.packet, time: arrival.time)
  }

  // MARK: Out of order

  @inline(never)
  private mutating func receiveOutOfOrder(
    _ ahead: Int, _ segment: TCPSegment, _ payload: Span<UInt8>, _ arrival: Arrival,
    into sink: any ReassemblySink
  ) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    var (ahead, payload) = (ahead, payload)
    if ahead < 0 {
      // Sent before, at least in part: keep-alive probes and retransmissions look like this.
      guard ahead &+ payload.count &+ segment.cutBytes > 0 else {
        counts.retransmissions += 1
        return
      }
      guard -ahead < payload.count else { return }
      payload = payload.dropping(-ahead)
      ahead = 0
    }
    let half = flows[slot].halves[index]
    if half.isAcknowledged, ahead > 16 << 20,
      sequenceDistance(segment.sequence, from: half.acknowledged) > 16 << 20
    {
      counts.outOfWindow += 1
      return
    }
    if ahead == 0 {
      // Its turn; what waits may come next, or may have been sent before with other bytes.
      deliver(payload, cutBytes: segment.cutBytes, arrival, into: sink)
    } else {
      hold(payload, cutBytes: segment.cutBytes, ahead: ahead, arrival, into: sink)
    }
    drain(arrival, into: sink)
    endIfFinished(arrival, into: sink)
  }

  private mutating func hold(
    _ payload: Span<UInt8>, cutBytes: Int, ahead: Int, _ arrival: Arrival, into sink: any ReassemblySink
  ) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    counts.outOfOrder += 1
    let pending = flows[slot].halves[index].pending ?? PendingSegments()
    flows[slot].halves[index].pending = pending
    let place = position(arrival, flows[slot].halves[index].offset &+ UInt64(ahead))
    let (added, conflict) = pending.insert(payload, cutBytes: cutBytes, at: place)
    pendingCharge += added
    if conflict, let token = flows[slot].token {
      sink.retransmissionConflict(arrival.direction, token, at: place)
    }
    while let first = pending.firstOffset,
      pending.charge > limits.pendingPerDirection || pending.count > limits.pendingSegments
        || pendingCharge > limits.pendingInAll
    {
      counts.holesOverLimit += 1
      loseBytes(before: first, arrival, into: sink)
      drain(arrival, into: sink)
    }
  }

  /// Delivers what waits and whose turn has come.
  private mutating func drain(_ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    guard let pending = flows[slot].halves[index].pending else { return }
    while flows[slot].halves[index].pending != nil {
      let charge = pending.charge
      guard let segment = pending.takeFirst(upTo: flows[slot].halves[index].offset) else { break }
      pendingCharge -= charge - pending.charge
      let known = flows[slot].halves[index].offset - segment.offset
      guard known < UInt64(segment.bytes.count) + UInt64(segment.cutBytes) else { continue }
      var origin = arrival
      (origin.packet, origin.time) = (segment.packet, segment.time)
      deliver(segment.bytes.span.dropping(Int(known)), cutBytes: segment.cutBytes, origin, into: sink)
    }
    if pending.count == 0 { flows[slot].halves[index].pending = nil }
  }

  /// An acknowledgment is about what the other side sent.
  @inline(__always)
  private mutating func acknowledge(_ number: UInt32, _ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, 1 &- arrival.direction.rawValue)
    if !flows[slot].halves[index].isAcknowledged
      || sequenceDistance(number, from: flows[slot].halves[index].acknowledged) > 0
    {
      flows[slot].halves[index].acknowledged = number
      flows[slot].halves[index].isAcknowledged = true
    }
    if flows[slot].halves[index].pending != nil { judgeHole(arrival, into: sink) }
  }

  /// The receiver has bytes behind the hole, so it got those in the hole as well: they passed by uncaptured,
  /// or are still to come in a capture that is a little out of order.
  @inline(never)
  private mutating func judgeHole(_ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, 1 - arrival.direction.rawValue)
    guard let pending = flows[slot].halves[index].pending, let first = pending.firstOffset else { return }
    let hole = first &- flows[slot].halves[index].offset
    guard UInt64(clamping: flows[slot].halves[index].acknowledgedAhead) >= hole else { return }
    pending.segmentsSinceProof += 1
    let proven = pending.provenAt ?? arrival.time
    pending.provenAt = proven
    guard
      pending.segmentsSinceProof > limits.segmentsOfGrace
        || arrival.time.nanoseconds(since: proven) > limits.timeOfGrace
    else { return }
    (pending.segmentsSinceProof, pending.provenAt) = (0, nil)
    var sender = arrival
    sender.direction = arrival.direction.opposite
    loseBytes(before: first, sender, into: sink)
    drain(sender, into: sink)
    endIfFinished(sender, into: sink)
  }

  // MARK: Letting go

  /// Looks at a few slots every so many segments: what is long over or long idle is let go.
  @inline(__always)
  private mutating func sweepNowAndThen(_ now: CaptureTime, into sink: any ReassemblySink) {
    segmentsSinceSweep &+= 1
    if segmentsSinceSweep >= 64 {
      segmentsSinceSweep = 0
      sweep(16, now, into: sink)
    }
  }

  private mutating func sweep(_ slots: Int, _ now: CaptureTime, into sink: any ReassemblySink) {
    for _ in 0..<min(slots, flows.count) {
      hand = hand + 1 < flows.count ? hand + 1 : 0
      let idle = now.nanoseconds(since: flows[hand].lastSeen)
      switch flows[hand].state {
      case .free:
        break
      case .closed:
        if idle > limits.lingerTime { free(hand) }
      case .open:
        if idle > limits.idleTime {
          giveUp(hand, packet: 0, into: sink)
          free(hand)
        }
      }
    }
  }

  /// Makes room for one: a closed connection if the janitor meets one soon, else the longest idle one it met.
  private mutating func evict(packet: UInt64, into sink: any ReassemblySink) {
    var oldest: Int?
    for _ in 0..<min(16, flows.count) {
      hand = hand + 1 < flows.count ? hand + 1 : 0
      guard flows[hand].state != .free else { continue }
      if flows[hand].state == .closed { return free(hand) }
      if let known = oldest, flows[known].lastSeen <= flows[hand].lastSeen { continue }
      oldest = hand
    }
    guard let oldest else { return }
    giveUp(oldest, packet: packet, into: sink)
    free(oldest)
  }

  private mutating func giveUp(_ slot: Int, packet: UInt64, into sink: any ReassemblySink) {
    counts.connectionsGivenUp += 1
    close(slot, .gaveUp, by: nil, packet: packet, time: flows[slot].lastSeen, into: sink)
  }

  private mutating func free(_ slot: Int) {
    for index in 0..<2 {
      if let pending = flows[slot].halves[index].pending { pendingCharge -= pending.charge }
      flows[slot].halves[index].pending = nil
    }
    table.remove(flows[slot].key.hash(seed: seed), slot: slot)
    flows[slot].state = .free
    freeSlots.append(slot)
  }
}
