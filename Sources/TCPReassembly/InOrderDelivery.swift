import PacketLayers
import WireBytes

/// Bytes in their turn: borrowed from the packet to the sink.
extension TCPReassembler {
  @inline(__always)
  mutating func receivePayload(
    _ segment: TCPSegment, _ payload: Span<UInt8>, _ arrival: Arrival, into sink: any ReassemblySink
  ) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    if flows[slot].isIgnored {
      // Only the end of the connection matters. A RST is judged by the next number.
      let end = segment.sequence &+ UInt32(truncatingIfNeeded: segment.payloadLength &+ segment.cutBytes)
      if sequenceDistance(end, from: flows[slot].halves[index].next) > 0 {
        flows[slot].halves[index].next = end
      }
      return
    }
    let sequence = segment.flags.contains(.syn) ? segment.sequence &+ 1 : segment.sequence
    if !flows[slot].halves[index].isKnown { begin(segment, sequence, arrival) }
    let ahead = sequenceDistance(sequence, from: flows[slot].halves[index].next)
    if ahead == 0 && flows[slot].halves[index].pending == nil && !flows[slot].halves[index].sawFin {
      deliver(payload, cutBytes: segment.cutBytes, arrival, into: sink)
    } else {
      receiveOutOfOrder(ahead, segment, payload, arrival, into: sink)
    }
  }

  @inline(__always)
  mutating func deliver(
    _ bytes: Span<UInt8>, cutBytes: Int, _ arrival: Arrival, into sink: any ReassemblySink
  ) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    let token = flows[slot].token ?? openToken(slot, into: sink)
    let start = position(arrival, flows[slot].halves[index].offset)
    flows[slot].halves[index].advance(bytes.count)
    if flows[slot].hasTrouble, let trouble = trouble(slot), trouble.isRetaining {
      trouble[arrival.direction].deliver(bytes, at: start.offset)
    }
    if bytes.count > 0 {
      let delivery = Delivery(bytes, at: start, peerAcknowledged: arrival.peerAcknowledged)
      if !sink.received(delivery, .none, arrival.direction, token) { ignore(slot) }
    }
    if cutBytes > 0 {
      loseBytes(
        before: flows[slot].halves[index].offset &+ UInt64(cutBytes), arrival, into: sink)
    }
  }

  mutating func openToken(_ slot: Int, into sink: any ReassemblySink) -> UInt32 {
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

  /// Nothing more of the connection is of interest to the sink, except its end.
  @inline(never)
  mutating func ignore(_ slot: Int) {
    flows[slot].isIgnored = true
    flows[slot].needsCare = true
    forgetTrouble(slot)
    for index in 0..<2 {
      if let pending = flows[slot].halves[index].pending { pendingCharge -= pending.charge }
      flows[slot].halves[index].pending = nil
    }
  }

  mutating func loseBytes(before offset: UInt64, _ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    let start = flows[slot].halves[index].offset
    guard offset > start, !flows[slot].isIgnored else { return }
    let token = flows[slot].token ?? openToken(slot, into: sink)
    flows[slot].halves[index].advance(Int(clamping: offset - start))
    sink.lost(offset - start, arrival.direction, token, at: position(arrival, start))
  }

  func position(_ arrival: Arrival, _ offset: UInt64) -> StreamPosition {
    StreamPosition(offset: offset, packet: arrival.packet, time: arrival.time)
  }
}
