import WireBytes

/// What the heads of both sides mean: an exchange is the sink of its two decoders.
extension HTTP1Exchange: HTTPSink {
  // MARK: Heads

  package func anomaly(_ anomaly: Anomaly) { events.append(.anomaly(anomaly)) }

  package func head(_ head: borrowing BorrowedHead) -> AfterHead {
    if !unread.isEmpty { dropUnread(before: head) }
    return head.side == .client ? request(head) : response(head)
  }

  /// A head shows that it is still HTTP. But where a 101 comes the client's bytes that could not be read may be frames, unless they
  /// are the rest of a request that was cut.
  @inline(never)
  private func dropUnread(before head: borrowing BorrowedHead) {
    if head.side == .server, head.status == 101, pairing.cutRequest == nil {
      unread.removeAll(of: .server)
    } else {
      unread.removeAll()
    }
  }

  private func request(_ head: borrowing BorrowedHead) -> AfterHead {
    // The client waits after a question, unless a gap in its body made it look for another request.
    if pairing.isClientWaiting { withdrawQuestion() }
    if head.concernsWebSocket {
      ask(HTTPHead(head))
      return .bodyThenPause
    }
    report(head.anomalies)
    if head.isMethod("CONNECT") {
      // RFC 9110 §9.3.6: a CONNECT request has no content.
      tunnel = (head.target, head.has("proxy-authorization"))
      ask(.connect)
      return .pause
    }
    if head.hasUpgrade {
      ask(.otherUpgrade)
      return .bodyThenPause
    }
    pairing.add(head.isMethod("HEAD") ? .head : .ordinary)
    return .body
  }

  private func response(_ head: borrowing BorrowedHead) -> AfterHead {
    reportRefusalBody(isEnd: true)
    if strayRequest != nil { adoptStrayRequest(answeredBy: head) }
    if head.status == 101, head.concernsWebSocket { adoptCutRequest() }
    if head.status >= 400, pairing.cutRequest != nil { judgeCutRequest(refusedWith: head.status) }
    let verdict = pairing.answer(
      status: head.status, concernsWebSocket: head.concernsWebSocket, packet: head.start.packet)
    switch verdict {
    case .goesOn, .tunnel: report(head.anomalies)
    case .refuses(.connect):
      report(head.anomalies)
      events.append(
        .connectRefused(
          target: tunnel.target, isAuthenticated: tunnel.isAuthenticated, status: head.status))
    case .refuses(.otherUpgrade): report(head.anomalies)
    case .awaitsRequest:
      pairing.wait(HTTPHead(head))
      return .pause
    case .refuses(.upgrade), .webSocket, .otherProtocol: return act(on: verdict, HTTPHead(head))
    }
    return act(on: verdict, nil)
  }

  /// Where the message ends is not known. What the start of its head says holds nevertheless.
  package func cutHead(_ head: borrowing BorrowedHead) -> AfterCutHead {
    switch head.side {
    case .client:
      let request = HTTPHead(head)
      if head.concernsWebSocket {
        withdrawQuestion()
        ask(request)
        return .search
      }
      if pairing.isTunnelAsked { report(notUpgraded: pairing.withdrawQuestion()) }
      if head.isMethod("CONNECT") {
        // What follows the rest of the head is what goes through the tunnel.
        tunnel = (head.target, head.has("proxy-authorization"))
        ask(.connect)
      } else {
        pairing.keepCut(request: request)
      }
    case .server where head.status == 101:
      let answer = HTTPHead(head)
      if !answer.namesOtherProtocol, pairing.cutRequest?.namesOtherProtocol != true { adoptCutRequest() }
      if pairing.waitsForRequest(cutAnswer: answer) { return wait(answer) }
      _ = act(on: pairing.answer(cutSwitch: answer), answer)
      return .search
    case .server where head.status >= 200:
      let response = HTTPHead(head)
      if head.status >= 400, pairing.cutRequest != nil { judgeCutRequest(refusedWith: head.status) }
      switch pairing.answerCut(response) {
      case .awaitsRequest: return wait(response)
      case .refuses(.upgrade(let request)):
        refuse(request, response)
        return .search
      default:
        // After a CONNECT that was cut, too, nothing waits for the answer.
        if pairing.isTunnelAsked, client.decoder.state != .paused { pairing.dropQuestion() }
      }
    case .server: break
    }
    report(head.anomalies)
    return .search
  }

  package func tooLargeHead(_ head: borrowing BorrowedHead, _ detail: String) {
    if head.side == .client, head.concernsWebSocket { events.append(.requestTooLarge(head.start, detail)) }
  }

  private func wait(_ response: HTTPHead) -> AfterCutHead {
    pairing.wait(response)
    return .pause
  }

  func report(_ anomalies: [Anomaly]) {
    for anomaly in anomalies { events.append(.anomaly(anomaly)) }
  }

  private func ask(_ request: HTTPHead) {
    events.append(.upgradeRequested(request))
    ask(.upgrade(request))
  }

  private func ask(_ question: MessagePairing.Question) {
    pairing.ask(question)
    // A server that is out of step gets another chance: its answer is the next thing that it has to send.
    if server.decoder.isUnrecoverable { server.decoder.resynchronize() }
  }

  private func withdrawQuestion() {
    if isSearchingAnswer { server.decoder.resynchronize() }
    report(notUpgraded: pairing.withdrawQuestion())
  }

  func adoptCutRequest() {
    if let request = pairing.adoptCutRequest() { events.append(.upgradeRequested(request)) }
  }

  /// A request with Connection: Upgrade was cut before its Upgrade field, and the server refuses. 426 (Upgrade Required) tells
  /// that the field was there; of others it can only be said.
  private func judgeCutRequest(refusedWith status: Int) {
    guard pairing.isSettled, let request = pairing.cutRequest, request.asksForUnknownUpgrade else { return }
    if status == 426 {
      adoptCutRequest()
    } else {
      events.append(.cutRequestRefused(request, status: status))
    }
  }

  /// An upgrade request was the last thing that the client said, where the body of an earlier request should have gone on, and
  /// that one has its answer. If this is the answer of the upgrade request, the body had ended before.
  private func adoptStrayRequest(answeredBy head: borrowing BorrowedHead) {
    guard let request = strayRequest, pairing.isSettled, head.status == 101 || head.status >= 200 else {
      return
    }
    if head.status == 101 {
      guard let accept = request.expectedAccept, HTTPHead(head).acceptIs(accept) else { return }
    }
    (strayRequest, hasEndedBody) = (nil, true)
    unread.removeAll(of: .client)
    client.decoder.pauseAfterStrayRequest()
    ask(request)
  }

  // MARK: Answers

  /// Does what a response asks for, and says what follows its head. The response is there where the verdict needs it.
  func act(on verdict: MessagePairing.Verdict, _ response: HTTPHead?) -> AfterHead {
    switch verdict {
    case .goesOn(let after): return after
    case .awaitsRequest: return .pause
    case .refuses(.upgrade(let request)):
      refuse(request, response)
      return .body
    case .refuses(.otherUpgrade):
      client.decoder.resume(.body, into: self)
      return .body
    case .refuses(.connect):
      client.decoder.resume(.noBody, into: self)
      return .body
    case .webSocket(let request):
      let handshake = Handshake(
        request: request, response: response, earlyData: request == nil ? nil : earlyData(before: response),
        isRequestUnread: request == nil && isRequestUnread)
      let client = clientStart(after: request)
      next = isNamed(request, response) ? .webSocket(handshake, client: client) : .unnamed(handshake)
    case .otherProtocol: next = .other(response?.values(of: "Upgrade").joined(separator: ", ") ?? "")
    case .tunnel: next = .tunnel(target: tunnel.target, isAuthenticated: tunnel.isAuthenticated)
    }
    return .handOver
  }

  /// Whether it is known that the 101 is one to WebSocket.
  private func isNamed(_ request: HTTPHead?, _ response: HTTPHead?) -> Bool {
    if let response, !response.isCut || response.showsWebSocket { return true }
    if let request { return !request.isCut || request.showsWebSocket }
    return if case .unread = earlierRequest { true } else { false }
  }

  private func refuse(_ request: HTTPHead, _ response: HTTPHead?) {
    events.append(.notUpgraded(Handshake(request: request, response: response)))
    server.decoder.keepBody()
    client.decoder.resume(.body, into: self)
  }

  func reportRefusalBody(isEnd: Bool = false) {
    if let body = server.decoder.takeBody(isEnd: isEnd), body.count > 0 { events.append(.refusalBody(body)) }
  }

  /// Where the client's frames begin now that its upgrade was granted.
  private func clientStart(after request: HTTPHead?) -> ClientStart {
    if let request {
      client.decoder.handOver()
      if client.decoder.state == .body { return .after(takeRemainder(isInUpgradeRequest: true)) }
      return request.isCut ? .uncertain : .known
    }
    // Its stream has not come as far as the request, or the request is not in the capture.
    let isLate = client.decoder.state != .paused && !client.decoder.isUnrecoverable
    return isLate ? .after(takeRemainder(isInUpgradeRequest: false)) : .uncertain
  }

  /// Whether the client's bytes before its upgrade are in the capture, and no request was read in them.
  private var isRequestUnread: Bool {
    if case .unread = earlierRequest { return true }
    return client.decoder.mayHoldStrayHead && !client.decoder.isAfterGap
  }

  private func takeRemainder(isInUpgradeRequest: Bool) -> ClientRemainder {
    var decoder = HTTPDecoder(side: .client, limits: limits)
    swap(&decoder, &client.decoder)
    return ClientRemainder(
      decoder, pendingAcknowledged: client.pendingAcknowledged, isInUpgradeRequest: isInUpgradeRequest)
  }

  /// What the client sent after its request and before the response, in capture order.
  private func earlyData(before response: HTTPHead?) -> (bytes: Int, position: StreamPosition)? {
    guard let response else { return nil }
    var (count, first) = (0, nil as StreamPosition?)
    for piece in held.pieces where piece.side == .client && piece.position.packet < response.start.packet {
      guard let bytes = piece.bytes else { continue }
      count += bytes.count
      first = first ?? piece.position
    }
    return first.map { (count, $0) }
  }
}
