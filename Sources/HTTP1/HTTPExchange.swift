import WireBytes

/// HTTP/1.x on one TCP connection, both directions, until the connection is something else.
///
/// It pairs responses with requests, and stops each direction at the byte where HTTP ends:
/// - After a request that may change the protocol (an upgrade, CONNECT) the client's bytes wait until the
///   response is known; a client may send frames early, and the capture may show them before the 101.
/// - A response that the capture shows before its request waits for the request.
/// What waits is bounded by `HTTPLimits.heldBytes`.
///
/// Use: pass everything to `receive`, `skip` and `finish`; after each call take the events; once
/// `departure` is set, feed `takeHeld()` and then the bytes that `receive` did not take to whatever comes
/// next. A side may still have the body of its upgrade request to send then: the exchange is done when
/// `isDone(_:)` is true for both sides.
package final class HTTPExchange {
  /// How HTTP ended on the connection.
  package enum Departure: Sendable, Hashable {
    /// The first bytes are not HTTP/1.x.
    case notHTTP
    /// Answered with 101: WebSocket frames follow (the handshake says whether it was valid, and which draft).
    case upgraded
    /// CONNECT answered with 2xx: a new protocol begins.
    case tunnel
    /// Answered with 101 to something else than WebSocket; the value of Upgrade in the answer.
    case switched(to: String)
    /// It was HTTP, but what follows on both sides is none, or follows an upgrade request whose answer was
    /// not captured: worth a fresh look, frames are likely.
    case unknown
  }

  /// A request whose final response was not seen.
  private enum Outstanding: UInt8 { case ordinary, head, connect, upgrade, otherUpgrade }

  /// What a response means to the connection.
  private enum Reply {
    case interim, ordinary, toHead, rejected, upgraded
    case tunnel, switched
  }

  /// How HTTP ended; nil while it goes on.
  package private(set) var departure: Departure?

  private let limits: HTTPLimits
  private var client: HTTPDecoder
  private var server: HTTPDecoder
  private var events: [ExchangeEvent] = []

  /// In the order of the requests. One that may change the protocol is the last: the client waits there.
  private var outstanding: [Outstanding] = []
  /// The upgrade request that waits for its answer.
  private var upgrade: HTTPHead?
  /// What there is of a request that was cut before it could say what it asks for.
  package private(set) var cutRequest: HTTPHead?
  /// What there is of a 101 that was cut.
  private var cutResponse: HTTPHead?
  /// A final response whose request was not seen yet: the server waits behind it.
  private var unmatched: HTTPHead?
  /// The server is out of step, and an answer may come all the same.
  private var isAnswerAwaited = false
  /// An answer begins a packet.
  private var lastServerPacket: UInt64 = 0
  /// Whether a request can still come for a response that has none.
  private var mayWaitForRequest: Bool
  /// No response will come any more.
  private var hasServerEnded = false
  private var hasClientEnded = false
  /// Answered with 101, but of the client's stream only what precedes the upgrade request was read: more of it waited
  /// behind a hole. HTTP goes on for it up to that request.
  private var isClientLate = false
  /// The upgrade request was read after its answer: what follows it are frames, without a doubt.
  package private(set) var hasLateRequest = false

  /// What waits until it is known who reads it.
  private var held = ReplayBuffer()

  /// What a side sent since it is out of step, while the other side may still be in step. When that is lost too, it may be
  /// what follows an upgrade; when that goes on with HTTP, it was part of it. The newest is kept.
  private var unread = ReplayBuffer()

  /// `startCaptured` is false when the connection was open before the capture began: a response without a
  /// request then answers one that was never captured.
  package init(startCaptured: Bool = true, limits: HTTPLimits = HTTPLimits()) {
    self.limits = limits
    mayWaitForRequest = startCaptured
    client = HTTPDecoder(side: .client, limits: limits)
    server = HTTPDecoder(side: .server, limits: limits)
  }

  /// Takes bytes of one side; fewer than offered only to hand the rest over to the next protocol.
  package func receive(_ bytes: Span<UInt8>, from side: Side, at position: StreamPosition) -> Int {
    if isDone(side) { return 0 }
    if isBlocked(side) {
      hold(.bytes(bytes.toArray()), side, position)
      settle()
      return bytes.count
    }
    let taken = feed(bytes, side, position)
    if taken < bytes.count, state(of: side) == .paused {
      let rest = bytes.dropping(taken)
      hold(.bytes(rest.toArray()), side, position.advanced(by: taken))
      settle()
      return bytes.count
    }
    settle()
    return taken
  }

  /// Bytes of one side are not in the capture.
  package func skip(_ lost: UInt64, from side: Side, at position: StreamPosition) {
    if isDone(side) { return }
    if isBlocked(side) {
      hold(.gap(lost), side, position)
    } else {
      pass(lost, side, position)
    }
    settle()
  }

  /// One side's stream ends. Call it for both sides: what waits for the other side waits until then.
  package func finish(_ side: Side, at position: StreamPosition) {
    if isDone(side) { return }
    if isBlocked(side) {
      hold(.end, side, position)
      if side == .client { mayWaitForRequest = false }
    } else {
      end(side, position)
    }
    settle()
  }

  /// Whether HTTP has ended for this side: `receive` takes no more of its bytes.
  package func isDone(_ side: Side) -> Bool { state(of: side) == .handedOver }

  /// Whether an upgrade was asked for and not answered so far.
  package var awaitsUpgrade: Bool { upgrade != nil }

  /// Whether `takeEvents` has something.
  package var hasEvents: Bool { !events.isEmpty }

  /// What was found since the last call.
  package func takeEvents() -> [ExchangeEvent] {
    guard !events.isEmpty else { return [] }
    defer { events = [] }
    return events
  }

  /// After the departure: what waited, in the order of the capture. It comes before the bytes that
  /// `receive` did not take.
  package func takeHeld() -> ReplayBuffer {
    guard departure != nil, !held.isEmpty else { return ReplayBuffer() }
    defer { held.removeAll() }
    return held
  }

  // MARK: Feeding

  private func state(of side: Side) -> HTTPDecoder.State { side == .client ? client.state : server.state }

  private func isBlocked(_ side: Side) -> Bool {
    state(of: side) == .paused || held.holds(side)
  }

  private func feed(_ bytes: Span<UInt8>, _ side: Side, _ position: StreamPosition) -> Int {
    var taken = 0
    let beginsPacket = side == .server && position.packet != lastServerPacket
    if side == .server { lastServerPacket = position.packet }
    if isAnswerAwaited, beginsPacket, case .begun = HTTPStart.of(bytes, from: .server) {
      // What came before it was the rest of another response.
      unread.removeAll(of: .server)
      server.lookAgain()
      isAnswerAwaited = false
    }
    let wasHopeless = side == .client ? client.isHopeless : server.isHopeless
    taken =
      side == .client
      ? client.receive(bytes, at: position, into: self) : server.receive(bytes, at: position, into: self)
    let (isHopeless, emptyBytes, read) =
      side == .client
      ? (client.isHopeless, client.emptyBytes, client.bytesBeforeLoss)
      : (server.isHopeless, server.emptyBytes, server.bytesBeforeLoss)
    if emptyBytes > 0, departure == nil, unread.holds(side) {
      // No head came since: what stands behind unread bytes is as unread as they are.
      setAside(.bytes(bytes.extracting(0..<emptyBytes).toArray()), side, position)
    }
    // What nobody can read is passed over, or the next protocol's; wherever the bytes were cut, it begins where it begins.
    if isHopeless { taken = wasHopeless ? 0 : read ?? taken }
    if isHopeless, !wasHopeless || isAnswerAwaited && side == .server, departure == nil {
      awaitAnswerBehindGap(bytes.dropping(taken), side)
      if !isAnswerAwaited || side == .client { loseStep(side) }
      if departure != nil { return taken }
    }
    if isHopeless, side == .client, isClientLate { stopWaitingForLateRequest() }
    guard isHopeless, departure == nil else { return taken }
    if taken < bytes.count {
      setAside(.bytes(bytes.dropping(taken).toArray()), side, position.advanced(by: taken))
    }
    return bytes.count
  }

  /// Behind a gap there may be the rest of a response to an earlier request, and then the answer that the client waits for;
  /// or, when the gap took that, frames.
  private func awaitAnswerBehindGap(_ bytes: Span<UInt8>, _ side: Side) {
    guard side == .server else { return }
    isAnswerAwaited = server.isBehindGap && isClientWaiting && !bytes.mayBeginServerFrame
    if isAnswerAwaited, let (start, position) = server.takePending() {
      setAside(.bytes(start), .server, position)
    }
  }

  private func setAside(_ content: ReplayBuffer.Piece.Content, _ side: Side, _ position: StreamPosition) {
    unread.append(ReplayBuffer.Piece(side: side, position: position, content: content))
    unread.dropOldest(beyond: limits.heldBytes)
  }

  private func stopWaitingForLateRequest() {
    isClientLate = false
    if let (bytes, start) = client.takePending() { keep(bytes, .client, start) }
    client.handOver()
  }

  private func pass(_ lost: UInt64, _ side: Side, _ position: StreamPosition) {
    if unread.holds(side) { setAside(.gap(lost), side, position) }
    if side == .client {
      client.skip(lost, at: position, into: self)
      if client.state == .lost { mayWaitForRequest = false }
    } else {
      server.skip(lost, at: position, into: self)
    }
    // Nothing tells what the other side's bytes are: this one may never send anything again.
    let isOtherUnread = unread.holds(side.peer)
    if departure == nil, isOtherUnread, state(of: side) == .lost { depart(.unknown) }
  }

  private func end(_ side: Side, _ position: StreamPosition) {
    if side == .client {
      client.finish(at: position, into: self)
      (mayWaitForRequest, hasClientEnded) = (false, true)
    } else {
      server.finish(at: position, into: self)
      hasServerEnded = true
    }
  }

  private func hold(_ content: ReplayBuffer.Piece.Content, _ side: Side, _ position: StreamPosition) {
    held.append(ReplayBuffer.Piece(side: side, position: position, content: content))
    guard held.cost > limits.heldBytes, let first = held.pieces.first else { return }
    events.append(
      .anomaly(
        Anomaly(
          HTTPRule.heldTooLong, by: side.peer, at: first.position,
          "\(side.name) bytes waited for the head of the \(side.peer.name) and are now read without it")))
    mayWaitForRequest = false
    if isClientWaiting { giveUp() }
  }

  /// Lets everything go on that no longer has to wait.
  private func settle() {
    while true {
      if departure == nil, decide() { continue }
      // After the departure only the rest of an upgrade request's body is HTTP's.
      guard let piece = held.popFirst(where: { ![.paused, .handedOver].contains(state(of: $0)) }) else {
        return
      }
      switch piece.content {
      case .bytes(let bytes):
        let taken = feed(bytes.span, piece.side, piece.position)
        if taken < bytes.count { held.putBack(piece.dropping(taken)) }
      case .gap(let count): pass(count, piece.side, piece.position)
      // Nothing in this buffer is passed over.
      case .passedOver: break
      case .end: end(piece.side, piece.position)
      }
    }
  }

  /// Ends a wait for the other side if that is due.
  private func decide() -> Bool {
    if let response = unmatched, !outstanding.isEmpty || !mayWaitForRequest {
      unmatched = nil
      let reply = reply(status: response.status, concernsWebSocket: response.concernsWebSocket)
      let after = act(on: reply, response)
      if departure == nil { server.resume(after, into: self) } else { leave() }
      // Its body may be one whose end nobody can know.
      if departure == nil, server.isHopeless { loseStep(.server) }
      return true
    }
    guard hasServerEnded, isClientWaiting else { return false }
    abandonUpgrade()
    // What becomes of the connection, the client's next bytes say.
    guard startOfHeldBytes != .undecided else { return false }
    giveUp()
    return true
  }

  // MARK: Leaving HTTP

  /// The client stopped at a request that may change the protocol.
  private var isClientWaiting: Bool {
    switch outstanding.last {
    case .connect, .upgrade, .otherUpgrade: true
    case .ordinary, .head, nil: false
    }
  }

  private func depart(_ how: Departure) {
    abandonUpgrade()
    departure = how
    leave()
    held.putBack(unread)
    unread.removeAll()
  }

  /// Both decoders stop; what they hold of an unfinished head goes with the bytes that wait.
  private func leave() {
    if let (bytes, start) = server.takePending() { keep(bytes, .server, start) }
    server.handOver()
    if !isClientLate { stopWaitingForLateRequest() }
  }

  /// Puts back what a decoder had collected of a head.
  private func keep(_ bytes: [UInt8], _ side: Side, _ start: StreamPosition) {
    held.putBack(ReplayBuffer.Piece(side: side, position: start, content: .bytes(bytes)))
  }

  /// A decoder met bytes that are no message.
  private func loseStep(_ side: Side) {
    if side == .client { mayWaitForRequest = false }
    if side == .client, let response = unmatched, response.status == 101 {
      // The capture began between the request and its answer.
      unmatched = nil
      _ = act(on: reply(status: 101, concernsWebSocket: response.concernsWebSocket), response)
      isClientLate = false
      return leave()
    }
    if side == .server, isClientWaiting { return giveUp() }
    let wasHTTP = client.hasSeenHead || server.hasSeenHead || client.hasLostHead || server.hasLostHead
    if !wasHTTP { return depart(.notHTTP) }
    // Behind a head that a gap cut, what is no head either may be what the head upgraded to.
    let isClientLost = client.isHopeless || client.hasLostHead
    if isClientLost, server.isHopeless || server.hasLostHead { return depart(.unknown) }
    // The other side may still be in step.
    if let (bytes, start) = side == .client ? client.takePending() : server.takePending() {
      setAside(.bytes(bytes), side, start)
    }
  }

  /// No answer will tell what the client's next bytes are.
  private func giveUp() {
    outstanding.removeLast()
    abandonUpgrade()
    if server.isHopeless || startOfHeldBytes == .other { return depart(.unknown) }
    client.resume(.body, into: self)
  }

  /// The upgrade request that waits will not be answered.
  private func abandonUpgrade() {
    guard let request = upgrade else { return }
    upgrade = nil
    events.append(.answered(Handshake(request: request, response: cutResponse)))
    cutResponse = nil
  }

  /// What the client's bytes behind its upgrade request can be. However they were cut: as many pieces are looked at as it
  /// takes to say, and when they have ended they are what they are.
  private var startOfHeldBytes: HTTPStart {
    // In the body of the request they are still to come.
    if client.state == .body, !hasClientEnded { return .undecided }
    guard client.state == .paused else { return .begun }
    var start: [UInt8] = []
    for piece in held.pieces where piece.side == .client {
      guard let bytes = piece.bytes else { return .begun }
      start += bytes
      let seen = HTTPStart.of(start.span, from: .client)
      if seen != .undecided { return seen }
    }
    return .undecided
  }
}

// MARK: Heads

extension HTTPExchange: HTTPSink {
  package func anomaly(_ anomaly: Anomaly) { events.append(.anomaly(anomaly)) }

  package func head(_ head: borrowing BorrowedHead) -> AfterHead {
    // It is HTTP still.
    if !unread.isEmpty { unread.removeAll() }
    if head.side == .client || head.status >= 200 { cutRequest = nil }
    return head.side == .client ? request(head) : response(head)
  }

  /// Where the message ends is not known. What the start of its head says holds nevertheless.
  package func cutHead(_ head: borrowing BorrowedHead) {
    guard departure == nil, !isClientLate else { return }
    switch head.side {
    case .client:
      let request = HTTPHead(head)
      cutRequest = request
      if head.concernsWebSocket {
        expectAnswer(toCut: request)
        return awaitAnswer()
      }
    case .server where head.status == 101:
      if outstanding.isEmpty, let cutRequest { expectAnswer(toCut: cutRequest) }
      // Where the head ends is not known: frames are looked for.
      cutResponse = HTTPHead(head)
      return
    case .server where head.status >= 200:
      cutRequest = nil
      if case .upgrade? = outstanding.first {
        outstanding.removeFirst()
        _ = act(on: .rejected, HTTPHead(head))
        return
      }
    case .server: break
    }
    for anomaly in head.anomalies { events.append(.anomaly(anomaly)) }
  }

  /// An upgrade was asked for. The client's next bytes are what is left of the head, or what follows it.
  private func expectAnswer(toCut request: HTTPHead) {
    if upgrade != nil { abandonUpgrade() }
    (upgrade, outstanding) = (request, [.upgrade])
    events.append(.upgradeRequested(request))
  }

  private func request(_ head: borrowing BorrowedHead) -> AfterHead {
    if isClientLate {
      guard head.concernsWebSocket else { return .body }
      (isClientLate, hasLateRequest) = (false, true)
      return .handOver
    }
    // The client waits behind an upgrade request, unless a gap in the request's body made it look for others.
    if upgrade != nil {
      abandonUpgrade()
      outstanding = []
    }
    // A client that pipelines more than this, or a capture of one direction.
    if outstanding.count >= 1000 { outstanding.removeFirst() }
    if head.concernsWebSocket {
      let request = HTTPHead(head)
      upgrade = request
      outstanding.append(.upgrade)
      events.append(.upgradeRequested(request))
      awaitAnswer()
      return .bodyThenPause
    }
    for anomaly in head.anomalies { events.append(.anomaly(anomaly)) }
    if head.isMethod("CONNECT") {
      // RFC 9110 §9.3.6: a CONNECT request has no content.
      outstanding.append(.connect)
      awaitAnswer()
      return .pause
    }
    if head.hasUpgrade {
      outstanding.append(.otherUpgrade)
      awaitAnswer()
      return .bodyThenPause
    }
    outstanding.append(head.isMethod("HEAD") ? .head : .ordinary)
    return .body
  }

  /// A server that was lost for good gets another chance: its answer is the next thing it has to send.
  private func awaitAnswer() {
    if server.isHopeless { server.lookAgain() }
  }

  private func response(_ head: borrowing BorrowedHead) -> AfterHead {
    // RFC 9110 §15.2: interim responses precede the final one; only 101 ends HTTP.
    let isInterim = head.status < 200 && head.status != 101
    if !isInterim, outstanding.isEmpty, mayWaitForRequest {
      unmatched = HTTPHead(head)
      return .pause
    }
    if head.status == 101, outstanding.isEmpty, head.concernsWebSocket, let cutRequest {
      expectAnswer(toCut: cutRequest)
    }
    let reply = reply(status: head.status, concernsWebSocket: head.concernsWebSocket)
    switch reply {
    case .upgraded, .rejected, .switched: return act(on: reply, HTTPHead(head))
    case .interim, .ordinary, .toHead, .tunnel:
      for anomaly in head.anomalies { events.append(.anomaly(anomaly)) }
      return act(on: reply, nil)
    }
  }

  /// Pairs a response with the request it answers, and takes that from the queue.
  private func reply(status: Int, concernsWebSocket: Bool) -> Reply {
    if status == 101 {
      // It answers the request that asked for it, even if responses before it were lost.
      let asked = outstanding.last
      outstanding = []
      switch asked {
      case .upgrade: return .upgraded
      case .otherUpgrade: return .switched
      case .ordinary, .head, .connect, nil: return concernsWebSocket ? .upgraded : .switched
      }
    }
    if status < 200 { return .interim }
    guard !outstanding.isEmpty else { return .ordinary }
    switch outstanding.removeFirst() {
    case .ordinary: return .ordinary
    case .head: return .toHead
    case .upgrade: return .rejected
    // RFC 9110 §7.8: a server that does not want to switch answers as if it had not been asked.
    case .otherUpgrade:
      client.resume(.body, into: self)
      return .ordinary
    // RFC 9110 §9.3.6: any 2xx opens the tunnel.
    case .connect:
      if (200..<300).contains(status) { return .tunnel }
      client.resume(.noBody, into: self)
      return .ordinary
    }
  }

  /// Does what a response asks for. `head` is there where the reply needs it.
  private func act(on reply: Reply, _ head: HTTPHead?) -> AfterHead {
    switch reply {
    case .interim, .toHead: return .noBody
    case .ordinary: return .body
    case .rejected:
      events.append(.answered(Handshake(request: upgrade, response: head)))
      upgrade = nil
      client.resume(.body, into: self)
      return .body
    case .upgraded:
      isClientLate = upgrade == nil && client.state != .paused && !client.isHopeless
      events.append(
        .answered(Handshake(request: upgrade, response: head, earlyData: earlyData(before: head))))
      upgrade = nil
      departure = .upgraded
    case .tunnel:
      departure = .tunnel
    case .switched:
      departure = .switched(to: head?.values(of: "Upgrade").joined(separator: ", ") ?? "")
    }
    abandonUpgrade()
    // The server's decoder is at work and stops by the answer.
    if !isClientLate { stopWaitingForLateRequest() }
    return .handOver
  }

  /// What the client sent after its request and before the response, in the order of the capture.
  private func earlyData(before response: HTTPHead?) -> (bytes: Int, position: StreamPosition)? {
    guard let response, upgrade != nil else { return nil }
    var (count, first) = (0, nil as StreamPosition?)
    for piece in held.pieces where piece.side == .client && piece.position.packet < response.start.packet {
      guard case .bytes(let bytes) = piece.content else { continue }
      count += bytes.count
      first = first ?? piece.position
    }
    return first.map { (count, $0) }
  }
}

extension HTTPHead {
  /// The same question that `BorrowedHead` answers while it is read.
  fileprivate var concernsWebSocket: Bool {
    has("websocket", in: "Upgrade") || has("Sec-WebSocket-Accept")
  }
}
