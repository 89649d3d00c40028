import WireBytes

@testable import HTTP1
@testable import PacketLayers
@testable import SessionAnalysis
@testable import Sessions
@testable import TCPReassembly
@testable import WebSocketDecoding

/// An event as a printer is told of it, with what it borrows.
enum TestEvent: Sendable {
  case opened(SessionOpen)
  case message(Message, [UInt8], missing: [MissingRange] = [], transport: MessageTransport? = nil)
  case control(ControlEvent, [UInt8] = [])
  case frame(Frame, [UInt8] = [])
  case gap(Gap)
  case anomaly(Anomaly)
  case retransmission(Retransmission)
  case closed(SessionClose)
  case input(InputChange)
  case ended(CaptureSummary)
}

extension TestEvent {
  func tell(_ sink: any EventSink, in session: SessionReference) {
    switch self {
    case .opened(let event): sink.event(.opened(event))
    case .message(let message, let payload, let missing, let transport):
      sink.message(
        message, MessageContext(session, missing: missing, transport: transport), payload: payload.span)
    case .control(let event, let payload): sink.control(event, in: session, payload: payload.span)
    case .frame(let frame, let payload): sink.frame(frame, in: session, payload: payload.span)
    case .gap(let gap): sink.event(.gap(gap, in: session))
    case .anomaly(let anomaly): sink.event(.anomaly(anomaly, in: session))
    case .retransmission(let event): sink.event(.retransmission(event, in: session))
    case .closed(let event): sink.event(.closed(event))
    case .input(let event): sink.event(.inputChanged(event))
    case .ended(let summary): sink.event(.ended(summary))
    }
  }
}

/// Parts of events whose numbers are easy to recognise in what is printed.
enum Sample {
  /// 2026-11-20T09:12:03.123456789Z
  static let start = CaptureTime(nanoseconds: 1_795_165_923_123_456_789)
  static let session = SessionReference(number: 1, start: start)
  static let client = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 40_000)
  static let server = Endpoint(address: IPAddress(high: 0x2001_0db8_0000_0000, low: 1), port: 8080)

  /// `offset` in its stream, in `packet`, so many milliseconds after the request.
  static func at(_ packet: UInt64, _ milliseconds: Int64 = 0, offset: UInt64 = 0) -> StreamPosition {
    StreamPosition(
      offset: offset, packet: packet,
      time: CaptureTime(nanoseconds: start.nanoseconds + milliseconds * 1_000_000))
  }

  static func message(
    _ side: Side, _ opcode: Opcode, bytes: Int, packet: UInt64 = 8,
    _ change: (inout Message) -> Void = { _ in }
  ) -> Message {
    var message = Message(
      side: side, opcode: opcode, first: at(packet, 12, offset: 100), wireBytes: bytes + 6, bytes: bytes)
    message.isValidUTF8 = opcode == Opcode.text
    change(&message)
    return message
  }

  /// A text message that came whole.
  static func text(_ side: Side, _ text: String) -> TestEvent {
    .message(message(side, Opcode.text, bytes: text.utf8.count), Array(text.utf8))
  }

  static func control(
    _ side: Side, _ opcode: Opcode, bytes: Int, answers: StreamPosition? = nil, code: UInt16? = nil,
    missing: UInt64 = 0
  ) -> ControlEvent {
    let first = at(20, 1500, offset: 200)
    return ControlEvent(
      frame: ControlFrame(
        side: side, opcode: opcode, first: first, last: first, bytes: UInt64(bytes),
        wireBytes: UInt64(bytes + 6), missingBytes: missing), answers: answers, closeCode: code)
  }

  /// A Close with a status code and a reason.
  static func close(_ side: Side, _ code: UInt16, _ reason: String = "") -> TestEvent {
    let payload = [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8)
    return .control(control(side, Opcode.close, bytes: payload.count, code: code), payload)
  }

  /// A frame from the bytes of its header.
  static func frame(_ side: Side, _ header: [UInt8], missing: UInt64 = 0) -> Frame {
    guard let parsed = FrameHeader(parsing: header.span) else { preconditionFailure("no header") }
    return Frame(
      side: side, header: parsed, first: at(30, 2000, offset: 300), last: at(31, 2001, offset: 310),
      missingBytes: missing)
  }

  static func anomaly(_ rule: Rule, _ side: Side?, _ detail: String) -> TestEvent {
    .anomaly(Anomaly(rule, by: side, at: at(40, 3000, offset: 400), detail))
  }

  // MARK: Handshakes

  static let request = [
    "GET /chat HTTP/1.1", "Host: example.com", "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ]
  static let response = [
    "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  ]

  static func head(_ side: Side, _ lines: [String], isCut: Bool = false) -> HTTPHead {
    let text = isCut ? lines.joined(separator: "\r\n") : lines.map { $0 + "\r\n" }.joined() + "\r\n"
    return head(side, Array(text.utf8), isCut: isCut)
  }

  static func head(_ side: Side, _ bytes: [UInt8], isCut: Bool = false) -> HTTPHead {
    let (start, end) = side == .client ? (at(4), at(4)) : (at(6, 2), at(6, 2))
    let head =
      isCut
      ? BorrowedHead(cut: bytes.span, from: side, start: start, end: end)
      : BorrowedHead(bytes.span, from: side, start: start, end: end)
    guard let head else { preconditionFailure("no head") }
    return HTTPHead(head)
  }

  static func handshake(_ request: [String]? = request, _ response: [String]? = response) -> Handshake {
    Handshake(
      request: request.map { head(.client, $0) }, response: response.map { head(.server, $0) })
  }

  static func opened(
    _ handshake: Handshake?, hidesSecrets: Bool = false, reconnect: Reconnect? = nil, leg: ProxyLeg? = nil
  ) -> TestEvent {
    let secrets = handshake.map { Secrets($0) } ?? Secrets()
    return .opened(
      SessionOpen(
        session: session, position: at(6, 2, offset: 129), client: client, server: server, tcpClient: client,
        via: [], tcpStream: 3,
        handshake: handshake, outcome: handshake.map { HandshakeOutcome($0.outcome) } ?? .notCaptured,
        hidden: hidesSecrets ? secrets : Secrets(), reconnect: reconnect, leg: leg))
  }

  // MARK: Ends

  static func counts(
    messages: UInt64 = 0, bytes: UInt64 = 0, pings: UInt64 = 0, lost: UInt64 = 0, unexplained: UInt64 = 0
  ) -> SideCounts {
    var counts = SideCounts()
    (counts.messages, counts.frames, counts.bytes) = (messages, messages + pings, bytes)
    (counts.wireBytes, counts.pings, counts.pongs) = (bytes + 6 * counts.frames, pings, 0)
    (counts.lostBytes, counts.unexplainedBytes) = (lost, unexplained)
    return counts
  }

  /// What is known of a session that ended; `change` says how.
  static func closed(
    _ end: ConnectionEnd = .fin, by side: Side? = .client, handshake: Handshake? = handshake(),
    _ change: (inout SampleEnd) -> Void = { _ in }
  ) -> TestEvent {
    var sample = SampleEnd(handshake: handshake, end: end, side: side)
    change(&sample)
    return .closed(sample.event)
  }

  static func closeFrame(_ side: Side, _ code: UInt16?, _ reason: String = "", packet: UInt64)
    -> CloseFrame
  {
    CloseFrame(position: at(packet, 60_000), end: 108, code: code, reason: reason)
  }

  static func duration(_ values: Int64...) -> Distribution {
    var distribution = Distribution()
    for value in values { distribution.add(value) }
    return distribution
  }
}

/// The facts of an end, to be changed one by one.
struct SampleEnd {
  var handshake: Handshake?
  var outcome: HandshakeOutcome
  var end: ConnectionEnd
  var side: Side?
  var firstFin: FirstFin?
  var recognition: SessionRecognition?
  var clientClose: CloseFrame?
  var serverClose: CloseFrame?
  var clientPings = OpenPings()
  var violations = Violations()
  var client = SideSummary()
  var server = SideSummary()
  var transport: SessionTransport?
  var heartbeats: [Heartbeat] = []
  var legs: [LegComparison] = []
  var upstreamFailure: UpstreamFailure?
  var suppressed: [(rule: Rule, side: Side, count: Int)] = []

  init(handshake: Handshake?, end: ConnectionEnd, side: Side?) {
    (self.handshake, self.end, self.side) = (handshake, end, side)
    outcome = handshake.map { HandshakeOutcome($0.outcome) } ?? .notCaptured
    client.counts = Sample.counts(messages: 3, bytes: 300)
    server.counts = Sample.counts(messages: 1, bytes: 2048)
    client.lastBytes = Sample.at(260, 100, offset: 1000)
    server.lastBytes = Sample.at(261, 200, offset: 2000)
  }

  var event: SessionClose {
    let position = Sample.at(273, 60_125)
    let facts = SessionFacts(
      outcome: outcome, handshake: handshake, opened: Sample.at(6, 2), recognition: recognition,
      clientClose: clientClose, serverClose: serverClose, clientPings: clientPings,
      serverPings: OpenPings(), heartbeats: heartbeats, violations: violations, unsolicitedPongs: [:],
      upstreamFailure: upstreamFailure)
    var finish = SessionFinish(end: end, position: position)
    (finish.tcpSide, finish.firstFin) = (side, firstFin)
    (finish.client, finish.server, finish.transport) = (client, server, transport)
    return SessionClose(
      session: Sample.session, position: position, duration: 60_123_000_000,
      verdict: Verdict(SessionEvidence(facts, finish)), client: client.counts, server: server.counts,
      clientCompression: client.compression, serverCompression: server.compression,
      clientLast: client.lastBytes, serverLast: server.lastBytes, transport: transport,
      heartbeats: heartbeats, legs: legs, translations: [], suppressed: suppressed, outcome: outcome)
  }
}
