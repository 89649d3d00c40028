import BasicContainers
import PacketLayers
import WireBytes

/// Turns TCP segments into two ordered byte streams per connection, and the holes in them (RFC 9293).
///
/// In-order bytes go through borrowed; only what comes before its turn is copied. Memory follows the
/// connections that are open.
public struct TCPReassembler: ~Copyable {
  /// What was seen so far.
  public internal(set) var counts = ReassemblyCounts()

  let limits: ReassemblyLimits
  /// What flows are hashed with.
  public let seed: HashSeed
  var table = FlowTable()
  var flows = UniqueArray<Flow>()
  var freeSlots: [Int] = []
  /// What waits in all connections together, as `PendingSegments.charge`.
  var pendingCharge = 0
  /// Connections that are over and still remembered.
  var closedFlows = 0
  var order = EvictionOrder()
  /// The slot that the janitor looked at last; -1 before each round.
  var hand = -1
  var roundBegan: CaptureTime?
  var segmentsSinceSweep = 0
  /// The sink hears what TCP did to its bytes (`TransportNote`).
  let observesTransport: Bool
  var timer = RoundTripTimer()
  /// By slot.
  var troubles: [Int: Trouble] = [:]
  /// Connections whose delivered bytes are kept.
  var retaining = 0

  struct Flow: ~Copyable {
    enum State: UInt8 {
      case free, open
      /// A RST came that its receiver may have ignored.
      case doubtful
      case closed
    }

    /// Its end was not reported.
    var isOpen: Bool { state == .open || state == .doubtful }

    var key: FlowKey
    var state = State.open
    /// The initiator is the higher end of the key.
    var isReversed: Bool
    /// The sink's name for it; nil until a payload byte comes.
    var token: UInt32?
    /// The sink wants no more of it.
    var isIgnored = false
    /// No segment of it is simple: it is ignored, or `Trouble` wants to see them all.
    var needsCare = false
    var hasTrouble = false
    var firstFin: FlowDirection?
    /// Who sent the RST of a doubtful end; it came with `lastPacket`.
    var resetBy = FlowDirection.fromInitiator
    var stream: UInt64
    /// Its SYN was not captured, so that it has the number of the connection before it between these ends.
    var sharesNumber = false
    /// Its last packet, and when that was captured.
    var lastPacket: UInt64
    var lastSeen: CaptureTime
    var halves: InlineArray<2, HalfStream> = [HalfStream(), HalfStream()]
  }

  /// Where the payload of a segment in its turn belongs.
  struct Place {
    var token: UInt32
    var offset: UInt64
    /// What the segment acknowledges of the other direction, as an offset of that stream.
    var peerAcknowledged: UInt64?
    /// The segment had a payload.
    var isData: Bool
  }

  /// One segment with what is needed beside it, passed down the slow paths.
  struct Arrival {
    var slot: Int
    var direction: FlowDirection
    var packet: UInt64
    var time: CaptureTime
    /// When the packet of the connection before it was captured.
    var before = CaptureTime(nanoseconds: .min)
    /// What the segment acknowledges of the other direction, as an offset of that stream; nil when it has no ACK, or
    /// nothing of that direction was captured so far.
    var peerAcknowledged: UInt64?
  }

  /// A reassembler with room for nothing yet. Tests pass a seed; else each run hashes in its own way.
  public init(
    limits: ReassemblyLimits = ReassemblyLimits(), observesTransport: Bool = false, seed: UInt64? = nil
  ) {
    self.limits = limits
    self.observesTransport = observesTransport
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

  /// The same for a segment of which the hash of its key was worked out before, and perhaps where its flow is. By address, so that nearly every segment is
  /// never copied: it is as large as everything else that is touched for it.
  @inline(__always)
  mutating func take(
    _ segment: UnsafePointer<TCPSegment>, _ lookup: FlowLookup, payload: Span<UInt8>, mark: PayloadMark,
    packet: UInt64, time: CaptureTime, into sink: any ReassemblySink
  ) {
    let (key, reversed) = unsafe FlowKey.of(
      segment.pointee.source, segment.pointee.sourcePort, segment.pointee.destination,
      segment.pointee.destinationPort)
    sweepNowAndThen(time, into: sink)
    var slot = Int(lookup.likelySlot)
    if slot >= 0 && slot < flows.count && flows[slot].state != .free && flows[slot].key == key {
      // As foreseen.
    } else if let found = table.find(lookup.hash, matches: { flows[$0].key == key }) {
      slot = found
    } else {
      slot = unsafe open(key, lookup.hash, reversed: reversed, segment.pointee, time, packet, into: sink)
    }
    let direction: FlowDirection =
      reversed == flows[slot].isReversed ? .fromInitiator : .fromResponder
    if observesTransport { unsafe timer.take(segment.pointee, payload.count, slot, direction, at: time) }
    // Nearly every segment: what follows asks one question at a time.
    if let place = unsafe flows[slot].takeInTurn(
      segment, payload.count, direction, packet: packet, time: time)
    {
      guard place.isData else { return }
      let start = StreamPosition(offset: place.offset, packet: packet, time: time)
      let delivery = Delivery(payload, at: start, peerAcknowledged: place.peerAcknowledged)
      if !sink.received(delivery, mark, direction, place.token) { ignore(slot) }
      return
    }
    unsafe receiveUnusual(
      segment.pointee, payload,
      Arrival(slot: slot, direction: direction, packet: packet, time: time, before: flows[slot].lastSeen),
      into: sink)
  }

  /// Takes a segment that opens or ends something, is not in its turn, or stands where others wait.
  @inline(never)
  private mutating func receiveUnusual(
    _ segment: TCPSegment, _ payload: Span<UInt8>, _ place: Arrival, into sink: any ReassemblySink
  ) {
    var arrival = place
    let slot = arrival.slot
    if !flows[slot].halves[arrival.direction.rawValue].isNumbered { number(segment, arrival) }
    if flows[slot].state != .open || !segment.flags.isDisjoint(with: [.syn, .rst]) {
      guard receiveControl(segment, &arrival, into: sink) else { return }
    }
    flows[slot].lastPacket = arrival.packet
    flows[slot].lastSeen = arrival.time
    if segment.flags.contains(.ack) {
      acknowledge(segment.acknowledgment, arrival)
      arrival.peerAcknowledged =
        flows[slot].halves[1 &- arrival.direction.rawValue].offset(of: segment.acknowledgment)
    }
    if segment.window == 0 || flows[slot].hasTrouble { judgeWindow(segment.window, arrival, into: sink) }
    if payload.count > 0 || segment.cutBytes > 0 {
      receivePayload(segment, payload, arrival, into: sink)
    }
    if segment.flags.contains(.fin) { receiveFin(segment, arrival, into: sink) }
    judgeHoles(arrival, into: sink)
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
}

extension TCPReassembler.Flow {
  /// Takes a segment that needs nothing special: data in its turn, or an acknowledgment, of an open connection in
  /// which nothing waits. Nil, and nothing is changed, when it may need more.
  @inline(__always)
  fileprivate mutating func takeInTurn(
    _ segment: UnsafePointer<TCPSegment>, _ count: Int, _ direction: FlowDirection, packet: UInt64,
    time: CaptureTime
  ) -> TCPReassembler.Place? {
    let (index, other) = (direction.rawValue, 1 &- direction.rawValue)
    let special: TCPFlags = [.syn, .fin, .rst]
    let (flags, cutBytes) = unsafe (segment.pointee.flags, segment.pointee.cutBytes)
    let (sequence, acknowledgment) = unsafe (segment.pointee.sequence, segment.pointee.acknowledgment)
    let window = unsafe segment.pointee.window
    guard state == .open,
      flags.rawValue & (special.rawValue | TCPFlags.ack.rawValue) == TCPFlags.ack.rawValue,
      cutBytes == 0, window != 0, let token, !needsCare,
      halves[index].isKnown, halves[index].isNumbered, !halves[index].sawFin,
      halves[0].pending == nil, halves[1].pending == nil,
      count == 0 || sequence == halves[index].next
    else { return nil }
    lastPacket = packet
    lastSeen = time
    let place = TCPReassembler.Place(
      token: token, offset: halves[index].offset,
      peerAcknowledged: count > 0 ? halves[other].offset(of: acknowledgment) : nil, isData: count > 0)
    halves[index].advance(count)
    if !halves[other].isAcknowledged
      || sequenceDistance(acknowledgment, from: halves[other].acknowledged) > 0
    {
      halves[other].acknowledged = acknowledgment
      halves[other].isAcknowledged = true
    }
    return place
  }
}
