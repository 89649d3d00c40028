import PacketLayers
import WireBytes

/// Bytes before their turn, and bytes that came before.
extension TCPReassembler {
  @inline(never)
  mutating func receiveOutOfOrder(
    _ ahead: Int, _ segment: TCPSegment, _ payload: Span<UInt8>, _ arrival: Arrival,
    into sink: any ReassemblySink
  ) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    var (ahead, payload, cutBytes) = (ahead, payload, segment.cutBytes)
    if ahead < 0 {
      // Sent before, at least in part: keep-alive probes and retransmissions look like this.
      receiveAgain(ahead, segment, payload, arrival, into: sink)
      let new = payload.count &+ cutBytes &+ ahead
      guard new > 0 else { return }
      payload = payload.dropping(-ahead)
      cutBytes = new &- payload.count
      ahead = 0
    }
    let half = flows[slot].halves[index]
    if half.isOutOfWindow(half.next &+ UInt32(truncatingIfNeeded: ahead)) {
      counts.outOfWindow += 1
      return
    }
    if half.sawFin {
      // Nothing follows a FIN.
      let room = sequenceDistance(half.finSequence, from: half.next) &- ahead
      guard room > 0 else {
        counts.afterEnd += 1
        return
      }
      payload = payload.extracting(0..<min(payload.count, room))
      cutBytes = min(cutBytes, room &- payload.count)
    }
    let room = half.pending?.firstOffset.map { $0 &- half.offset }
    noteLate(half.offset &+ UInt64(ahead), payload.count, arrival, into: sink)
    if ahead == 0, UInt64(payload.count &+ cutBytes) <= room ?? .max {
      deliver(payload, cutBytes: cutBytes, arrival, into: sink)
    } else {
      // Bytes of it that wait already stay as they came first, even when the rest is in its turn.
      hold(payload, cutBytes: cutBytes, ahead: ahead, arrival, into: sink)
    }
    drain(arrival, saysWaits: true, into: sink)
    endIfFinished(arrival, into: sink)
  }

  /// Bytes that stand before others which came earlier.
  private func noteLate(_ offset: UInt64, _ count: Int, _ arrival: Arrival, into sink: any ReassemblySink) {
    guard observesTransport, count > 0,
      let next = flows[arrival.slot].halves[arrival.direction.rawValue].pending?.first(after: offset)
    else { return }
    let end = min(offset &+ UInt64(count), max(offset, next.offset))
    guard end > offset else { return }
    let patience = max(
      Self.longestOvertaking, timer.ofHandshake(arrival.slot, arrival.direction) ?? 0)
    note(
      .late(offset..<end, isPresumedLost: arrival.time.nanoseconds(since: next.time) >= patience),
      arrival.direction, arrival, into: sink)
  }

  /// Packets overtake each other by less, in nanoseconds, and by less than a round trip, after which bytes can have been
  /// sent again. Wireshark takes as long.
  private static let longestOvertaking: Int64 = 3_000_000

  mutating func hold(
    _ payload: Span<UInt8>, cutBytes: Int, ahead: Int, _ arrival: Arrival, into sink: any ReassemblySink
  ) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    if ahead > 0 { counts.outOfOrder += 1 }
    retain(slot)
    let pending = flows[slot].halves[index].pending ?? PendingSegments()
    flows[slot].halves[index].pending = pending
    let place = position(arrival, flows[slot].halves[index].offset &+ UInt64(ahead))
    let (added, repeated, conflict) = pending.insert(
      Delivery(payload, at: place, peerAcknowledged: arrival.peerAcknowledged), cutBytes: cutBytes,
      overlap: limits.overlap)
    pendingCharge += added
    if repeated > 0 {
      note(
        .retransmitted(place.offset..<place.offset &+ UInt64(repeated), wasAcknowledged: false),
        arrival.direction,
        arrival, into: sink)
    }
    if conflict {
      let token = flows[slot].token ?? openToken(slot, into: sink)
      sink.retransmissionConflict(arrival.direction, token, at: place)
    }
    drain(arrival, saysWaits: true, into: sink)
    // Asked anew each time: a sink that wants no more takes all that waits away.
    while let first = flows[slot].halves[index].pending?.firstOffset,
      pending.charge > limits.pendingPerDirection || pending.count > limits.pendingSegments
        || pendingCharge > limits.pendingInAll
    {
      counts.holesOverLimit += 1
      loseBytes(before: first, arrival, into: sink)
      drain(arrival, into: sink)
    }
  }

  /// Delivers what waits and whose turn has come. `saysWaits`: because the bytes before it came; where those are lost, the
  /// receiver had them, and nobody waited but the capture.
  mutating func drain(_ arrival: Arrival, saysWaits: Bool = false, into sink: any ReassemblySink) {
    let (slot, index) = (arrival.slot, arrival.direction.rawValue)
    guard let pending = flows[slot].halves[index].pending else { return }
    while flows[slot].halves[index].pending != nil {
      let charge = pending.charge
      guard let segment = pending.takeFirst(upTo: flows[slot].halves[index].offset) else { break }
      pendingCharge -= charge - pending.charge
      var origin = arrival
      (origin.packet, origin.time) = (segment.packet, segment.time)
      origin.peerAcknowledged = segment.peerAcknowledged
      if saysWaits, segment.packet != arrival.packet {
        let wait = max(0, arrival.time.nanoseconds(since: segment.time))
        note(.waited(segment.offset..<segment.end, for: wait), arrival.direction, origin, into: sink)
      }
      deliver(segment.bytes.span, cutBytes: segment.cutBytes, origin, into: sink)
    }
    if pending.count == 0 && flows[slot].halves[index].finOffset == nil {
      flows[slot].halves[index].pending = nil
    }
  }
}
