import PacketLayers
import WireBytes

/// How a connection begins, and how a SYN begins another one between the same ends.
extension TCPReassembler {
  mutating func open(
    _ key: FlowKey, _ hash: UInt64, reversed: Bool, _ segment: TCPSegment, _ time: CaptureTime,
    _ packet: UInt64, into sink: any ReassemblySink
  ) -> Int {
    if table.count >= limits.connections { evict(into: sink) }
    let flow = newFlow(key, reversed: reversed, segment, packet, time)
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

  mutating func newFlow(
    _ key: FlowKey, reversed: Bool, _ segment: TCPSegment, _ packet: UInt64, _ time: CaptureTime
  ) -> Flow {
    // A SYN+ACK as first packet comes from the end that accepted.
    let fromResponder = segment.flags.isSuperset(of: [.syn, .ack])
    defer { counts.connections += 1 }
    return Flow(
      key: key, isReversed: fromResponder ? !reversed : reversed, stream: counts.connections,
      lastPacket: packet, lastSeen: time)
  }

  /// SYN, RST, and whatever comes for a connection that is over. False: the segment needs nothing more.
  @inline(never)
  mutating func receiveControl(
    _ segment: TCPSegment, _ arrival: inout Arrival, into sink: any ReassemblySink
  ) -> Bool {
    if segment.flags.contains(.syn) && !segment.flags.contains(.rst) {
      return receiveSyn(segment, &arrival, into: sink)
    }
    if flows[arrival.slot].state == .closed {
      if segment.payloadLength > 0 { counts.afterEnd += 1 }
      return false
    }
    guard segment.flags.contains(.rst) else { return true }
    receiveReset(segment, arrival, into: sink)
    return false
  }

  mutating func receiveSyn(
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
        flows[slot].key, reversed: FlowKey.of(segment).reversed, segment, arrival.packet,
        arrival.time)
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
}
