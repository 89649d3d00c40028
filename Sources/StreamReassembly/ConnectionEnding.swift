import PacketLayers
import WireBytes

/// How a connection ends: FIN, RST, a new SYN, the end of the capture.
extension TCPReassembler {
  mutating func receiveFin(_ segment: TCPSegment, _ arrival: Arrival, into sink: any ReassemblySink) {
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
  mutating func endIfFinished(_ arrival: Arrival, into sink: any ReassemblySink) {
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

  mutating func receiveReset(_ segment: TCPSegment, _ arrival: Arrival, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    // RFC 9293 §3.10.7.4: a reset outside the window is not valid. Resets of a lost segment stand a little
    // behind, those of a busy sender ahead of what was captured.
    let half = flows[slot].halves[index]
    if half.isKnown, segment.sequence != 0,
      !(-65_536...(16 << 20)).contains(sequenceDistance(segment.sequence, from: half.next))
    {
      counts.invalidResets += 1
      return
    }
    close(slot, .rst, by: arrival.direction, packet: arrival.packet, time: arrival.time, into: sink)
  }

  mutating func close(
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
  mutating func flush(_ arrival: Arrival, into sink: any ReassemblySink) {
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
}
