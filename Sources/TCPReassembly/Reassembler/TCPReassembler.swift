import BasicContainers
import PacketLayers
import WireBytes

/// Turns TCP segments into two ordered byte streams per connection, and the gaps in them (RFC 9293).
///
/// It finds the connection of each segment, makes room for new ones, and forgets old ones; what a segment means is decided in
/// `Connection`. In-order bytes go through borrowed; only what comes before its turn is copied. Memory follows the
/// connections that are open.
public struct TCPReassembler: ~Copyable {
  /// What was seen so far.
  public var counts: ReassemblyCounts { shared.counts }

  /// What flows are hashed with.
  public let seed: HashSeed
  var shared: ReassemblyResources
  var table = FlowTable()
  /// The connections, by slot.
  var flows = UniqueArray<Connection>()
  private var freeSlots: [Int] = []
  /// Connections that are over and still remembered.
  private(set) var closedFlows = 0
  var order = EvictionOrder()
  private var expiry = FlowExpiry()
  var timer = RoundTripTimer()

  /// A reassembler with room for nothing yet. Tests pass a seed; otherwise each run hashes in its own way.
  public init(
    limits: ReassemblyLimits = ReassemblyLimits(), observesTransport: Bool = false,
    budget: MemoryBudget = .unlimited, seed: UInt64? = nil
  ) {
    shared = ReassemblyResources(limits: limits, observesTransport: observesTransport, budget: budget)
    self.seed = HashSeed(seed ?? UInt64.random(in: .min ... .max))
  }

  /// Takes one segment; `payload` is its payload, borrowed.
  public mutating func receive(
    _ segment: borrowing TCPSegment, payload: Span<UInt8>, packet: UInt64, time: CaptureTime,
    into sink: any ReassemblySink
  ) {
    let lookup = FlowLookup(segment, seed: seed)
    var segment = copy segment
    unsafe take(&segment, lookup, payload: payload, mark: .none, packet: packet, time: time, into: sink)
  }

  /// Takes a segment whose lookup was worked out before, and perhaps its slot. By address, so that nearly every segment is
  /// never copied: it is as large as everything else that is touched for it.
  @inline(__always)
  mutating func take(
    _ segment: UnsafePointer<TCPSegment>, _ lookup: FlowLookup, payload: Span<UInt8>, mark: PayloadMark,
    packet: UInt64, time: CaptureTime, into sink: any ReassemblySink
  ) {
    let (key, reversed) = unsafe FlowKey.of(
      segment.pointee.source, segment.pointee.sourcePort, segment.pointee.destination,
      segment.pointee.destinationPort)
    if expiry.isDue(time, shared.limits) { expire(time, into: sink) }
    var slot = Int(lookup.likelySlot)
    if slot >= 0 && slot < flows.count && flows[slot].state != .free && flows[slot].key == key {
      // The prefetched slot is the right one.
    } else if let found = table.find(lookup.hash, matches: { flows[$0].key == key }) {
      slot = found
    } else {
      slot = unsafe open(key, lookup.hash, reversed: reversed, segment.pointee, time, packet, into: sink)
    }
    let direction: FlowDirection =
      reversed == flows[slot].isReversed ? .fromInitiator : .fromResponder
    if shared.observesTransport {
      unsafe timer.take(segment.pointee, payload.count, slot, direction, at: time)
    }
    // Nearly every segment: what follows asks one question at a time.
    if let place = unsafe flows[slot].takeInTurn(
      segment, payload.count, direction, packet: packet, time: time)
    {
      guard place.isData else { return }
      let start = StreamPosition(offset: place.offset, packet: packet, time: time)
      // The short way is that of connections in which nothing waits.
      let context = DeliveryContext(
        at: start, peerAcknowledged: place.peerAcknowledged, peerIsDelivered: place.peerIsDelivered)
      if !sink.received(payload, context, mark, direction, place.token) { ignore(slot) }
      if shared.budget.isOver { relieve(into: sink) }
      return
    }
    unsafe receiveUnusual(
      segment.pointee, payload, slot,
      SegmentContext(
        direction: direction, packet: packet, time: time, previousPacket: flows[slot].lastPacket,
        previousTime: flows[slot].lastSeen),
      into: sink)
  }

  @inline(never)
  private mutating func ignore(_ slot: Int) { flows[slot].ignore(&shared) }

  /// Takes a segment that opens or ends something, is not in its turn, or comes while others wait.
  @inline(never)
  private mutating func receiveUnusual(
    _ segment: TCPSegment, _ payload: Span<UInt8>, _ slot: Int, _ context: SegmentContext,
    into sink: any ReassemblySink
  ) {
    var context = context
    flows[slot].noteInitialSequence(segment, context.direction)
    if flows[slot].state != .open || !segment.flags.isDisjoint(with: [.syn, .rst]) {
      if flows[slot].isDoubtlesslyOver(after: segment) { closeAtLastPacket(slot, .rst, into: sink) }
      if let failed = flows[slot].failure(segment, context) { sink.failed(failed) }
      switch flows[slot].receiveControl(segment, context, &shared) {
      case .goesOn: break
      case .isDone: return
      case .isReset:
        return close(
          slot, .rst, by: context.direction, packet: context.packet, time: context.time, into: sink)
      case .beginsAnother(let sharesStream):
        replace(slot, segment, &context, sharesStream: sharesStream, into: sink)
      }
    }
    if shared.observesTransport { context.handshakeRoundTrip = timer.ofHandshake(slot, context.direction) }
    flows[slot].receive(segment, payload, context, &shared, into: sink)
    if flows[slot].isFinished, flows[slot].isOpen {
      close(
        slot, .fin, by: flows[slot].firstFin, packet: context.packet, time: context.time, into: sink)
    }
    if shared.budget.isOver { relieve(into: sink) }
  }

  /// The input ended: what is still open is reported as far as it is known, each connection at the position
  /// of its own last packet and not at that of the capture.
  public mutating func finish(packet _: UInt64, time _: CaptureTime, into sink: any ReassemblySink) {
    // In the order in which they were opened, so that output does not depend on slots.
    var open: [(stream: UInt64, slot: Int)] = []
    for slot in 0..<flows.count where flows[slot].isOpen { open.append((flows[slot].stream, slot)) }
    open.sort { $0.stream < $1.stream }
    for (_, slot) in open { closeAtLastPacket(slot, .captureEnd, into: sink) }
  }

  // MARK: Slots

  /// What one connection more takes up here and in the sink, in bytes, before it is known what it carries.
  package static let connectionCost = 1024

  /// Connections that are known by now, with those that are over and remembered.
  package var trackedConnections: Int { table.count }

  private mutating func open(
    _ key: FlowKey, _ hash: UInt64, reversed: Bool, _ segment: TCPSegment, _ time: CaptureTime,
    _ packet: UInt64, into sink: any ReassemblySink
  ) -> Int {
    if table.count >= shared.limits.connections { evict(into: sink) }
    let flow = Connection(
      key, isReversed: reversed, beginsWith: segment, stream: shared.nextStream(), packet: packet, time: time)
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
      flows[slot] = flow
    } else {
      slot = flows.count
      flows.append(flow)
    }
    table.insert(hash, slot: slot)
    shared.budget.add(Self.connectionCost)
    order.put(slot, in: .withoutPayload, packet: packet)
    if shared.observesTransport { timer.reset(slot) }
    return slot
  }

  /// Another connection between the same ends begins with `segment`, and takes the slot.
  private mutating func replace(
    _ slot: Int, _ segment: TCPSegment, _ context: inout SegmentContext, sharesStream: Bool,
    into sink: any ReassemblySink
  ) {
    close(slot, .replaced, by: nil, packet: context.packet, time: context.time, into: sink)
    closedFlows -= 1
    let isAnswer = segment.flags.isSuperset(of: [.syn, .ack])
    let stream = sharesStream ? flows[slot].stream : shared.nextStream()
    let flow = Connection(
      flows[slot].key, isReversed: FlowKey.of(segment).reversed, beginsWith: segment, stream: stream,
      packet: context.packet, time: context.time)
    flows[slot] = flow
    flows[slot].sharesStream = isAnswer
    order.put(slot, in: .withoutPayload, packet: context.packet)
    context.direction = isAnswer ? .fromResponder : .fromInitiator
    if segment.flags.contains(.syn) { flows[slot].takeSyn(segment, context.direction) }
    if shared.observesTransport {
      timer.reset(slot)
      timer.take(segment, segment.payloadLength, slot, context.direction, at: context.time)
    }
  }

  private mutating func close(
    _ slot: Int, _ how: ConnectionEnd, by direction: FlowDirection?, packet: UInt64, time: CaptureTime,
    into sink: any ReassemblySink
  ) {
    guard flows[slot].isOpen else { return }
    let end = flows[slot].end(how, by: direction, packet: packet, time: time, &shared, into: sink)
    closedFlows += 1
    order.put(slot, in: .closed, packet: flows[slot].lastPacket)
    if let token = flows[slot].token {
      // What a RST answered was not acknowledged. Elsewhere only what was noted is worth telling.
      if !flows[slot].isIgnored, shared.observesTransport || end.how == .rst || flows[slot].hasHistory {
        reportEnding(slot, .fromInitiator, token, isReset: end.how == .rst, at: end.position.time, into: sink)
        reportEnding(slot, .fromResponder, token, isReset: end.how == .rst, at: end.position.time, into: sink)
      }
      sink.closed(end.how, by: end.by, token, at: end.position)
    }
    flows[slot].token = nil
    flows[slot].forgetHistory(&shared)
    if shared.observesTransport { timer.release(slot) }
  }

  @inline(never)
  private mutating func reportEnding(
    _ slot: Int, _ direction: FlowDirection, _ token: UInt32, isReset: Bool, at time: CaptureTime,
    into sink: any ReassemblySink
  ) {
    let left = flows[slot].unconfirmed(direction)
    let (lastProbe, window) = (
      flows[slot].lastProbe(direction), flows[slot].closedWindow(direction, at: time)
    )
    guard
      shared.observesTransport || left.map({ isReset || $0.repetitions > 0 }) ?? false || lastProbe != nil
        || window != nil
    else { return }
    sink.ending(
      DirectionEnding(
        unconfirmed: left, closedWindow: window, unansweredProbes: flows[slot].unansweredProbes(direction),
        lastProbe: lastProbe,
        handshakeRoundTrip: shared.observesTransport ? timer.ofHandshake(slot, direction) : nil,
        roundTrips: shared.observesTransport ? timer.summary(slot, direction) : RoundTrips()), direction,
      token)
  }

  /// No packet ended it.
  private mutating func closeAtLastPacket(_ slot: Int, _ how: ConnectionEnd, into sink: any ReassemblySink) {
    close(slot, how, by: nil, packet: flows[slot].lastPacket, time: flows[slot].lastSeen, into: sink)
  }

  /// Looks at a few slots: connections that are long over are forgotten, those that are long idle given up.
  @inline(never)
  private mutating func expire(_ now: CaptureTime, into sink: any ReassemblySink) {
    for _ in 0..<FlowExpiry.slotsAtOnce {
      guard let slot = expiry.nextSlot(of: flows.count) else { return }
      let idle = now.nanoseconds(since: flows[slot].lastSeen)
      switch flows[slot].state {
      case .free:
        break
      case .closed:
        if idle > shared.limits.lingerTime, closedFlows > shared.limits.remembered { free(slot) }
      case .doubtful:
        if idle > shared.limits.lingerTime { closeAtLastPacket(slot, .rst, into: sink) }
      case .open:
        if idle > shared.limits.idleTime {
          giveUp(slot, into: sink)
          free(slot)
        }
      }
    }
  }

  mutating func giveUp(_ slot: Int, into sink: any ReassemblySink) {
    shared.counts.connectionsGivenUp += 1
    closeAtLastPacket(slot, .gaveUp, into: sink)
  }

  /// Forgets a connection; another one may have its slot.
  mutating func free(_ slot: Int) {
    flows[slot].dropPending(&shared)
    if flows[slot].state == .closed { closedFlows -= 1 }
    table.remove(flows[slot].key.hash(seed: seed), slot: slot)
    flows[slot].state = .free
    shared.budget.add(-Self.connectionCost)
    order.remove(slot)
    freeSlots.append(slot)
  }
}
