import PacketLayers
import WireBytes

/// What becomes of a connection's bytes: in their turn, before it, or once more.
extension Connection {
  mutating func receivePayload(
    _ segment: TCPSegment, _ payload: Span<UInt8>, _ context: SegmentContext,
    _ shared: inout ReassemblyResources, into sink: any ReassemblySink
  ) {
    let index = context.direction.rawValue
    if isIgnored {
      // Only the end of the connection matters. A RST is judged by the next number.
      let length = UInt32(truncatingIfNeeded: segment.payloadLength &+ segment.cutBytes)
      return halves[index].skip(to: segment.sequence &+ length)
    }
    let sequence = segment.flags.contains(.syn) ? segment.sequence &+ 1 : segment.sequence
    if !halves[index].isSynchronized { synchronize(segment, at: sequence, context.direction) }
    let ahead = sequenceDistance(sequence, from: halves[index].next)
    if ahead == 0 && halves[index].pending == nil && !halves[index].sawFin {
      deliver(payload, cutBytes: segment.cutBytes, context, &shared, into: sink)
    } else {
      receiveOutOfOrder(ahead, payload, cutBytes: segment.cutBytes, context, &shared, into: sink)
    }
  }

  // MARK: In their turn

  private mutating func deliver(
    _ bytes: Span<UInt8>, cutBytes: Int, _ context: SegmentContext, _ shared: inout ReassemblyResources,
    into sink: any ReassemblySink
  ) {
    let index = context.direction.rawValue
    let token = openToken(into: sink)
    let start = context.position(halves[index].offset)
    halves[index].advance(bytes.count)
    if let history, history.isRetaining { history[context.direction].retain(bytes, at: start.offset) }
    if bytes.count > 0 {
      let known = DeliveryContext(
        at: start, peerAcknowledged: context.peerAcknowledged,
        peerIsDelivered: halves[1 &- index].pending == nil
          && halves[1 &- index].hasDelivered(context.peerAcknowledged))
      if !sink.received(bytes, known, .none, context.direction, token) { ignore(&shared) }
    }
    if cutBytes > 0 { lose(before: halves[index].offset &+ UInt64(cutBytes), context, into: sink) }
  }

  /// The bytes before this offset are lost, except those that were delivered.
  mutating func lose(before offset: UInt64, _ context: SegmentContext, into sink: any ReassemblySink) {
    let index = context.direction.rawValue
    let start = halves[index].offset
    guard offset > start, !isIgnored else { return }
    let token = openToken(into: sink)
    halves[index].advance(Int(clamping: offset - start))
    sink.lost(offset - start, context.direction, token, at: context.position(start))
  }

  /// Delivers what waits and whose turn has come. `saysWaits`: because the bytes before it came. Where those are lost, the
  /// receiver had them, and nobody waited but the capture.
  mutating func drain(
    _ context: SegmentContext, saysWaits: Bool = false, _ shared: inout ReassemblyResources,
    into sink: any ReassemblySink
  ) {
    let index = context.direction.rawValue
    guard let pending = halves[index].pending else { return }
    while halves[index].pending != nil {
      let charge = pending.charge
      guard let (range, segment) = pending.takeFirst(startingBy: halves[index].offset) else { break }
      shared.pendingCharge -= charge - pending.charge
      var origin = context
      (origin.packet, origin.time) = (segment.packet, segment.time)
      origin.peerAcknowledged = segment.peerAcknowledged
      if saysWaits, segment.packet != context.packet {
        let wait = max(0, context.time.nanoseconds(since: segment.time))
        note(.waited(range, for: wait), origin, shared, into: sink)
      }
      deliver(
        segment.bytes.span, cutBytes: range.count &- segment.bytes.count, origin, &shared, into: sink)
    }
    if pending.count == 0 && halves[index].finOffset == nil { halves[index].pending = nil }
  }

  // MARK: Before their turn

  /// `ahead`: how far the payload is from the byte that is due, below 0 if it comes before that.
  private mutating func receiveOutOfOrder(
    _ ahead: Int, _ payload: Span<UInt8>, cutBytes: Int, _ context: SegmentContext,
    _ shared: inout ReassemblyResources, into sink: any ReassemblySink
  ) {
    let index = context.direction.rawValue
    var (ahead, payload, cutBytes) = (ahead, payload, cutBytes)
    if ahead < 0 {
      // Sent before, at least in part: keep-alive probes and retransmissions look like this.
      receiveAgain(ahead, payload, cutBytes: cutBytes, context, &shared, into: sink)
      let new = payload.count &+ cutBytes &+ ahead
      guard new > 0 else { return }
      payload = payload.dropping(-ahead)
      cutBytes = new &- payload.count
      ahead = 0
    }
    let half = halves[index]
    if half.isOutOfWindow(half.next &+ UInt32(truncatingIfNeeded: ahead)) {
      shared.counts.outOfWindow += 1
      return
    }
    if half.sawFin {
      // Nothing follows a FIN.
      let room = sequenceDistance(half.finSequence, from: half.next) &- ahead
      guard room > 0 else {
        shared.counts.afterEnd += 1
        return
      }
      payload = payload.extracting(0..<min(payload.count, room))
      cutBytes = min(cutBytes, room &- payload.count)
    }
    let room = half.pending?.firstOffset.map { $0 &- half.offset }
    noteLate(half.offset &+ UInt64(ahead), payload.count, context, shared, into: sink)
    if ahead == 0, UInt64(payload.count &+ cutBytes) <= room ?? .max {
      deliver(payload, cutBytes: cutBytes, context, &shared, into: sink)
    } else {
      // Bytes of it that wait already stay as they came first, even when the rest is in its turn.
      hold(payload, cutBytes: cutBytes, ahead: ahead, context, &shared, into: sink)
    }
    drain(context, saysWaits: true, &shared, into: sink)
    finishIfComplete(context, into: sink)
  }

  /// Bytes that come before others which were captured earlier.
  private func noteLate(
    _ offset: UInt64, _ count: Int, _ context: SegmentContext, _ shared: ReassemblyResources,
    into sink: any ReassemblySink
  ) {
    guard shared.observesTransport, count > 0,
      let next = halves[context.direction.rawValue].pending?.first(endingAfter: offset)
    else { return }
    let end = min(offset &+ UInt64(count), max(offset, next.start))
    guard end > offset else { return }
    let patience = max(Self.longestOvertaking, context.handshakeRoundTrip ?? 0)
    note(
      .late(offset..<end, isPresumedLost: context.time.nanoseconds(since: next.time) >= patience), context,
      shared, into: sink)
  }

  /// Packets overtake each other by less, in nanoseconds, and by less than a round trip, after which bytes can have been
  /// sent again. Wireshark waits as long.
  private static let longestOvertaking: Int64 = 3_000_000

  private mutating func hold(
    _ payload: Span<UInt8>, cutBytes: Int, ahead: Int, _ context: SegmentContext,
    _ shared: inout ReassemblyResources, into sink: any ReassemblySink
  ) {
    let index = context.direction.rawValue
    if ahead > 0 { shared.counts.outOfOrder += 1 }
    retain(&shared)
    let pending = halves[index].pending ?? SegmentBuffer()
    halves[index].pending = pending
    let place = context.position(halves[index].offset &+ UInt64(ahead))
    let insertion = pending.insert(
      Delivery(payload, at: place, peerAcknowledged: context.peerAcknowledged), cutBytes: cutBytes,
      overlap: shared.limits.overlap)
    shared.pendingCharge += insertion.charge
    if insertion.repeated > 0 {
      let again = place.offset..<place.offset &+ UInt64(insertion.repeated)
      note(.retransmitted(again, wasAcknowledged: false), context, shared, into: sink)
    }
    if insertion.conflicts {
      sink.retransmissionConflict(context.direction, openToken(into: sink), at: place)
    }
    drain(context, saysWaits: true, &shared, into: sink)
    // Asked anew each time: a sink that wants no more takes all that waits away.
    while let first = halves[index].pending?.firstOffset, pending.isOver(shared) {
      shared.counts.gapsOverLimit += 1
      lose(before: first, context, into: sink)
      drain(context, &shared, into: sink)
    }
  }

  /// Gives up gaps of a direction whose grace is over.
  mutating func judgeGaps(
    _ context: SegmentContext, _ shared: inout ReassemblyResources, into sink: any ReassemblySink
  ) {
    let index = context.direction.rawValue
    let acknowledged = halves[index].acknowledgedOffset
    guard let pending = halves[index].pending,
      let evidence = halves[index].gapEvidence(acknowledged: acknowledged),
      let end = pending.grace.judge(evidence, at: context.time, shared.limits)
    else { return }
    while let known = halves[index].firstPending, known <= end, known > halves[index].offset {
      lose(before: known, context, into: sink)
      drain(context, &shared, into: sink)
    }
    if let evidence = halves[index].gapEvidence(acknowledged: acknowledged) {
      pending.grace.restart(evidence, at: context.time)
    }
    finishIfComplete(context, into: sink)
  }

  // MARK: Once more

  /// Bytes that were delivered before came once more; `ahead` is where they begin, below 0.
  private mutating func receiveAgain(
    _ ahead: Int, _ payload: Span<UInt8>, cutBytes: Int, _ context: SegmentContext,
    _ shared: inout ReassemblyResources, into sink: any ReassemblySink
  ) {
    let half = halves[context.direction.rawValue]
    let length = payload.count &+ cutBytes
    // RFC 9293 §3.8.4: a probe repeats the last byte, or has any other one in its place.
    if ahead == -1, length == 1, half.acknowledgedAhead == 0, half.isAcknowledged {
      return noteKeepAlive(context, &shared, into: sink)
    }
    // What precedes the stream's first byte has no offset.
    let distance = UInt64(-ahead)
    let hidden = distance > half.offset ? Int(clamping: distance &- half.offset) : 0
    if hidden > 0, !half.sawSyn { countBeforeStart(min(hidden, length), context, &shared, into: sink) }
    if length &+ ahead <= 0, hidden < length || half.sawSyn { shared.counts.retransmissions += 1 }
    guard hidden < length else { return }
    let start = half.offset &- min(distance, half.offset)
    let again = start..<min(half.offset, start &+ UInt64(length &- hidden))
    guard !again.isEmpty else { return }
    let wasAcknowledged = half.isAcknowledged && half.acknowledgedOfDelivered >= again.upperBound
    let isCopy =
      again.upperBound == half.offset && length &+ ahead == 0
      && context.time.nanoseconds(since: context.previousTime) < Self.timeBetweenCopies
    compare(payload.dropping(hidden), at: again.lowerBound, context, into: sink)
    if isCopy {
      shared.counts.capturedTwice += 1
      return note(.capturedTwice(again), context, shared, into: sink)
    }
    retain(&shared)
    if !wasAcknowledged {
      makeHistory()[context.direction].noteRepetition(at: again.lowerBound, context.time)
    }
    note(.retransmitted(again, wasAcknowledged: wasAcknowledged), context, shared, into: sink)
  }

  /// No sender repeats its last segment so soon, in nanoseconds: it waits for a round trip at least (RFC 8985 §7.2), and
  /// most wait for 200 ms.
  private static let timeBetweenCopies: Int64 = 1_000_000

  /// They may be repeated or late: their first copy was not captured before.
  private func countBeforeStart(
    _ bytes: Int, _ context: SegmentContext, _ shared: inout ReassemblyResources,
    into sink: any ReassemblySink
  ) {
    shared.counts.bytesBeforeStart &+= UInt64(bytes)
    guard let token else { return }
    sink.cameBeforeStart(UInt64(bytes), context.direction, token, at: context.position(0))
  }

  private func compare(
    _ copy: Span<UInt8>, at offset: UInt64, _ context: SegmentContext, into sink: any ReassemblySink
  ) {
    guard let history, let token, !history[context.direction].agrees(with: copy, at: offset) else { return }
    sink.retransmissionConflict(context.direction, token, at: context.position(offset))
  }
}

extension SegmentBuffer {
  /// Whether more waits here, or in all connections together, than may.
  fileprivate func isOver(_ shared: ReassemblyResources) -> Bool {
    charge > shared.limits.pendingPerDirection || count > shared.limits.pendingSegments
      || shared.pendingCharge > shared.limits.pendingInAll
  }
}
