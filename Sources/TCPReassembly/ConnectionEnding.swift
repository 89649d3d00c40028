import PacketLayers
import WireBytes

/// How a connection ends: FIN, RST, a new SYN, the end of the capture.
extension TCPReassembler {
  mutating func receiveFin(_ segment: TCPSegment, _ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    guard flows[slot].state == .open, !flows[slot].halves[index].sawFin else { return }
    if flows[slot].isIgnored {
      // Nobody waits for the bytes before it.
      flows[slot].halves[index].sawFin = true
      flows[slot].firstFin = flows[slot].firstFin ?? arrival.direction
      endIfFinished(arrival, into: sink)
      return
    }
    let length = UInt32(truncatingIfNeeded: segment.payloadLength &+ segment.cutBytes)
    let sequence = segment.sequence &+ length &+ (segment.flags.contains(.syn) ? 1 : 0)
    if !flows[slot].halves[index].isKnown { begin(segment, sequence, arrival) }
    // It cannot stand before bytes that are known, and not far from all that was acknowledged.
    let ahead = sequenceDistance(sequence, from: flows[slot].halves[index].next)
    let known = flows[slot].halves[index].pending?.lastEnd ?? 0
    guard ahead >= 0, flows[slot].halves[index].offset &+ UInt64(ahead) >= known,
      !flows[slot].halves[index].isOutOfWindow(sequence)
    else {
      counts.outOfWindow += 1
      return
    }
    flows[slot].halves[index].sawFin = true
    flows[slot].halves[index].finSequence = sequence
    flows[slot].firstFin = flows[slot].firstFin ?? arrival.direction
    // It waits for the bytes before it, as bytes behind a hole do.
    if ahead > 0 && flows[slot].halves[index].pending == nil {
      flows[slot].halves[index].pending = PendingSegments()
    }
    endIfFinished(arrival, into: sink)
  }

  /// A direction is finished when all before its FIN was delivered or lost, the connection when both are.
  mutating func endIfFinished(_ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    guard flows[slot].halves[index].sawFin else { return }
    finishIfComplete(arrival, into: sink)
    if flows[slot].isIgnored {
      var other = arrival
      other.direction = arrival.direction.opposite
      finishIfComplete(other, into: sink)
    }
    if flows[slot].halves[index].isFinished && flows[slot].halves[1 - index].isFinished {
      close(
        slot, .fin, by: flows[slot].firstFin, packet: arrival.packet, time: arrival.time, into: sink)
    }
  }

  private mutating func finishIfComplete(_ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    guard flows[slot].halves[index].sawFin, !flows[slot].halves[index].isFinished,
      flows[slot].isIgnored
        || flows[slot].halves[index].next == flows[slot].halves[index].finSequence
    else { return }
    flows[slot].halves[index].isFinished = true
    flows[slot].halves[index].pending = nil
    if let token = flows[slot].token, !flows[slot].isIgnored {
      sink.finished(arrival.direction, token, at: position(arrival, flows[slot].halves[index].offset))
    }
  }

  mutating func receiveReset(_ segment: TCPSegment, _ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    // RFC 9293 §3.10.7.4: a reset outside the window is not valid. Resets of a lost segment stand a little
    // behind, those of a busy sender ahead of what was captured.
    let half = flows[slot].halves[index]
    if half.isKnown,
      !(-65_536...(16 << 20)).contains(sequenceDistance(segment.sequence, from: half.next))
    {
      counts.invalidResets += 1
      return
    }
    guard half.isPlaceOfReset(segment.sequence) else {
      // RFC 5961 §3.2: its receiver asks back instead of ending. What was not captured may explain the number; if the
      // connection goes on, it was forged.
      (flows[slot].state, flows[slot].resetBy) = (.doubtful, arrival.direction)
      (flows[slot].lastPacket, flows[slot].lastSeen) = (arrival.packet, arrival.time)
      return
    }
    close(slot, .rst, by: arrival.direction, packet: arrival.packet, time: arrival.time, into: sink)
  }

  /// A segment after a RST that may not have counted. True: the connection goes on, the RST was none.
  mutating func receiveAfterDoubtfulReset(_ segment: TCPSegment, _ arrival: Arrival) -> Bool {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    guard segment.payloadLength > 0 else { return false }
    // What the other side had sent before it received the RST proves nothing.
    let wait = arrival.time.nanoseconds(since: flows[slot].lastSeen)
    let ahead = sequenceDistance(segment.sequence, from: flows[slot].halves[index].next)
    guard arrival.direction == flows[slot].resetBy || wait > Self.timeOfFlight,
      (-65_536...(16 << 20)).contains(ahead)
    else {
      counts.afterEnd += 1
      return false
    }
    flows[slot].state = .open
    counts.invalidResets += 1
    return true
  }

  /// How long segments may be under way after their connection was reset, in nanoseconds.
  private static let timeOfFlight: Int64 = 1_000_000_000

  mutating func close(
    _ slot: Int, _ how: ConnectionEnd, by direction: FlowDirection?, packet: UInt64, time: CaptureTime,
    into sink: any ReassemblySink
  ) {
    guard flows[slot].isOpen else { return }
    var (how, direction, packet, time) = (how, direction, packet, time)
    if flows[slot].state == .doubtful {
      (how, direction) = (.rst, flows[slot].resetBy)
      (packet, time) = (flows[slot].lastPacket, flows[slot].lastSeen)
    }
    // The FIN that came first is reported first: it began the end.
    let first = flows[slot].firstFin ?? .fromInitiator
    for direction in [first, first.opposite] {
      flush(Arrival(slot: slot, direction: direction, packet: packet, time: time), into: sink)
    }
    // Both FINs were there, they only waited for bytes that never came.
    if how != .rst && flows[slot].halves[0].isFinished && flows[slot].halves[1].isFinished {
      (how, direction) = (.fin, flows[slot].firstFin)
    }
    flows[slot].state = .closed
    closedFlows += 1
    order.put(slot, in: .closed, packet: flows[slot].lastPacket)
    if let token = flows[slot].token {
      for direction in [FlowDirection.fromInitiator, .fromResponder] where !flows[slot].isIgnored {
        let left = unconfirmed(slot, direction)
        guard observesTransport || left?.repetitions ?? 0 > 0 else { continue }
        sink.ending(
          DirectionEnding(
            unconfirmed: left,
            handshakeRoundTrip: observesTransport ? timer.ofHandshake(slot, direction) : nil,
            roundTrips: observesTransport ? timer.summary(slot, direction) : RoundTrips()), direction, token)
      }
      let end = StreamPosition(offset: flows[slot].halves[0].offset, packet: packet, time: time)
      sink.closed(how, by: direction, token, at: end)
    }
    flows[slot].token = nil
    if observesTransport { timer.release(slot) }
    forgetTrouble(slot)
  }

  /// No packet ended it.
  mutating func closeAtLastPacket(_ slot: Int, _ how: ConnectionEnd, into sink: any ReassemblySink) {
    close(
      slot, how, by: nil, packet: flows[slot].lastPacket, time: flows[slot].lastSeen, into: sink)
  }

  /// Delivers all that waits in one direction; the holes in it are lost, and so is what is known to follow:
  /// bytes that the receiver confirmed, and all before a FIN.
  private mutating func flush(_ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    while let first = flows[slot].halves[index].pending?.firstOffset {
      loseBytes(before: first, arrival, into: sink)
      drain(arrival, into: sink)
    }
    if let end = flows[slot].halves[index].finOffset {
      loseBytes(before: end, arrival, into: sink)
      finishIfComplete(arrival, into: sink)
    } else if flows[slot].halves[index].acknowledgedAhead < 1 << 30 {
      loseBytes(before: flows[slot].halves[index].acknowledgedOffset, arrival, into: sink)
    }
    flows[slot].halves[index].pending = nil
  }
}
