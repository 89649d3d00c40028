import WireBytes

/// HTTP/1.x on one TCP connection, both directions, until the connection carries something else.
///
/// It pairs responses with requests (`MessagePairing`), and stops each direction at the byte where HTTP ends:
/// - After a request that may change the protocol (an upgrade, CONNECT) the client's bytes wait until the response is
///   known: a client may send frames early, and the capture may show them before the 101.
/// - A response that the capture shows before its request waits for the request.
/// What waits is bounded by `HTTPLimits.heldBytes`.
///
/// Pass everything to `receive`, `skip` and `finish`, and do what the step that they return says. After a step
/// `.handOver` drop the exchange: the hand-over has everything that the next reader needs. If the client still has HTTP to
/// send then, a `ClientRemainder` in the hand-over reads it.
package final class HTTP1Exchange {
  let limits: HTTPLimits
  // Dynamic exclusivity checks cost a sixth of a run on HTTP. They are not needed: while one side's decoder reads, the calls
  // that it makes touch only the other one.
  @exclusivity(unchecked) private var uncheckedDirections: InlineArray<2, ExchangeDirection>
  /// What both sides have in common. Nothing that is called on its parts calls back.
  @exclusivity(unchecked) private var uncheckedCommon: Common

  /// What both sides have in common.
  private struct Common {
    var pairing: MessagePairing
    /// What was found since the last step.
    var events: [ExchangeEvent] = []
    /// What follows HTTP, once that is known.
    var next: ProtocolSwitch?
    /// What waits for the other side's head.
    var held = ReplayBuffer()
    /// What a side sent since it is out of step, while the other side may still be in step. If that one gets out of step as
    /// well, this may be what follows an upgrade; if that one goes on with HTTP, this was part of it. The newest is kept.
    var unread = ReplayBuffer()
    /// What the last CONNECT asks for, and whether with credentials.
    var tunnel = (target: "", isAuthenticated: false)
    /// An upgrade request that is the last thing that the client sent, where the body of another request should go on.
    var strayRequest: HTTPHead?
    let earlierRequest: EarlierRequest
    var hasEndedBody = false
  }

  var pairing: MessagePairing {
    @inline(__always) _read { yield unsafe uncheckedCommon.pairing }
    @inline(__always) _modify { yield unsafe &uncheckedCommon.pairing }
  }

  var events: [ExchangeEvent] {
    @inline(__always) _read { yield unsafe uncheckedCommon.events }
    @inline(__always) _modify { yield unsafe &uncheckedCommon.events }
  }

  var next: ProtocolSwitch? {
    @inline(__always) _read { yield unsafe uncheckedCommon.next }
    @inline(__always) _modify { yield unsafe &uncheckedCommon.next }
  }

  var held: ReplayBuffer {
    @inline(__always) _read { yield unsafe uncheckedCommon.held }
    @inline(__always) _modify { yield unsafe &uncheckedCommon.held }
  }

  var tunnel: (target: String, isAuthenticated: Bool) {
    get { unsafe uncheckedCommon.tunnel }
    set { unsafe uncheckedCommon.tunnel = newValue }
  }

  var strayRequest: HTTPHead? {
    @inline(__always) _read { yield unsafe uncheckedCommon.strayRequest }
    @inline(__always) _modify { yield unsafe &uncheckedCommon.strayRequest }
  }

  /// Whether a body was taken to end before it should, because of the head with which a packet begins.
  package internal(set) var hasEndedBody: Bool {
    get { unsafe uncheckedCommon.hasEndedBody }
    set { unsafe uncheckedCommon.hasEndedBody = newValue }
  }

  var earlierRequest: EarlierRequest { unsafe uncheckedCommon.earlierRequest }

  var unread: ReplayBuffer {
    @inline(__always) _read { yield unsafe uncheckedCommon.unread }
    @inline(__always) _modify { yield unsafe &uncheckedCommon.unread }
  }

  /// `startCaptured` is false when the connection was open before the capture began: a response without a request then
  /// answers one that was never captured.
  package init(
    startCaptured: Bool = true, earlierRequest: EarlierRequest = .unknown, limits: HTTPLimits = HTTPLimits()
  ) {
    self.limits = limits
    unsafe uncheckedDirections = InlineArray { ExchangeDirection($0 == 0 ? .client : .server, limits) }
    unsafe uncheckedCommon = Common(
      pairing: MessagePairing(startCaptured: startCaptured, earlierRequest: earlierRequest),
      earlierRequest: earlierRequest)
  }

  /// Takes the next bytes of one side. `peerAcknowledged` is the offset in the peer's stream up to which the sender had
  /// acknowledged when it sent them; it stays with bytes that are replayed.
  package func receive(
    _ bytes: Span<UInt8>, from side: Side, at position: StreamPosition, peerAcknowledged: UInt64? = nil
  ) -> ExchangeStep {
    note(.at(packet: position.packet), of: side)
    if next != nil { return conclude(taken: 0) }
    var taken = bytes.count
    if isBlocked(side) {
      hold(.bytes(bytes.toArray()), side, position, peerAcknowledged)
    } else {
      taken = read(bytes, side, position, peerAcknowledged)
      if taken < bytes.count, self[side].decoder.state == .paused {
        let rest = position.advanced(by: taken)
        hold(.bytes(bytes.dropping(taken).toArray()), side, rest, peerAcknowledged)
        taken = bytes.count
      }
    }
    let step = conclude(taken: taken)
    assert(next != nil || taken == bytes.count, "bytes that nobody takes")
    return step
  }

  /// The next `count` bytes of one side are not in the capture.
  package func skip(_ count: UInt64, from side: Side, at position: StreamPosition) -> ExchangeStep {
    note(.afterGap, of: side)
    if next != nil { return conclude(taken: 0) }
    if isBlocked(side) {
      hold(.gap(count), side, position)
    } else {
      pass(count, side, position)
    }
    return conclude(taken: 0)
  }

  /// One side's stream ends. Call it for both sides: what waits for the other side waits until then.
  package func finish(_ side: Side, at position: StreamPosition) -> ExchangeStep {
    note(.current, of: side)
    if next != nil { return conclude(taken: 0) }
    if isBlocked(side) {
      hold(.end, side, position)
      if side == .client { pairing.expectNoRequest() }
    } else {
      end(side, position)
    }
    return conclude(taken: 0)
  }

  /// Whether an upgrade to WebSocket was asked for and not answered so far.
  /// Bytes of memory that heads and what waits take up.
  package var cost: Int {
    held.cost &+ unread.cost &+ client.decoder.heldBytes &+ server.decoder.heldBytes
  }

  package var awaitsUpgrade: Bool { pairing.upgradeRequest != nil }

  // MARK: Steps

  // By index: a choice between two properties would copy them.
  subscript(side: Side) -> ExchangeDirection {
    @inline(__always) _read { yield unsafe uncheckedDirections[Int(side.rawValue)] }
    @inline(__always) _modify { yield unsafe &uncheckedDirections[Int(side.rawValue)] }
  }

  var client: ExchangeDirection {
    @inline(__always) _read { yield self[.client] }
    @inline(__always) _modify { yield &self[.client] }
  }

  var server: ExchangeDirection {
    @inline(__always) _read { yield self[.server] }
    @inline(__always) _modify { yield &self[.server] }
  }

  private func isBlocked(_ side: Side) -> Bool {
    self[side].decoder.state == .paused || held.holds(side)
  }

  /// Notes how far the client's stream has come, before more of a stream is read. A response whose request would have come
  /// by now stops waiting, so that it does not meet a later one.
  private func note(_ progress: MessagePairing.ClientProgress, of side: Side) {
    let wasWaiting = pairing.isResponseWaitingForLateRequest
    pairing.clientProgress = side == .client ? progress : .current
    if wasWaiting { settle() }
  }

  /// Lets everything go on that no longer has to wait.
  private func settle() {
    while next == nil {
      if !pairing.isExchanging, resolve() { continue }
      guard let piece = held.popFirst(where: { self[$0].decoder.state != .paused }) else { return }
      readOn(piece)
    }
  }

  /// Lets everything go on that can, and says what became of the call.
  private func conclude(taken: Int) -> ExchangeStep {
    settle()
    reportRefusalBody(isEnd: next != nil || server.hasEnded)
    if next != nil { return .handOver(makeHandOver(taken)) }
    return events.isEmpty ? .taken : .found(takeEvents())
  }

  /// Ends a wait for the other side if that is due.
  private func resolve() -> Bool {
    if !pairing.mayRequestFollow { adoptCutRequest() }
    if let (response, verdict) = pairing.resolveWaiting() {
      if case .goesOn = verdict { report(response.anomalies) }
      let after = act(on: verdict, response)
      if next == nil { resume(.server, after) }
      return true
    }
    if server.hasEnded, pairing.isAwaitingAnswer { report(notUpgraded: pairing.endUnanswered()) }
    // What becomes of the connection, the client's next bytes say.
    guard case .unanswered = pairing.state, startOfHeldBytes != .undecided else { return false }
    giveUp()
    return true
  }

  /// Reads a piece that no longer has to wait.
  private func readOn(_ piece: ReplayBuffer.Piece) {
    switch piece.content {
    case .bytes(let bytes):
      let taken = read(bytes.span, piece.side, piece.position, piece.peerAcknowledged)
      if taken < bytes.count { held.putBack(piece.dropping(taken)) }
    case .gap(let count), .passedOver(let count): pass(count, piece.side, piece.position)
    case .end: end(piece.side, piece.position)
    }
  }

  private func takeEvents() -> [ExchangeEvent] {
    defer { events = [] }
    return events
  }

  // MARK: Reading

  /// Returns how many bytes were read or set aside: fewer than offered when the side waits or HTTP has ended.
  private func read(
    _ bytes: Span<UInt8>, _ side: Side, _ position: StreamPosition, _ peerAcknowledged: UInt64?
  ) -> Int {
    let beginsPacket = position.packet != self[side].lastPacket
    self[side].lastPacket = position.packet
    if side == .server {
      if beginsPacket, self[side].decoder.mayHoldStrayHead { lookForAnswer(bytes, at: position) }
    } else if self[side].decoder.mayHoldStrayHead {
      strayRequest = beginsPacket ? bytes.upgradeRequest(at: position) : nil
    }

    let wasUnrecoverable = self[side].decoder.isUnrecoverable
    let count = self[side].decoder.receive(bytes, at: position, into: self)
    if self[side].decoder.beganHead(since: position) { self[side].pendingAcknowledged = peerAcknowledged }
    if next != nil { return count }
    let emptyBytes = self[side].decoder.emptyBytes
    if emptyBytes > 0, unread.holds(side) {
      // No head came since: what follows unread bytes is as unread as they are.
      setAside(.bytes(bytes.extracting(0..<emptyBytes).toArray()), side, position, peerAcknowledged)
    }
    guard self[side].decoder.isUnrecoverable else { return count }

    // Wherever the bytes were cut into calls, what nobody can read begins at the same byte.
    let taken = wasUnrecoverable ? 0 : self[side].decoder.bytesBeforeLoss ?? count
    let rest = bytes.dropping(taken)
    if !wasUnrecoverable || side == .server && beginsPacket && isSearchingAnswer {
      if side == .server, mayAnswerFollow(rest) {
        setPendingAside(.server)
      } else {
        lose(side)
        if next != nil { return taken }
      }
    }
    if !rest.isEmpty {
      setAside(.bytes(rest.toArray()), side, position.advanced(by: taken), peerAcknowledged)
    }
    return bytes.count
  }

  private func pass(_ count: UInt64, _ side: Side, _ position: StreamPosition) {
    if unread.holds(side) { setAside(.gap(count), side, position) }
    self[side].decoder.skip(count, at: position, into: self)
    noteLostHead(side)
    guard next == nil, self[side].decoder.state == .lost else { return }
    if side == .client { pairing.expectOnlyLateRequests() }
    // Nothing says what the other side's bytes are: this one may never send anything again.
    if unread.holds(side.peer) { leave(to: .unknown) }
  }

  private func end(_ side: Side, _ position: StreamPosition) {
    self[side].decoder.finish(at: position, into: self)
    noteLostHead(side)
    self[side].hasEnded = true
    if side == .client { pairing.expectNoRequest() }
  }

  private func noteLostHead(_ side: Side) {
    guard side == .server else { return }
    let bytes = server.decoder.takeBytesOfLostHead()
    if bytes > 0 { pairing.bytesOfAnswer = bytes }
  }

  // MARK: Keeping

  /// Keeps what comes while its side waits.
  private func hold(
    _ content: ReplayBuffer.Piece.Content, _ side: Side, _ position: StreamPosition,
    _ peerAcknowledged: UInt64? = nil
  ) {
    held.append(
      ReplayBuffer.Piece(
        side: side, position: position, peerAcknowledged: peerAcknowledged, content: content))
    guard held.cost > limits.heldBytes, let first = held.pieces.first else { return }
    events.append(
      .anomaly(
        Anomaly(
          HTTPRule.heldTooLong, by: side.peer, at: first.position,
          "bytes of the \(side.name) waited too long for the \(side.peer.name)'s head and are now read without it"
        )))
    pairing.expectNoRequest()
    if pairing.isClientWaiting { giveUp() }
  }

  /// Keeps what cannot be read.
  private func setAside(
    _ content: ReplayBuffer.Piece.Content, _ side: Side, _ position: StreamPosition,
    _ peerAcknowledged: UInt64? = nil
  ) {
    unread.append(
      ReplayBuffer.Piece(
        side: side, position: position, peerAcknowledged: peerAcknowledged, content: content))
    unread.dropOldest(beyond: limits.heldBytes)
  }

  private func setPendingAside(_ side: Side) {
    guard let pending = takePending(side) else { return }
    unread.append(pending)
    unread.dropOldest(beyond: limits.heldBytes)
  }

  /// What a decoder has collected of a head.
  private func takePending(_ side: Side) -> ReplayBuffer.Piece? {
    guard let (bytes, start) = self[side].decoder.takePending() else { return nil }
    return ReplayBuffer.Piece(
      side: side, position: start, peerAcknowledged: self[side].pendingAcknowledged, content: .bytes(bytes))
  }

  // MARK: Out of step

  /// The server is out of step, and the client still waits for an answer that may come.
  var isSearchingAnswer: Bool { server.decoder.isUnrecoverable && pairing.isAwaitingAnswer }

  /// An answer begins a packet. What came before it was the rest of another response, also where that one announced more: the
  /// client would not ask for an upgrade on a connection that is to be closed, or before it has all of a response.
  private func lookForAnswer(_ bytes: Span<UInt8>, at position: StreamPosition) {
    guard bytes.count > 7, bytes[0] == 0x48, case .begun = HTTPStart.of(bytes, from: .server) else { return }
    if isSearchingAnswer {
      unread.removeAll(of: .server)
    } else if server.decoder.isUnrecoverable {
      return
    } else {
      let isEndless = server.decoder.bodyEndsWithStream
      let isAnswer: Bool
      if let request = pairing.upgradeRequest {
        isAnswer = isEndless && bytes.beginsStatusLine || bytes.isSwitch(answering: request, at: position)
      } else {
        // The request is behind a gap, and comes late.
        isAnswer =
          isEndless && pairing.clientProgress.isBehind(position.packet)
          && bytes.isSwitch(answering: nil, at: position)
      }
      guard isAnswer else { return }
      hasEndedBody = true
    }
    server.decoder.resynchronize()
  }

  /// After a gap there may be the rest of a response to an earlier request, and then the answer that the client waits for;
  /// or, if the gap took that, frames.
  private func mayAnswerFollow(_ bytes: Span<UInt8>) -> Bool {
    server.decoder.isAfterGap && pairing.isAwaitingAnswer && !bytes.mayBeginServerFrame
  }

  /// A decoder met bytes that are not a message.
  private func lose(_ side: Side) {
    if side == .client {
      pairing.expectNoRequest()
      // The capture began between the request and its answer.
      if let response = pairing.takeWaitingSwitch() {
        let verdict = pairing.answer(
          status: 101, concernsWebSocket: response.concernsWebSocket, packet: response.start.packet)
        _ = act(on: verdict, response)
        return
      }
      // What the client's bytes are, the answer that is at hand says.
      if case .answerFirst = pairing.state { return }
    } else if pairing.isAwaitingAnswer {
      return giveUp()
    }
    let wasHTTP = hasSeenHead(.client) || hasSeenHead(.server)
    if !wasHTTP { return leave(to: .notHTTP) }
    // After a head that a gap cut, what is not a head either may be what that one upgraded to.
    if isLost(.client), isLost(.server) { return leave(to: .unknown) }
    // The other side may still be in step.
    setPendingAside(side)
  }

  private func hasSeenHead(_ side: Side) -> Bool {
    self[side].decoder.hasSeenHead || self[side].decoder.hasLostHead
  }

  private func isLost(_ side: Side) -> Bool {
    self[side].decoder.isUnrecoverable || self[side].decoder.hasLostHead
  }

  // MARK: Giving up

  /// No answer will say what the client's next bytes are.
  private func giveUp() {
    report(notUpgraded: pairing.stopWaiting())
    if server.decoder.isUnrecoverable || startOfHeldBytes == .other { return leave(to: .unknown) }
    resume(.client, .body)
  }

  /// A side that has waited goes on. The body that follows may be one whose end nobody can know.
  private func resume(_ side: Side, _ after: AfterHead) {
    self[side].decoder.resume(after, into: self)
    if self[side].decoder.isUnrecoverable { lose(side) }
  }

  /// What the client's bytes after its question can be. However they were cut: as many pieces are looked at as it takes to
  /// say, and once they have ended they are what they are.
  private var startOfHeldBytes: HTTPStart {
    // In the body of the request they are still to come.
    if client.decoder.state == .body, !client.hasEnded { return .undecided }
    guard client.decoder.state == .paused else { return .begun }
    var start: [UInt8] = []
    for piece in held.pieces where piece.side == .client {
      guard let bytes = piece.bytes else { return .begun }
      start += bytes
      let seen = HTTPStart.of(start.span, from: .client)
      if seen != .undecided { return seen }
    }
    return .undecided
  }

  func report(notUpgraded handshake: Handshake?) {
    if let handshake { events.append(.notUpgraded(handshake)) }
  }

  // MARK: Leaving HTTP

  private func leave(to next: ProtocolSwitch) {
    report(notUpgraded: pairing.stopWaiting())
    self.next = next
  }

  /// Everything that waits or was set aside goes with it, but for what the client still has to send of HTTP.
  private func makeHandOver(_ taken: Int) -> HandOver {
    for side in Side.allCases {
      if let pending = takePending(side) { held.putBack(pending) }
    }
    held.putBack(unread)
    unread.removeAll()
    if case .webSocket(let handshake, client: .after(let remainder))? = next, let end = readOn(remainder) {
      if let anomaly = end.anomaly { events.append(.anomaly(anomaly)) }
      next = .webSocket(handshake, client: end.isCertain ? .known : .uncertain)
    }
    defer { held.removeAll() }
    return HandOver(
      taken: taken, next: next ?? .unknown, events: takeEvents(), replay: held,
      cutRequest: pairing.cutRequest,
      bytesOfAnswer: pairing.bytesOfAnswer)
  }

  /// The client's pieces that wait are the remainder's until that has ended.
  private func readOn(_ remainder: ClientRemainder) -> ClientRemainder.End? {
    while let piece = held.popFirst(where: { $0 == .client }) {
      let step =
        switch piece.content {
        case .bytes(let bytes):
          remainder.receive(
            bytes.span, at: piece.position, peerAcknowledged: piece.peerAcknowledged)
        case .gap(let count), .passedOver(let count): remainder.skip(count, at: piece.position)
        case .end: remainder.finish(at: piece.position)
        }
      if case .ended(let end) = step {
        if let bytes = piece.bytes, end.taken < bytes.count { held.putBack(piece.dropping(end.taken)) }
        held.putBack(end.replay)
        return end
      }
    }
    return nil
  }
}
