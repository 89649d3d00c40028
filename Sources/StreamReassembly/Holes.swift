import PacketLayers
import WireBytes

/// When a hole counts as lost.
extension TCPReassembler {
  /// An acknowledgment is about what the other side sent.
  @inline(__always)
  mutating func acknowledge(_ number: UInt32, _ arrival: Arrival, into sink: any ReassemblySink) {
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
  mutating func judgeHole(_ arrival: Arrival, into sink: any ReassemblySink) {
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
}
