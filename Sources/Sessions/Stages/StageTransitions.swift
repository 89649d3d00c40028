import HTTP1
import Preambles
import SessionAnalysis
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// How a connection gets from one stage to the next.
extension Dispatcher {
  /// Gives a connection its next stage: the only place where that happens.
  func move(_ slot: Int, to next: Stage) {
    if connections[slot].heldCost > 0 {
      midstream.heldBytes -= connections[slot].heldCost
      connections[slot].heldCost = 0
    }
    if connections[slot].charged > 0 { context.budget.update(&connections[slot].charged, to: 0) }
    connections[slot].stage = next
    var frames: Stage.FrameReading?
    switch next {
    case .preamble, .midstream: countHeldBytes(slot)
    case .webSocket(let reading):
      // Bytes of both sides need no stage any more once it is known where the client's frames begin.
      if reading.isSettled, reading.session.state.rare?.copies == nil { frames = reading }
    case .detecting, .http1, .forced, .unrecognized, .copy, .ignored: break
    }
    entries[slot].lead(to: frames)
  }

  // MARK: Detecting

  /// The first bytes of a connection, or of what a tunnel carries.
  func detect(_ bytes: Span<UInt8>, _ direction: FlowDirection, _ slot: Int) -> StageStep {
    let isPreamble = mayBeginPreamble(bytes, direction, slot)
    move(slot, to: isPreamble ? .preamble(PreambleReader()) : stage(for: bytes, direction, slot))
    return .handOver(after: 0)
  }

  /// The stage for first bytes that are no preamble.
  func stage(for first: Span<UInt8>, _ direction: FlowDirection, _ slot: Int) -> Stage {
    let lacksStart = connections[slot].lacksStart
    // RFC 9112 §2.2: a server ignores empty lines before a request. In the middle of a connection they are lines of some text.
    let bytes = lacksStart ? first : first.dropping(first.emptyLines)
    // What follows them, the next bytes say.
    if bytes.isEmpty { return .http1(HTTP1Exchange()) }
    if bytes.beginsWithTLSRecord(isFirst: !lacksStart) {
      tlsConnections += 1
      return .ignored
    }
    if lacksStart, !bytes.beginsWithHTTPHead { return stageWithoutHead(bytes, direction, slot) }
    let side = entries[slot].side(direction)
    if case .other = HTTPStart.of(bytes, from: side) {
      // Without a SYN the first packet does not tell who is the client.
      guard case .begun = HTTPStart.of(bytes, from: side.peer) else {
        return stageWithoutHead(bytes, direction, slot)
      }
      entries[slot].clientIsInitiator.toggle()
    }
    return .http1(HTTP1Exchange(startCaptured: !lacksStart))
  }

  /// The first bytes are no HTTP head. A WebSocket begins with a handshake, so frames can be expected only where the first
  /// bytes of the connection are missing.
  func stageWithoutHead(_ first: Span<UInt8>, _ direction: FlowDirection, _ slot: Int) -> Stage {
    let lacksStart = connections[slot].lacksStart
    if ports.areForced(connections[slot].info) {
      return forced(slot, isAtStart: !lacksStart, first, direction)
    }
    guard lacksStart else { return unrecognized(.unknownProtocol, slot) }
    return .midstream(MidstreamDetector(likelyClient: likelyClient(slot)))
  }

  /// The stage for bytes that are to be read as frames. If they can be none, a request may follow them.
  private func forced(
    _ slot: Int, isAtStart: Bool, _ first: Span<UInt8>, _ direction: FlowDirection
  ) -> Stage {
    entries[slot].clientIsInitiator = ports.isInitiatorClient(connections[slot].info)
    // A client that does not mask begins with a whole message.
    let mayBeFrame =
      MidstreamDetector.mayBeginFrame(first, from: entries[slot].side(direction))
      || first[0] >= 0x80 && MidstreamDetector.mayBeginFrame(first, from: .server)
    return mayBeFrame ? .forced(isAtStart: isAtStart) : requestBeforeFrames(slot, isAtStart: isAtStart)
  }

  /// The stage for bytes that are to be read as frames, and of which the next ones can be none.
  private func requestBeforeFrames(_ slot: Int, isAtStart: Bool) -> Stage {
    entries[slot].clientIsInitiator = ports.isInitiatorClient(connections[slot].info)
    return .unrecognized(
      UpgradeSearch(
        .unknownProtocol, client: entries[slot].direction(of: .client), holdsBytes: true,
        isAtStart: isAtStart))
  }

  /// The end that opened the connection, or most likely did: servers listen on low ports.
  private func likelyClient(_ slot: Int) -> Side? {
    let info = connections[slot].info
    if info.sawStart { return entries[slot].side(.fromInitiator) }
    for limit in [1024, 32_768] as [UInt16]
    where (info.initiator.port < limit) != (info.responder.port < limit) {
      return entries[slot].side(info.responder.port < limit ? .fromInitiator : .fromResponder)
    }
    return nil
  }

  // MARK: HTTP

  /// Does what the exchange asks for.
  func act(on step: ExchangeStep, _ slot: Int) -> StageStep {
    switch step {
    case .taken: return .taken
    case .found(let events):
      report(events, slot)
      return .taken
    case .handOver(let handOver):
      report(handOver.events, slot)
      moveOn(from: handOver, slot)
      return .handOver(after: handOver.taken)
    }
  }

  private func report(_ events: [ExchangeEvent], _ slot: Int) {
    for event in events {
      switch event {
      case .notUpgraded(let handshake): notUpgraded(handshake, slot)
      case .refusalBody(let body): connections[slot].refused.last?.state.noteRare().refusalBody = body
      case .requestTooLarge(let position, let detail): addUnread(at: position, .headTooLarge(detail), slot)
      case .cutRequestRefused(let request, let status):
        addUnread(at: request.start, .cut(status: status), slot)
      case .connectRefused(let target, let isAuthenticated, let status):
        noteRefused(Preamble(.connect, to: target, isAuthenticated: isAuthenticated), status, slot)
      case .upgradeRequested, .anomaly: break
      }
    }
  }

  /// Goes on to what follows HTTP.
  private func moveOn(from handOver: HandOver, _ slot: Int) {
    switch handOver.next {
    case .webSocket(let handshake, let client):
      upgraded(handshake, client, slot)
      replay(handOver.replay, slot)
    case .unnamed(let handshake) where ports.areForced(connections[slot].info):
      upgraded(handshake, .uncertain, slot)
      replay(handOver.replay, slot)
    case .unnamed(let handshake):
      let detector = MidstreamDetector(isClientKnown: true, expecting: .switched)
      connections[slot].noteDamage().unnamedSwitch = handshake
      move(slot, to: .midstream(detector))
      _ = settle(detector.receive(handOver.replay), slot)
    case .tunnel(let target, let isAuthenticated):
      // A new protocol begins: its first bytes tell which.
      passOn(Preamble(.connect, to: target, isAuthenticated: isAuthenticated), slot)
      replay(handOver.replay, slot)
    case .notHTTP where !connections[slot].lacksStart && !ports.areForced(connections[slot].info):
      move(slot, to: unrecognized(.unknownProtocol, slot))
      replay(handOver.replay, slot)
    case .notHTTP, .unknown:
      move(slot, to: stage(after: handOver, slot))
      if case .midstream(let detector) = connections[slot].stage {
        _ = settle(detector.receive(handOver.replay), slot)
      } else {
        replay(handOver.replay, slot)
      }
    case .other(let name):
      let shown = sessions.hidesSecrets ? Secrets.redacted(line: name.utf8.span) : name
      move(slot, to: unrecognized(.otherProtocol(shown), slot))
      replay(handOver.replay, slot)
    }
  }

  /// HTTP ended, and what follows may be frames: the response to an upgrade request was not captured, or the exchange
  /// itself was joined midstream.
  private func stage(after handOver: HandOver, _ slot: Int) -> Stage {
    if ports.areForced(connections[slot].info) {
      guard let first = handOver.replay.pieces.first(where: { $0.bytes?.isEmpty == false }),
        let bytes = first.bytes
      else { return requestBeforeFrames(slot, isAtStart: false) }
      return forced(slot, isAtStart: false, bytes.span, entries[slot].direction(of: first.side))
    }
    guard let request = connections[slot].unanswered?.state.handshake?.request else {
      if let cutRequest = handOver.cutRequest {
        connections[slot].noteDamage().cutRequest = Handshake(
          request: cutRequest, response: nil, bytesOfResponse: handOver.bytesOfAnswer)
      }
      return .midstream(MidstreamDetector(likelyClient: likelyClient(slot)))
    }
    // Where a request ends that was cut is not known: then both sides are waited for.
    return .midstream(MidstreamDetector(isClientKnown: true, expecting: request.isCut ? .none : .requested))
  }

  private func notUpgraded(_ handshake: Handshake, _ slot: Int) {
    if let original = translated.original(of: connections[slot].info, handshake) {
      return joinRefused(original, handshake, slot)
    }
    guard let (record, place) = open(handshake, slot) else { return }
    if connections[slot].refused.count == ConnectionStack.refusedLimit {
      closeRefused(connections[slot].refused.removeFirst(), slot, .gaveUp, by: nil, at: place, nil)
    }
    if let failure = failedConnections.upstreams(of: handshake, at: record.server) {
      record.state.noteRare().upstreamFailure = failure
    }
    if let refusal = connections[slot].route?.refusal, let status = refusal.status {
      record.state.noteRare().refusedTunnel = RefusedTunnel(
        target: refusal.preamble.target ?? "", status: status)
    }
    connections[slot].refused.append(record)
    connections[slot].unanswered = handshake.outcome == .incomplete ? record : nil
  }

  @discardableResult
  private func upgraded(_ handshake: Handshake, _ client: ClientStart, _ slot: Int) -> SessionRecord? {
    if let original = translated.original(of: connections[slot].info, handshake) {
      join(original, handshake, slot)
      return nil
    }
    guard let (record, place) = open(handshake, slot) else {
      move(slot, to: .ignored)
      return nil
    }
    let isCut = handshake.response?.isCut ?? false
    // Pings may have been in what was not captured of its packet.
    if isCut { record.state.mayLackPings = true }
    beginFrames(
      record,
      isCut ? DeflateParameters(expectedAfter: handshake) : DeflateParameters(negotiatedIn: handshake),
      readsFrames: handshake.dialect.hasFrames, client: client, isServerStartKnown: !isCut, slot)
    record.forgetHandshake()
    reportBeforeStart(slot, .fromInitiator, record, at: place)
    reportBeforeStart(slot, .fromResponder, record, at: place)
    return record
  }

  private func open(_ handshake: Handshake, _ slot: Int) -> (record: SessionRecord, place: StreamPosition)? {
    if let route = connections[slot].route { route.isUsed = true }
    guard let place = handshake.place else { return nil }
    let connection = connections[slot].info
    let record = sessions.open(
      connection, clientIsInitiator: entries[slot].clientIsInitiator, handshake: handshake,
      via: connections[slot].route?.via ?? [], at: place)
    translated.note(record, connection, handshake, slot)
    return (record, place)
  }

  func closeRefused(
    _ record: SessionRecord, _ slot: Int, _ how: ConnectionEnd, by side: Side?, at position: StreamPosition,
    _ firstFin: FirstFin?
  ) {
    translated.forget(record, connections[slot].info)
    sessions.close(
      record,
      SessionFinish(
        end: how, tcpSide: side, position: position, firstFin: firstFin, suppressed: record.suppressed))
  }

  // MARK: Midstream

  /// Bytes that may be frames. `wereDetected`: it was already asked whether they are HTTP or TLS.
  func search(
    _ delivery: borrowing Delivery, _ direction: FlowDirection, _ slot: Int, _ detector: MidstreamDetector,
    wereDetected: Bool
  ) -> StageStep {
    let bytes = delivery.bytes
    if !wereDetected, bytes.beginsWithTLSRecord(isFirst: false) || bytes.beginsWithHTTPHead {
      // It was another protocol all the time, or is one now.
      if bytes.beginsWithHTTPHead {
        let isResponse = if case .begun = HTTPStart.of(bytes, from: .server) { true } else { false }
        let wasInitiator = entries[slot].clientIsInitiator
        entries[slot].clientIsInitiator = (direction == .fromInitiator) != isResponse
        var held = detector.takeWaiting()
        if entries[slot].clientIsInitiator != wasInitiator { held.swapSides() }
        if isResponse, readHeldRequest(held, answeredBy: delivery, direction, slot) { return .taken }
      }
      connections[slot].damage?.unnamedSwitch = nil
      move(slot, to: .detecting)
      return .handOver(after: 0)
    }
    return settle(
      detector.receive(
        bytes, from: entries[slot].side(direction), at: delivery.position,
        peerAcknowledged: delivery.peerAcknowledged), slot)
  }

  /// Acts on what a detector found.
  private func settle(_ finding: MidstreamDetector.Finding, _ slot: Int) -> StageStep {
    countHeldBytes(slot)
    switch finding {
    case .undecided: evictWaiting()
    case .dismissed: move(slot, to: .ignored)
    case .recognized(let recognition): begin(recognition, slot)
    }
    return .taken
  }

  /// A WebSocket was recognized from its frames: they are read from where they begin in each direction.
  func begin(_ recognition: MidstreamRecognition, _ slot: Int) {
    if let handshake = connections[slot].damage?.unnamedSwitch {
      return begin(after: handshake, recognition, slot)
    }
    if recognition.swapsSides {
      entries[slot].clientIsInitiator.toggle()
      if let side = connections[slot].firstFin?.side { connections[slot].firstFin?.side = side.peer }
    }
    guard let first = recognition.replay.pieces.first else { return move(slot, to: .ignored) }
    if let original = connections[slot].damage?.original { return join(original, nil, slot) }
    let base = openMidstream(slot, at: first.position, recognition.reason)
    var isBegun: InlineArray<2, Bool> = [false, false]
    for side in Side.allCases {
      let index = base + Int(side.rawValue)
      if recognition.start(of: side) == nil {
        startOutOfStep(index, slot)
        isBegun[Int(side.rawValue)] = true
      } else {
        streams[index].decoder.startInTheMiddle()
      }
    }
    for piece in recognition.replay.pieces {
      let (direction, side) = (entries[slot].direction(of: piece.side), Int(piece.side.rawValue))
      let index = base + side
      var bytesBefore = 0
      if !isBegun[side], let start = recognition.start(of: piece.side) {
        let ahead = Int64(bitPattern: start.offset &- piece.position.offset)
        if let bytes = piece.bytes, ahead < bytes.count {
          bytesBefore = Int(max(0, ahead))
          isBegun[side] = true
        }
      }
      switch piece.content {
      case .bytes(let bytes) where !isBegun[side]:
        streams[index].decoder.passOver(UInt64(bytes.count), into: output(index, entries[slot]))
      case .bytes(let bytes):
        if bytesBefore > 0 {
          streams[index].decoder.passOver(UInt64(bytesBefore), into: output(index, entries[slot]))
        }
        let context = DeliveryContext(at: piece.position, peerAcknowledged: piece.peerAcknowledged)
        _ = received(
          bytes.span.dropping(bytesBefore), context.advanced(by: bytesBefore), .none, direction, UInt32(slot))
      case .passedOver(let bytes): streams[index].decoder.passOver(bytes, into: output(index, entries[slot]))
      case .gap(let bytes) where !isBegun[side]:
        // Before the first frame a gap is only counted.
        sessions.gap(bytes, from: piece.side, at: piece.position, in: streams[index].session)
        streams[index].decoder.countLost(bytes)
      case .gap(let bytes): lost(bytes, direction, UInt32(slot), at: piece.position)
      case .end: finished(direction, UInt32(slot), at: piece.position)
      }
    }
  }

  /// Frames followed a 101 of which it was not known to what.
  private func begin(after handshake: Handshake, _ recognition: MidstreamRecognition, _ slot: Int) {
    connections[slot].damage?.unnamedSwitch = nil
    if let record = upgraded(handshake, .uncertain, slot), let first = recognition.replay.pieces.first {
      sessions.report(
        Anomaly(SessionRule.pickedUp, by: nil, at: first.position, recognition.reason), in: record.session)
    }
    replay(recognition.replay, slot)
  }

  /// The connection ends, and whether frames would have followed its 101 is not known.
  func noteUnnamedSwitch(_ slot: Int) {
    guard case .midstream(let detector) = connections[slot].stage, detector.mayStillBeFrames,
      let request = connections[slot].damage?.unnamedSwitch?.request
    else { return }
    addUnread(at: request.start, .cut(status: 101), slot)
  }

  /// The session of a connection that the user says is a WebSocket begins with these bytes.
  func openForced(_ slot: Int, isAtStart: Bool, at position: StreamPosition) {
    let isFromStart = isAtStart && !connections[slot].lacksStart
    let base = openMidstream(slot, at: position, "frames because of the port, as was asked for")
    if isFromStart { return }
    for side in 0...1 { startOutOfStep(base + side, slot) }
  }

  /// Opens the session of frames whose handshake was not captured, or not completely. Returns its client's stream.
  private func openMidstream(_ slot: Int, at position: StreamPosition, _ reason: String) -> Int {
    let record: SessionRecord
    var compression: DeflateParameters? = DeflateParameters()
    if let unanswered = connections[slot].unanswered {
      record = unanswered
      connections[slot].unanswered = nil
      connections[slot].refused.removeAll { $0 === unanswered }
      compression = unanswered.state.handshake.flatMap { DeflateParameters(expectedAfter: $0) }
    } else {
      connections[slot].route?.isUsed = true
      record = sessions.open(
        connections[slot].info, clientIsInitiator: entries[slot].clientIsInitiator,
        handshake: connections[slot].damage?.cutRequest, via: connections[slot].route?.via ?? [], at: position
      )
    }
    record.state.noteRare().recognition = SessionRecognition(position: position, reason: reason)
    sessions.report(Anomaly(SessionRule.pickedUp, by: nil, at: position, reason), in: record.session)
    let base = beginFrames(record, compression, readsFrames: true, client: .known, slot)
    reportBeforeStart(slot, .fromInitiator, record, at: position)
    reportBeforeStart(slot, .fromResponder, record, at: position)
    return base
  }

  // MARK: Frames

  /// Goes over to reading frames; `compression` is nil when none was negotiated. Returns the client's stream.
  @discardableResult
  private func beginFrames(
    _ record: SessionRecord, _ compression: DeflateParameters?, readsFrames: Bool, client: ClientStart,
    isServerStartKnown: Bool = true, _ slot: Int
  ) -> Int {
    let base = freeSlots.streams.popLast() ?? streams.count
    for side in Side.allCases {
      let stream = FrameStream(
        WebSocketDecoder(side: side, compression: compression?.compression(of: side) ?? .none),
        of: record.session, since: record.opened.time, readsFrames: readsFrames)
      let index = base + (side == .client ? 0 : 1)
      if index < streams.count { streams[index] = stream } else { streams.append(stream) }
    }
    record.state.transport = connections[slot].transport
    record.state.clientIsInitiator = entries[slot].clientIsInitiator
    let reading = Stage.FrameReading(
      session: record, streams: base, client: client, isServerStartKnown: isServerStartKnown)
    move(slot, to: .webSocket(reading))
    return base
  }

  /// Bytes of a session for which it is not certain yet where the client's frames begin.
  func readFrames(
    _ delivery: borrowing Delivery, _ direction: FlowDirection, _ slot: Int, _ reading: Stage.FrameReading
  ) -> StageStep {
    if let copies = reading.session.state.rare?.copies {
      copies.delivered(direction, upTo: delivery.position.offset &+ UInt64(delivery.bytes.count))
    }
    let side = entries[slot].side(direction)
    if side == .client {
      switch reading.client {
      case .known: break
      case .uncertain:
        setClientStart(.known, slot)
        if !MidstreamDetector.mayBeginFrame(delivery.bytes, from: .client) {
          startOutOfStep(reading.streams, slot)
        }
      case .after(let remainder):
        return act(
          on: remainder.receive(
            delivery.bytes, at: delivery.position, peerAcknowledged: delivery.peerAcknowledged), slot)
      }
    } else if !reading.isServerStartKnown {
      startAfterCutHead(delivery.bytes, reading, slot)
    }
    // What the client sent may wait with its HTTP: this is not told to be all that was said before.
    let known = DeliveryContext(
      at: delivery.position, peerAcknowledged: delivery.peerAcknowledged,
      peerIsDelivered: reading.isSettled && delivery.peerIsDelivered)
    decode(
      delivery.bytes, known, .none, stream: reading.streams + (side == .client ? 0 : 1), slot, entries[slot])
    return .taken
  }

  /// The client's HTTP goes on or ends.
  func act(on step: ClientRemainder.Step, _ slot: Int) -> StageStep {
    guard case .ended(let end) = step else { return .taken }
    setClientStart(end.isCertain ? .known : .uncertain, slot)
    replay(end.replay, slot)
    return .handOver(after: end.taken)
  }

  /// The server's first bytes after a 101 whose rest is not in the capture. What a snapshot length cut off ended with its packet,
  /// and frames follow; what a loss took may go on, and consists of letters.
  private func startAfterCutHead(_ bytes: Span<UInt8>, _ reading: Stage.FrameReading, _ slot: Int) {
    var reading = reading
    reading.isServerStartKnown = true
    move(slot, to: .webSocket(reading))
    let stream = reading.streams + 1
    if case .outOfStep = streams[stream].decoder.state { return }
    if bytes[0] >= 0x80, MidstreamDetector.mayBeginFrame(bytes, from: .server) {
      streams[stream].decoder.startInTheMiddle()
    } else {
      startOutOfStep(stream, slot)
    }
  }

  private func setClientStart(_ start: ClientStart, _ slot: Int) {
    guard case .webSocket(var reading) = connections[slot].stage else { return }
    reading.client = start
    move(slot, to: .webSocket(reading))
  }

  /// Bytes of a session whose handshake names a draft with frames of its own: unexplained, unless they turn out to be frames of RFC 6455.
  @inline(never)
  func readDraft(
    _ bytes: Span<UInt8>, _ known: DeliveryContext, stream index: Int, isFirst: Bool, _ slot: Int
  ) {
    let side: Side = index & 1 == 0 ? .client : .server
    guard streams[index].takeLookForFrames(), WholeFrames.fill(bytes, from: side) else {
      return streams[index].decoder.passOver(UInt64(bytes.count), into: output(index, entries[slot]))
    }
    sessions.report(
      Anomaly(
        SessionRule.framesOfRFC6455, by: side, at: known.position,
        "the handshake names a draft, and the \(side.name) sends frames of RFC 6455"),
      in: streams[index].session)
    if !isFirst { streams[index].decoder.startInTheMiddle() }
    streams[index].beginFrames()
    let peer = index ^ 1
    streams[peer].beginFrames()
    // Where the peer's next frame begins is known only if it has not sent anything.
    if streams[peer].last.packet > 0 { startOutOfStep(peer, slot) }
    decode(bytes, known, .none, stream: index, slot, entries[slot])
  }

  func closeSession(
    _ reading: Stage.FrameReading, _ slot: Int, _ how: ConnectionEnd, by side: Side?,
    at position: StreamPosition
  ) {
    let (record, base) = (reading.session, reading.streams)
    translated.forget(record, connections[slot].info)
    if case .after(let remainder) = reading.client, remainder.bytes > 0 {
      // It was read as HTTP to its end, and may have been frames.
      streams[base].decoder.passOver(remainder.bytes, into: output(base, entries[slot]))
    }
    finishStream(base, slot, at: position)
    finishStream(base + 1, slot, at: position)
    record.settle()
    let firstFin = connections[slot].firstFin.map {
      FirstFin(side: $0.side, position: $0.position)
    }
    var suppressed: [(rule: Rule, side: Side, count: Int)] = []
    for side in Side.allCases {
      let stream = base + (side == .client ? 0 : 1)
      for (rule, count) in streams[stream].decoder.suppressedReports {
        suppressed.append((rule, side, count))
      }
      for (rule, place) in streams[stream].decoder.lastSuppressedReports {
        record.noteBroken(rule, by: side, at: place)
      }
    }
    suppressed += record.suppressed
    sessions.close(
      record,
      SessionFinish(
        end: how, tcpSide: side, position: position, firstFin: firstFin,
        client: streams[base].summary, server: streams[base + 1].summary, suppressed: suppressed,
        transport: record.state.transport.map {
          SessionTransport(connection: $0, clientIsInitiator: record.state.clientIsInitiator)
        }, isResetOnTheWay: record.state.rare?.copies?.isResetOnTheWay ?? false))
    freeSlots.streams.append(base)
  }
}

extension Handshake {
  /// Where it ends, as far as it was captured.
  fileprivate var place: StreamPosition? { response?.end ?? request?.end }
}

extension Handshake.Dialect {
  /// The drafts of 2009 and 2010 frame with 0x00 and 0xFF; from hybi-04 on frames are those of RFC 6455 or
  /// close to them.
  var hasFrames: Bool {
    switch self {
    case .rfc6455: true
    case .hybi(let version): version >= 7
    case .hixie75, .hixie76: false
    }
  }
}
