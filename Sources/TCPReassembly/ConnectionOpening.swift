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
    order.put(slot, in: .withoutPayload, packet: packet)
    if observesTransport { timer.reset(slot) }
    return slot
  }

  /// A connection that begins with `segment`. Without a stream number of another one it gets the next one.
  private mutating func newFlow(
    _ key: FlowKey, reversed: Bool, _ segment: TCPSegment, _ packet: UInt64, _ time: CaptureTime,
    stream: UInt64? = nil
  ) -> Flow {
    // A SYN+ACK as first packet comes from the end that accepted.
    let fromResponder = segment.flags.isSuperset(of: [.syn, .ack])
    return Flow(
      key: key, isReversed: fromResponder ? !reversed : reversed, stream: stream ?? nextStream(),
      lastPacket: packet, lastSeen: time)
  }

  private mutating func nextStream() -> UInt64 {
    defer { counts.connections += 1 }
    return counts.connections
  }

  /// Remembers which SYN belongs to the first packet of a direction, in case it is captured late.
  @inline(never)
  mutating func number(_ segment: TCPSegment, _ arrival: Arrival) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    // `receiveSyn` and `begin` ask first whether there was a packet before it.
    if segment.flags.contains(.syn) && !segment.flags.contains(.rst) { return }
    if segment.payloadLength > 0 || segment.cutBytes > 0 || segment.flags.contains(.fin) { return }
    flows[slot].halves[index].number(segment.sequence &- 1)
    numberOther(segment, arrival)
  }

  private mutating func numberOther(_ segment: TCPSegment, _ arrival: Arrival) {
    let (slot, index) = (arrival.slot, 1 - arrival.direction.rawValue)
    guard segment.flags.contains(.ack), !flows[slot].halves[index].isNumbered else { return }
    flows[slot].halves[index].number(segment.acknowledgment &- 1)
  }

  /// The first byte seen of a direction whose SYN was not captured. The first segments may be out of order:
  /// what was said before of where the stream stands, by either side, is its begin if that is near.
  mutating func begin(_ segment: TCPSegment, _ sequence: UInt32, _ arrival: Arrival) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    let half = flows[slot].halves[index]
    var (origin, nearest) = (sequence, 1 << 20)
    if half.isNumbered {
      // Not one byte before: that was a keep-alive probe.
      let behind = sequenceDistance(sequence, from: half.initial &+ 1)
      if behind == 0 || behind > 1 && behind < nearest {
        (origin, nearest) = (half.initial &+ 1, behind)
      }
    }
    if half.isAcknowledged {
      let behind = sequenceDistance(sequence, from: half.acknowledged)
      if behind > 0 && behind < nearest { origin = half.acknowledged }
      // A keep-alive probe repeats the last byte, or has another one in its place (RFC 9293 §3.8.4).
      if behind == -1 && segment.payloadLength == 1 && segment.cutBytes == 0 {
        origin = half.acknowledged
      }
    }
    if !half.isNumbered {
      flows[slot].halves[index].number(sequence &- 1)
      numberOther(segment, arrival)
    }
    flows[slot].halves[index].begin(at: origin)
  }

  /// SYN, RST, and whatever comes for a connection that is over. False: the segment needs nothing more.
  @inline(never)
  mutating func receiveControl(
    _ segment: TCPSegment, _ arrival: inout Arrival, into sink: any ReassemblySink
  ) -> Bool {
    if flows[arrival.slot].state == .doubtful {
      if segment.flags.isDisjoint(with: [.syn, .rst]) { return receiveAfterDoubtfulReset(segment, arrival) }
      closeAtLastPacket(arrival.slot, .rst, into: sink)
    }
    if segment.flags.contains(.syn) && !segment.flags.contains(.rst) {
      return receiveSyn(segment, &arrival, into: sink)
    }
    if flows[arrival.slot].state == .closed {
      guard segment.payloadLength > 0 else { return false }
      if isOfAnother(segment, arrival) {
        replace(segment, &arrival, sharesNumber: false, into: sink)
        return true
      }
      counts.afterEnd += 1
      return false
    }
    guard segment.flags.contains(.rst) else { return true }
    receiveReset(segment, arrival, into: sink)
    return false
  }

  /// Long after the end of a connection, bytes far from where it stood are those of one whose SYN was not captured.
  private func isOfAnother(_ segment: TCPSegment, _ arrival: Arrival) -> Bool {
    let half = flows[arrival.slot].halves[arrival.direction.rawValue]
    guard half.isNumbered, !segment.flags.contains(.rst),
      arrival.time.nanoseconds(since: flows[arrival.slot].lastSeen) > limits.lingerTime
    else { return false }
    return abs(sequenceDistance(segment.sequence, from: half.isKnown ? half.next : half.initial)) > 16 << 20
  }

  /// Another initial number between the same ends is another connection. Wireshark counts so, too, unless it
  /// stands in a SYN+ACK.
  private mutating func receiveSyn(
    _ segment: TCPSegment, _ arrival: inout Arrival, into sink: any ReassemblySink
  ) -> Bool {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    let isAnswer = segment.flags.contains(.ack)
    let isFirst = !flows[slot].halves[index].isNumbered
    let isSame = !isFirst && flows[slot].halves[index].initial == segment.sequence

    if flows[slot].state == .closed {
      if isAnswer ? isSame || answersSyn(segment, arrival) : isSame && wasUsed(slot) { return false }
      // The SYN that was refused with a RST is sent once more.
      // A side of which there was no packet has no number that could differ, for Wireshark.
      replace(segment, &arrival, sharesNumber: isAnswer || isSame || isFirst, into: sink)
      flows[slot].sharesNumber = isAnswer
    } else if isSame {
      if flows[slot].halves[index].sawSyn { return true }
      if flows[slot].sharesNumber && !isAnswer {
        (flows[slot].stream, flows[slot].sharesNumber) = (nextStream(), false)
      }
    } else if !isFirst {
      if isAnswer && answersSyn(segment, arrival) {
        // A second answer to one SYN: the client takes the first one.
        if flows[slot].halves[index].sawSyn || flows[slot].halves[index].isKnown { return false }
      } else {
        replace(segment, &arrival, sharesNumber: isAnswer, into: sink)
      }
    }
    takeSyn(segment, arrival)
    return true
  }

  private mutating func takeSyn(_ segment: TCPSegment, _ arrival: Arrival) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    flows[slot].halves[index].sawSyn = true
    flows[slot].halves[index].number(segment.sequence)
    if !flows[slot].halves[index].isKnown {
      flows[slot].halves[index].begin(at: segment.sequence &+ 1)
    }
    numberOther(segment, arrival)
  }

  /// Whether a SYN+ACK confirms the SYN that is known of the other side.
  private func answersSyn(_ segment: TCPSegment, _ arrival: Arrival) -> Bool {
    let other = 1 - arrival.direction.rawValue
    return flows[arrival.slot].halves[other].sawSyn
      && flows[arrival.slot].halves[other].initial == segment.acknowledgment &- 1
  }

  /// Whether bytes were sent, or a FIN.
  private func wasUsed(_ slot: Int) -> Bool {
    for index in 0..<2 where flows[slot].halves[index].offset > 0 || flows[slot].halves[index].sawFin {
      return true
    }
    return false
  }

  private mutating func replace(
    _ segment: TCPSegment, _ arrival: inout Arrival, sharesNumber: Bool, into sink: any ReassemblySink
  ) {
    let slot = arrival.slot
    close(slot, .replaced, by: nil, packet: arrival.packet, time: arrival.time, into: sink)
    closedFlows -= 1
    let flow = newFlow(
      flows[slot].key, reversed: FlowKey.of(segment).reversed, segment, arrival.packet, arrival.time,
      stream: sharesNumber ? flows[slot].stream : nil)
    flows[slot] = flow
    order.put(slot, in: .withoutPayload, packet: arrival.packet)
    flows[slot].sharesNumber = sharesNumber
    arrival.direction = segment.flags.isSuperset(of: [.syn, .ack]) ? .fromResponder : .fromInitiator
    if observesTransport {
      timer.reset(slot)
      timer.take(segment, segment.payloadLength, slot, arrival.direction, at: arrival.time)
    }
  }
}
