import WireBytes

/// Reads the messages that one side of an HTTP/1.x connection sends: it delivers the heads and skips the bodies.
///
/// - A head that arrives in one call is read in place; one that arrives in several calls is collected, up to a limit.
/// - The first bytes are checked as early as possible. If they are not HTTP, or a later message does not begin like one,
///   the state says so. The bytes in question are those of `takePending`, followed by those that `receive` did not take.
/// - After a gap the position in the message is known only inside a body of known length. Elsewhere the decoder is lost and
///   tries once more: if the first bytes after the gap are a start line, it is back in step. How later bytes are cut into
///   calls does not matter.
package struct HTTPDecoder: ~Copyable, StreamDecoder {
  /// What the decoder does with the next byte.
  package enum State: Sendable {
    /// The first bytes were not an HTTP/1.x message of this side.
    case notHTTP
    /// It is not known where the next message begins.
    case lost
    /// Between messages or inside a head.
    case awaitingHead
    /// Inside a body.
    case body
    /// Stopped until `resume`.
    case paused
    /// Stopped for good: another protocol follows.
    case handedOver
  }

  private enum Step {
    case awaitingHead
    /// In a head that is longer than what is held; this describes the body.
    case restOfHead(Framing)
    case length(UInt64)
    case untilClose
    case chunked(ChunkedBody)
    case paused(Framing)
    case pausedAfterCutHead
    case lost
    case notHTTP
    case handedOver
  }

  private enum AfterBody { case nextHead, pause, handOver }

  private let side: Side
  private let limits: HTTPLimits
  private var step = Step.awaitingHead
  private var afterBody = AfterBody.nextHead

  /// Bytes of a head that is not complete.
  private var pending = PayloadBuffer()
  /// Bytes of memory that it takes up.
  var heldBytes: Int { pending.capacity }
  private var headStart = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
  /// The last byte of a head that is not complete.
  private var pendingEnd = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
  private var line = LineScan()
  /// How much of the start line was found valid.
  private var checked = Checked.nothing
  /// Whether a complete head was read.
  package private(set) var hasSeenHead = false
  /// Whether the end of a head that had begun was lost in a gap.
  package private(set) var hasLostHead = false
  /// Captured bytes of a head that was cut before it said anything.
  private var bytesOfLostHead = 0
  /// Whether the next bytes follow a gap: they may begin a message, or be anything else.
  private var followsGap = false

  /// Bytes of empty lines that the last call of `receive` passed over before a head. After a gap these may be anything, too.
  private(set) var emptyBytes = 0

  /// How many bytes of the last call were read before the first one that could not be, if the decoder got lost in that call.
  private(set) var bytesBeforeLoss: Int?

  /// The start of the body that is read, or was read last, if it is kept.
  private var body: KeptBody?

  private enum Checked { case nothing, prefix, line }

  /// A decoder for the requests of a client or the responses of a server.
  package init(side: Side, limits: HTTPLimits = HTTPLimits()) {
    (self.side, self.limits) = (side, limits)
  }

  /// What the decoder does with the next byte.
  package var state: State {
    switch step {
    case .awaitingHead: followsGap && checked != .line ? .lost : .awaitingHead
    case .length, .untilClose, .chunked, .restOfHead: .body
    case .paused, .pausedAfterCutHead: .paused
    case .lost: .lost
    case .notHTTP: .notHTTP
    case .handedOver: .handedOver
    }
  }

  /// Whether what was read last follows a gap.
  package var isAfterGap: Bool { followsGap }

  /// Whether it collects a head that began at `position` or later in the same packet.
  func beganHead(since position: StreamPosition) -> Bool {
    pending.count > 0 && headStart.packet == position.packet
      && Int64(bitPattern: headStart.offset &- position.offset) >= 0
  }

  /// Whether it is lost or does not read HTTP, and no gap came after which it could look again.
  package var isUnrecoverable: Bool {
    switch step {
    case .lost, .notHTTP: true
    default: false
    }
  }

  package mutating func receive(
    _ bytes: Span<UInt8>, at position: StreamPosition, into sink: any HTTPSink
  ) -> Int {
    var taken = 0
    (emptyBytes, bytesBeforeLoss) = (0, nil)
    let wasUnrecoverable = isUnrecoverable
    defer { if !wasUnrecoverable, isUnrecoverable, bytesBeforeLoss == nil { bytesBeforeLoss = taken } }
    while taken < bytes.count {
      switch step {
      case .restOfHead(let framing):
        guard let end = line.end(in: bytes.dropping(taken)) else { return bytes.count }
        taken += end
        line = LineScan()
        enter(framing, into: sink)
      case .length(let left):
        let here = min(left, UInt64(bytes.count - taken))
        body?.append(bytes.extracting(taken..<taken + Int(here)))
        taken += Int(here)
        if here == left { endMessage() } else { step = .length(left - here) }
      case .untilClose:
        body?.append(bytes.dropping(taken))
        return bytes.count
      case .lost:
        if !wasUnrecoverable { bytesBeforeLoss = taken }
        return bytes.count
      case .chunked(var chunks):
        let (count, outcome) = chunks.read(bytes.dropping(taken), keepingIn: &body)
        taken += count
        switch outcome {
        case .more: step = .chunked(chunks)
        case .done: endMessage()
        case .broken(let detail):
          let place = position.advanced(by: taken)
          sink.anomaly(Anomaly(HTTPRule.chunkSyntax, by: side, at: place, detail))
          step = afterBody == .handOver ? .handedOver : .lost
        }
      case .awaitingHead:
        let here = position.advanced(by: taken)
        let (count, isRefused) = readHead(bytes.dropping(taken), at: here, into: sink)
        taken += count
        // Bytes that are not a start line go back to the caller.
        if isRefused { return taken }
      case .paused, .pausedAfterCutHead, .notHTTP, .handedOver:
        return taken
      }
    }
    return taken
  }

  package mutating func skip(_ lost: UInt64, at position: StreamPosition, into sink: any HTTPSink) {
    guard lost > 0 else { return }
    if body?.hasEnded == false { body?.lacksBytes = true }
    switch step {
    case .length(let left) where lost <= left:
      if lost == left { endMessage() } else { step = .length(left - lost) }
    case .chunked(var body):
      if body.skip(lost) { step = .chunked(body) } else { resynchronize() }
    case .length, .lost, .restOfHead:
      resynchronize()
    case .awaitingHead:
      var after = AfterCutHead.search
      if pending.count > 0 {
        hasLostHead = hasLostHead || checked != .nothing
        after = deliverCut(into: sink)
      }
      resynchronize()
      if case .pause = after { step = .pausedAfterCutHead }
    case .untilClose, .paused, .pausedAfterCutHead, .notHTTP, .handedOver: break
    }
  }

  package mutating func finish(at position: StreamPosition, into sink: any HTTPSink) {
    guard case .awaitingHead = step, pending.count > 0 else { return }
    if !line.hasSeenLine, deliverWithBareCRs(Span(), at: pendingEnd, isEnd: true, into: sink) != nil {
      return
    }
    if case .pause = deliverCut(into: sink) {
      step = .pausedAfterCutHead
    }
  }

  /// Delivers the start of a head whose rest is not in the capture.
  private mutating func deliverCut(into sink: any HTTPSink) -> AfterCutHead {
    guard checked != .nothing,
      let head = BorrowedHead(cut: pending.bytes, from: side, start: headStart, end: pendingEnd)
    else {
      bytesOfLostHead = pending.count
      sink.anomaly(
        Anomaly(
          HTTPRule.headUnfinished, by: side, at: headStart,
          "only the first \(pending.count) bytes of a head are in the capture"))
      return .search
    }
    return sink.cutHead(head)
  }

  /// Captured bytes of a head that was cut before it said anything, since this was asked last; 0 if none was.
  mutating func takeBytesOfLostHead() -> Int {
    defer { bytesOfLostHead = 0 }
    return bytesOfLostHead
  }

  /// Keeps the start of the body that follows.
  mutating func keepBody() { body = KeptBody() }

  /// Removes and returns what was kept of a body that has ended. `isEnd`: nothing more of it comes.
  mutating func takeBody(isEnd: Bool = false) -> KeptBody? {
    guard let kept = body, isEnd || kept.hasEnded || state != .body else { return nil }
    body = nil
    return kept
  }

  /// Says what follows the head after which the decoder stopped.
  package mutating func resume(_ after: AfterHead, into sink: any HTTPSink) {
    switch step {
    case .paused(let framing): begin(after, framing, into: sink)
    case .pausedAfterCutHead: step = .awaitingHead
    // The body of the upgrade request has not ended yet.
    case .length, .chunked, .untilClose, .restOfHead: afterBody = .nextHead
    case .awaitingHead, .lost, .notHTTP, .handedOver: break
    }
  }

  /// Whether a head may stray into what the decoder passes over: into a body, or into what it cannot read.
  @inline(__always)
  var mayHoldStrayHead: Bool {
    switch step {
    case .length, .chunked, .untilClose: afterBody == .nextHead
    case .lost, .notHTTP: true
    case .awaitingHead, .restOfHead, .paused, .pausedAfterCutHead, .handedOver: false
    }
  }

  /// Whether the body has no end but that of the stream.
  var bodyEndsWithStream: Bool { if case .untilClose = step { true } else { false } }

  /// The last bytes were an upgrade request, although they should have gone on with the body.
  mutating func pauseAfterStrayRequest() {
    pending.clear()
    (line, checked, afterBody, followsGap) = (LineScan(), .nothing, .nextHead, false)
    (step, hasSeenHead) = (.paused(.none), true)
  }

  /// Stops for good, because another protocol follows: here, or after the body of the upgrade request.
  package mutating func handOver() {
    if state == .body, afterBody != .nextHead { afterBody = .handOver } else { step = .handedOver }
  }

  /// Accepts a start line as the next bytes, as after a gap. While a client waits for an answer, the server's next bytes are
  /// likely to be one.
  package mutating func resynchronize() {
    pending.clear()
    // Where the body of the upgrade request ends is not known: the decoder of the next protocol has to find its start.
    step = afterBody == .handOver ? .handedOver : .awaitingHead
    (line, checked, afterBody) = (LineScan(), .nothing, .nextHead)
    followsGap = true
  }

  /// Removes and returns the bytes of an unfinished head, with the position of the first one.
  package mutating func takePending() -> (bytes: [UInt8], start: StreamPosition)? {
    guard pending.count > 0 else { return nil }
    let bytes = pending.bytes.toArray()
    pending.clear()
    return (bytes, headStart)
  }

  // MARK: Heads

  private mutating func readHead(
    _ bytes: Span<UInt8>, at position: StreamPosition, into sink: any HTTPSink
  ) -> (taken: Int, isRefused: Bool) {
    if pending.count == 0 {
      // RFC 9112 §2.2: a server ignores empty lines before a request; clients treat responses alike.
      var empty = 0
      while empty < bytes.count, bytes[empty] == ASCII.cr || bytes[empty] == ASCII.lf { empty += 1 }
      if empty > 0 {
        emptyBytes = empty
        return (empty, false)
      }
      headStart = position
    }
    let end = line.end(in: bytes)
    let here = bytes.extracting(0..<(end ?? bytes.count))

    // A head in one piece is read in place.
    if pending.count == 0 {
      guard isStart(here) else {
        if let count = deliverWithBareCRs(bytes, at: position, into: sink) { return (count, false) }
        refuse(into: sink)
        return (0, true)
      }
      if end == nil, !line.hasSeenLine, let count = deliverWithBareCRs(here, at: position, into: sink) {
        return (count, false)
      }
      if end == nil || here.count > limits.headBytes {
        pendingEnd = position.advanced(by: here.count - 1)
        let excess = collect(here, isWhole: end != nil, into: sink)
        return (here.count - excess, false)
      }
      deliver(here, endingAt: position.advanced(by: here.count - 1), into: sink)
      return (here.count, false)
    }

    if checked == .nothing || (checked == .prefix && line.hasSeenLine) {
      // If the bytes of this call show that it is not a message, they stay with the caller.
      var probe = PayloadBuffer()
      probe.append(pending.bytes)
      probe.append(here)
      guard isStart(probe.bytes) else {
        if let count = deliverWithBareCRs(bytes, at: position, into: sink) { return (count, false) }
        refuse(into: sink)
        return (0, true)
      }
    }
    if end == nil, !line.hasSeenLine, let count = deliverWithBareCRs(here, at: position, into: sink) {
      return (count, false)
    }
    pending.append(here)
    if end == nil || pending.count > limits.headBytes {
      pendingEnd = position.advanced(by: here.count - 1)
      let excess = collect(bytes.extracting(0..<0), isWhole: end != nil, into: sink)
      return (here.count - excess, false)
    }
    var whole = PayloadBuffer()
    swap(&whole, &pending)
    deliver(whole.bytes, endingAt: position.advanced(by: here.count - 1), into: sink)
    return (here.count, false)
  }

  /// Whether `head`, as far as it goes, begins like a message of this side. Each part is checked once.
  private mutating func isStart(_ head: Span<UInt8>) -> Bool {
    if checked == .nothing {
      switch HTTPStart.of(head, from: side) {
      case .begun: checked = .prefix
      case .undecided: break
      case .other: return false
      }
    }
    if checked != .line, line.hasSeenLine {
      let end = head.first(ASCII.lf, in: 0..<head.count) ?? head.count
      // Beyond the limit the head is too long, whatever its first line says.
      guard end >= limits.headBytes || StartLine(head, upTo: end, from: side) != nil,
        !hasBareCRs(head, before: end)
      else { return false }
      checked = .line
    }
    return true
  }

  /// Whether the first LF, at `lf`, comes after a head whose lines end with CR alone.
  private func hasBareCRs(_ head: Span<UInt8>, before lf: Int) -> Bool {
    guard side == .client, let cr = head.first(ASCII.cr, in: 0..<min(lf, head.count)), cr + 1 < lf else {
      return false
    }
    return StartLine(head, upTo: cr, from: side) != nil && head.endOfBareCRs(isEnd: false) != nil
  }

  /// Delivers a head whose lines end with CR alone (RFC 9112 §2.2), of which `bytes` are the last ones and `pending` the others;
  /// returns how many of `bytes` belong to it. `isEnd`: nothing follows. What follows its empty line shows that no LF belongs
  /// to that.
  @inline(never)
  private mutating func deliverWithBareCRs(
    _ bytes: Span<UInt8>, at position: StreamPosition, isEnd: Bool = false, into sink: any HTTPSink
  ) -> Int? {
    guard side == .client else { return nil }
    let before = pending.count
    let seen = before == 0 ? [] : pending.bytes.extracting(max(0, before - 2)..<before).toArray()
    let place = (seen + bytes.toArray()).span.endOfBareCRs(isEnd: isEnd).map { $0 - seen.count }
    guard let place, place >= 0 else { return nil }
    var lines = pending.bytes.toArray() + bytes.extracting(0..<place).toArray()
    guard let end = lines.firstIndex(of: ASCII.cr), StartLine(lines.span, upTo: end, from: side) != nil else {
      return nil
    }
    for index in lines.indices where lines[index] == ASCII.cr { lines[index] = ASCII.lf }
    pending.clear()
    // What follows it may have come with the next call only.
    let last = place > 0 ? position.advanced(by: place - 1) : pendingEnd
    deliver(lines.span, endingAt: last, hadBareCRs: true, into: sink)
    return place
  }

  /// Returns how many bytes go beyond the limit and are not read: however many the call brought, what is lost begins with them.
  @inline(never)
  private mutating func collect(_ bytes: Span<UInt8>, isWhole: Bool, into sink: any HTTPSink) -> Int {
    pending.append(bytes)
    guard pending.count > limits.headBytes else { return 0 }
    let excess = pending.count - limits.headBytes
    // Of an upgrade request the start is as good as one that was cut.
    var start = PayloadBuffer()
    swap(&start, &pending)
    // However many bytes the call brought that went beyond the limit.
    var end = pendingEnd
    end.offset &-= UInt64(start.count - limits.headBytes)
    if side == .client,
      var head = BorrowedHead(
        cut: start.bytes.extracting(0..<limits.headBytes), from: side, start: headStart, end: end,
        isTooLong: true),
      head.concernsWebSocket, head.fields.count <= limits.upgradeFields
    {
      (followsGap, hasSeenHead) = (false, true)
      let framing = head.framing()
      let after = sink.head(head)
      checked = .nothing
      afterBody = if case .body = after { .nextHead } else { .pause }
      step = .restOfHead(framing)
      if isWhole {
        line = LineScan()
        enter(framing, into: sink)
      }
      return 0
    }
    loseHead("the head is longer than \(limits.headBytes) bytes", into: sink)
    return excess
  }

  @inline(never)
  private mutating func loseHead(_ head: borrowing BorrowedHead, _ limit: Int, into sink: any HTTPSink) {
    let detail = "the head has \(head.fields.count) fields, more than \(limit)"
    sink.tooLargeHead(head, detail)
    loseHead(detail, into: sink)
  }

  private mutating func loseHead(_ detail: String, into sink: any HTTPSink) {
    sink.anomaly(Anomaly(HTTPRule.headTooLarge, by: side, at: headStart, detail))
    pending.clear()
    step = .lost
  }

  /// The bytes do not begin like a message. After a gap this is no fault of the sender.
  private mutating func refuse(into sink: any HTTPSink) {
    if hasSeenHead, !followsGap {
      sink.anomaly(
        Anomaly(
          HTTPRule.startLine, by: side, at: headStart,
          "the bytes after the previous message are not a start line"))
    }
    step = hasSeenHead ? .lost : .notHTTP
  }

  private mutating func deliver(
    _ bytes: Span<UInt8>, endingAt end: StreamPosition, hadBareCRs: Bool = false, into sink: any HTTPSink
  ) {
    (line, checked, followsGap, hasSeenHead) = (LineScan(), .nothing, false, true)
    guard
      var head = BorrowedHead(bytes, from: side, start: headStart, end: end, hadBareCRs: hadBareCRs)
    else {
      // Not reached, because the start line was checked before.
      step = .lost
      return
    }
    let limit = head.concernsWebSocket ? limits.upgradeFields : limits.fields
    guard head.fields.count <= limit else { return loseHead(head, limit, into: sink) }
    let framing = head.framing()
    begin(sink.head(head), framing, into: sink)
  }

  // MARK: Bodies

  private mutating func begin(_ after: AfterHead, _ framing: Framing, into sink: any HTTPSink) {
    switch after {
    case .handOver: step = .handedOver
    case .pause: step = .paused(framing)
    case .noBody: endMessage()
    case .body, .bodyThenPause:
      afterBody = if case .bodyThenPause = after { .pause } else { .nextHead }
      enter(framing, into: sink)
    }
  }

  /// The body begins.
  @inline(__always)
  private mutating func enter(_ framing: Framing, into sink: any HTTPSink) {
    switch framing {
    case .none: endMessage()
    case .length(let count): step = .length(count)
    case .chunked: step = .chunked(ChunkedBody())
    case .untilClose: step = .untilClose
    case .broken(let anomaly):
      sink.anomaly(anomaly)
      step = .lost
    }
  }

  private mutating func endMessage() {
    body?.hasEnded = true
    switch afterBody {
    case .nextHead: step = .awaitingHead
    case .pause: step = .paused(.none)
    case .handOver: step = .handedOver
    }
    afterBody = .nextHead
  }
}
