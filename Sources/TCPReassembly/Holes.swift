import PacketLayers
import WireBytes

/// The receiver of a direction has bytes behind its holes, so it got those in the holes as well: they passed
/// by uncaptured, or are still to come in a capture that is a little out of order.
struct ProofOfHoles {
  /// Every hole before this stream offset is proven. Those proven later have their own grace, all together:
  /// if each one waited for the one before it, a lossy capture would fall further and further behind.
  var offset: UInt64
  /// When it was seen.
  var time: CaptureTime
  /// Segments of the connection since then, the one that proved it included.
  var segments = 0
  /// Nothing of the receiver is in the capture: there is no proof but that the sender goes on.
  var isOneSided = false
}

/// When a hole counts as lost.
extension TCPReassembler {
  /// An acknowledgment is about what the other side sent.
  @inline(__always)
  mutating func acknowledge(_ number: UInt32, _ arrival: Arrival) {
    let (slot, index) = (arrival.slot, 1 &- arrival.direction.rawValue)
    if !flows[slot].halves[index].isAcknowledged
      || sequenceDistance(number, from: flows[slot].halves[index].acknowledged) > 0
    {
      flows[slot].halves[index].acknowledged = number
      flows[slot].halves[index].isAcknowledged = true
    }
  }

  /// Any segment of a connection may be the one after which the grace of its holes is over.
  @inline(__always)
  mutating func judgeHoles(_ arrival: Arrival, into sink: any ReassemblySink) {
    let slot = arrival.slot
    if flows[slot].halves[0].pending != nil || flows[slot].halves[1].pending != nil {
      judge(.fromInitiator, arrival, into: sink)
      judge(.fromResponder, arrival, into: sink)
    }
  }

  @inline(never)
  private mutating func judge(
    _ direction: FlowDirection, _ arrival: Arrival, into sink: any ReassemblySink
  ) {
    let (slot, index) = (arrival.slot, direction.rawValue)
    guard let pending = flows[slot].halves[index].pending, let first = firstKnown(slot, index) else { return }
    // A hole behind the proof is not the one that was proven: that one was filled.
    let acknowledged = flows[slot].halves[index].acknowledgedOffset
    let isOneSided = !flows[slot].halves[index].isAcknowledged
    if let proof = pending.proof, proof.offset < first || proof.isOneSided != isOneSided {
      pending.proof = nil
    }
    let proven = isOneSided ? pending.lastEnd ?? first : acknowledged
    guard var proof = pending.proof ?? ProofOfHoles(of: first, proven, arrival.time) else { return }
    proof.segments += 1
    proof.isOneSided = isOneSided
    pending.proof = proof
    let (segments, time) = grace(of: proof)
    guard proof.segments > segments || arrival.time.nanoseconds(since: proof.time) > time else { return }
    pending.proof = nil
    var sender = arrival
    sender.direction = direction
    while let known = firstKnown(slot, index), known <= proof.offset,
      known > flows[slot].halves[index].offset
    {
      loseBytes(before: known, sender, into: sink)
      drain(sender, into: sink)
    }
    if let next = firstKnown(slot, index) {
      let proven = isOneSided ? pending.lastEnd ?? next : acknowledged
      pending.proof = ProofOfHoles(of: next, proven, arrival.time)
      pending.proof?.isOneSided = isOneSided
    }
    endIfFinished(sender, into: sink)
  }

  /// A sender that hears of no loss goes on for a round trip, or until its timer runs out, before it repeats the bytes.
  private func grace(of proof: ProofOfHoles) -> (segments: Int, time: Int64) {
    proof.isOneSided
      ? (limits.segmentsOfGraceOneSided, limits.timeOfGraceOneSided)
      : (limits.segmentsOfGrace, limits.timeOfGrace)
  }

  /// Stream offset of what is known behind the first hole: a byte, or the FIN. Nil when nothing waits (any more:
  /// the sink may have lost its interest).
  private func firstKnown(_ slot: Int, _ index: Int) -> UInt64? {
    guard let pending = flows[slot].halves[index].pending else { return nil }
    return pending.firstOffset ?? flows[slot].halves[index].finOffset
  }
}

extension ProofOfHoles {
  /// Nil unless the bytes before `known` are acknowledged.
  fileprivate init?(of known: UInt64, _ acknowledged: UInt64, _ time: CaptureTime) {
    guard acknowledged >= known else { return nil }
    self.init(offset: acknowledged, time: time)
  }
}
