internal import HTTP1
internal import Output
internal import PacketLayers
internal import SessionTimeline
internal import TCPReassembly
internal import WebSocketDecoding
internal import WireBytes

// From the values that the modules pass to each other to those of the library.

extension WebSocketCapture.Side {
  init(_ side: WireBytes.Side) { self = side == .client ? .client : .server }

  /// nil where it cannot be said of one side.
  init?(_ side: SessionClose.ClosedBy) {
    switch side {
    case .client: self = .client
    case .server: self = .server
    case .both: return nil
    }
  }
}

extension WebSocketCapture.Time: CustomStringConvertible {
  init(_ time: CaptureTime) { nanosecondsSince1970 = time.nanoseconds }

  /// RFC 3339 in UTC with nine digits: `2026-11-20T09:12:03.123456789Z`
  public var description: String { CaptureTime(nanoseconds: nanosecondsSince1970).description }
}

extension WebSocketCapture.Endpoint {
  init(_ end: TCPReassembly.Endpoint) { (ip, port) = (end.address.description, end.port) }
}

extension WebSocketCapture.Message.Opcode {
  init(_ opcode: WebSocketDecoding.Opcode) {
    switch opcode {
    case .text: self = .text
    case .binary: self = .binary
    default: self = .continuation
    }
  }
}

extension WebSocketCapture.Anomaly.Severity {
  init(_ severity: WireBytes.Severity) {
    switch severity {
    case .violation: self = .violation
    case .warning: self = .warning
    case .note: self = .note
    }
  }
}

extension WebSocketCapture.SessionOpened {
  init(_ event: SessionOpen) {
    session = event.session.number
    (time, packet) = (.init(event.position.time), event.position.packet)
    (client, server) = (.init(event.client), .init(event.server))
    url = event.handshake?.url()
    (tcpStream, communityID) = (event.tcpStream, event.communityID)
    outcome = .init(event.outcome)
    request = event.handshake?.request.map { .init($0) }
    response = event.handshake?.response.map { .init($0) }
    handshake = event.handshake.map { .init($0) }
  }
}

extension WebSocketCapture.HandshakeOutcome {
  init(_ outcome: SessionTimeline.HandshakeOutcome) {
    switch outcome {
    case .upgraded: self = .upgraded
    case .rejected: self = .rejected
    case .invalid: self = .invalid
    case .incomplete: self = .incomplete
    case .notCaptured: self = .notCaptured
    }
  }
}

extension WebSocketCapture.Request {
  init(_ head: HTTPHead) {
    (time, packet) = (.init(head.start.time), head.start.packet)
    (method, target, httpVersion) = (head.method, head.target, head.version)
    isCut = head.isCut
    headers = head.headers.map { WebSocketCapture.Header(name: $0.name, value: $0.value) }
  }
}

extension WebSocketCapture.Response {
  init(_ head: HTTPHead) {
    (time, packet) = (.init(head.end.time), head.end.packet)
    (status, reason, isCut) = (head.status, head.reason, head.isCut)
    headers = head.headers.map { WebSocketCapture.Header(name: $0.name, value: $0.value) }
  }
}

extension WebSocketCapture.Handshake {
  init(_ handshake: HTTP1.Handshake) {
    (key, accept) = (handshake.key, handshake.accept)
    (expectedAccept, isAcceptValid) = (handshake.expectedAccept, handshake.acceptValid)
    (version, origin) = (handshake.version, handshake.origin)
    subprotocolsOffered = handshake.subprotocolsOffered
    subprotocolsSelected = handshake.subprotocolsSelected
    extensionsOffered = handshake.extensionsOffered
    extensionsSelected = handshake.extensionsSelected
  }
}

extension WebSocketCapture.SessionClosed {
  init(_ event: SessionClose) {
    session = event.session.number
    (time, packet) = (.init(event.position.time), event.position.packet)
    duration = .nanoseconds(event.duration)
    (how, code) = (.init(event.verdict.how), event.verdict.code)
    closedBy = event.verdict.closedBy.flatMap { .init($0) }
    (verdict, evidence) = (event.verdict.sentence, event.verdict.evidenceLines)
    (client, server) = (.init(event.client), .init(event.server))
    anomaliesNotListed = event.suppressed.map { rule, side, count in
      WebSocketCapture.AnomaliesNotListed(rule: rule.name, from: .init(side), count: count)
    }
  }
}

extension WebSocketCapture.SessionEnd {
  init(_ end: SessionTimeline.SessionEnd) {
    switch end {
    case .closeHandshake: self = .closeHandshake
    case .closeUnanswered: self = .closeUnanswered
    case .fin: self = .fin
    case .rst: self = .rst
    case .captureEnd: self = .captureEnd
    case .gaveUp: self = .gaveUp
    }
  }
}

extension WebSocketCapture.Counts {
  init(_ counts: SideCounts) {
    (messages, frames) = (counts.messages, counts.frames)
    (bytes, wireBytes) = (counts.bytes, counts.wireBytes)
    (pings, pongs) = (counts.pings, counts.pongs)
    (streamBytes, lostBytes) = (counts.streamBytes, counts.lostBytes)
    unexplainedBytes = counts.unexplainedBytes
  }
}

extension WebSocketCapture.CaptureEnded {
  init(_ summary: CaptureSummary) {
    (packets, bytes) = (summary.packets, summary.bytes)
    (firstTime, lastTime) = (summary.firstTime.map { .init($0) }, summary.lastTime.map { .init($0) })
    packetsOutOfTimeOrder = summary.timeOrder.packets
    (connections, sessions) = (summary.connections, summary.sessions)
    (tlsConnections, notTCP) = (summary.tlsConnections, summary.notTCP)
    undecodable = Dictionary(summary.undecodable.map { ($0.reason, $0.packets) }) { $0 &+ $1 }
    reassembly = .init(summary)
    damage = summary.damage
  }
}

extension WebSocketCapture.ReassemblyCounts {
  init(_ summary: CaptureSummary) {
    let counts = summary.reassembly
    (retransmissions, outOfOrder) = (counts.retransmissions, counts.outOfOrder)
    (outOfWindow, afterEnd) = (counts.outOfWindow, counts.afterEnd)
    bytesBeforeStart = counts.bytesBeforeStart
    (invalidResets, holesOverLimit) = (counts.invalidResets, counts.holesOverLimit)
    (connectionsGivenUp, incompleteDatagrams) = (counts.connectionsGivenUp, summary.incompleteDatagrams)
  }
}
