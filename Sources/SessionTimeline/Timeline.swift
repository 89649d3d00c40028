import HTTP1
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// Turns what the decoders find into events of the session at hand.
final class Timeline: WebSocketSink {
  let report: any TimelineReport
  private(set) var sessions: UInt64 = 0
  /// Messages that are longer than what is kept of one.
  private(set) var messagesShortened: UInt64 = 0

  /// The session whose decoder is running. Set before every call of a decoder: events do not carry it.
  @exclusivity(unchecked) private var uncheckedCurrent = SessionReference(
    number: 0, start: CaptureTime(nanoseconds: 0))
  var current: SessionReference {
    @inline(__always) _read { yield unsafe uncheckedCurrent }
    @inline(__always) _modify { yield unsafe &uncheckedCurrent }
  }
  /// The number of its client's stream, which names its record.
  @exclusivity(unchecked) private var uncheckedCurrentStream = 0
  var currentStream: Int {
    @inline(__always) _read { yield unsafe uncheckedCurrentStream }
    @inline(__always) _modify { yield unsafe &uncheckedCurrentStream }
  }
  @exclusivity(unchecked) private var uncheckedRecords: [SessionRecord?] = []
  private var records: [SessionRecord?] {
    @inline(__always) _read { yield unsafe uncheckedRecords }
    @inline(__always) _modify { yield unsafe &uncheckedRecords }
  }

  /// Control frames need the record; the message path must not pay for it with reference counting.
  private var currentRecord: SessionRecord? { records[currentStream / 2] }

  /// Payload bytes of a control frame that reports are shown.
  private let shownPayload: Int
  private var endsByServer = RecentEnds()
  private var history = SessionHistory()
  private var legs = LegSearch()
  /// `legs.isActive`, where every message looks.
  @exclusivity(unchecked) private var uncheckedComparesMessages = false
  private var comparesMessages: Bool {
    @inline(__always) _read { yield unsafe uncheckedComparesMessages }
    @inline(__always) _modify { yield unsafe &uncheckedComparesMessages }
  }
  /// Reports are shown payloads, so that those of two legs can be compared.
  private let comparesLegs: Bool

  /// False when a Close frame came, until it is known what its sender had received (`confirmed`).
  @exclusivity(unchecked) private var uncheckedAsksNothing = true
  private(set) var asksNothing: Bool {
    @inline(__always) _read { yield unsafe uncheckedAsksNothing }
    @inline(__always) _modify { yield unsafe &uncheckedAsksNothing }
  }
  /// Who sent it.
  private(set) var askingSide = Side.client

  private let hidesSecrets: Bool
  /// What TCP did is told of every message.
  private let reportsTransport: Bool
  /// Room for what is to be told of messages that are still to come.
  @exclusivity(unchecked) private var uncheckedRoomForNotes = TransportNotes.limitInAll
  var roomForNotes: Int {
    @inline(__always) _read { yield unsafe uncheckedRoomForNotes }
    @inline(__always) _modify { yield unsafe &uncheckedRoomForNotes }
  }

  init(report: any TimelineReport, shownPayload: Int, hidesSecrets: Bool, reportsTransport: Bool = false) {
    self.report = report
    self.reportsTransport = reportsTransport
    self.hidesSecrets = hidesSecrets
    self.shownPayload = shownPayload
    comparesLegs = shownPayload > 0
  }

  // MARK: Sessions

  func openSession(
    _ connection: ConnectionInfo, clientIsInitiator: Bool, handshake: Handshake?, at position: StreamPosition
  ) -> SessionRecord {
    sessions += 1
    let start = handshake?.request?.start.time ?? position.time
    let reference = SessionReference(number: sessions, start: start)
    let outcome = handshake.map { HandshakeOutcome($0.outcome) } ?? .notCaptured
    let client = clientIsInitiator ? connection.initiator : connection.responder
    let server = clientIsInitiator ? connection.responder : connection.initiator
    let record = SessionRecord(
      reference, client: client, server: server, opened: position, outcome: outcome, handshake: handshake)
    let secrets = handshake.map { Secrets($0) } ?? Secrets()
    let hidden = hidesSecrets ? secrets : Secrets()
    let before = record.place.map { history.opened(sessions, at: $0, request: start) }
    let leg = record.key.flatMap { history.leg(sessions, key: $0, request: start, record: record) }
    let sameKey = record.key.flatMap { history.before(sessions, withKey: $0, record) }
    if comparesLegs, outcome == .upgraded || outcome == .notCaptured || outcome == .invalid {
      legs.opened(record, start: start, other: leg?.record, isFront: leg?.leg.isFront ?? false)
      comparesMessages = legs.isActive
    }
    report.sessionOpened(
      SessionOpen(
        session: reference, position: position, client: client, server: server,
        tcpStream: connection.stream, handshake: handshake, outcome: outcome, hidden: hidden,
        reconnect: before?.reconnect, leg: leg?.leg))
    guard let handshake else { return record }
    for anomaly in handshake.anomalies {
      report.anomaly(hidden.isEmpty ? anomaly : anomaly.hiding(hidden), in: reference)
    }
    // These hide what is to be hidden themselves.
    HandshakeNotes(handshake: handshake, secrets: secrets, showsDetails: report.showsDetails).forEach {
      report.anomaly($0, in: reference)
    }
    if let sameKey, let request = handshake.request {
      report.anomaly(
        Anomaly(
          SessionRule.repeatedKey, by: .client, at: request.start,
          "Sec-WebSocket-Key is that of session \(sameKey), too"), in: reference)
    }
    if let storm = before?.storm, let request = handshake.request {
      report.anomaly(
        Anomaly(
          SessionRule.reconnectStorm, by: .client, at: request.start,
          "\(storm.count) reconnects within \(DurationText.seconds(storm.time))"), in: reference)
    }
    return record
  }

  /// What sessions that begin later are compared with.
  private func remember(_ record: SessionRecord, _ verdict: Verdict, end: CaptureTime) {
    let number = record.reference.number
    if let place = record.place {
      history.closed(number, at: place, end: end, isWanted: verdict.isWantedByClient)
    }
    if let key = record.key { history.forget(key: key, of: number) }
  }

  func closeSession(_ record: SessionRecord, _ finish: SessionFinish) {
    let evidence = SessionEvidence(record.ending, finish)
    for anomaly in SessionChecks(evidence: evidence).anomalies {
      report.anomaly(anomaly, in: record.reference)
    }
    var verdict = Verdict(evidence)
    if verdict.mayBeRestart, let time = verdict.beginOfEnd {
      verdict.otherEnds = endsByServer.note(record.server, at: time)
    }
    remember(record, verdict, end: verdict.beginOfEnd ?? finish.position.time)
    let (client, server) = (finish.client, finish.server)
    let legs = closeLegs(record, finish)
    report.sessionClosed(
      SessionClose(
        session: record.reference, position: finish.position,
        duration: finish.position.time.nanoseconds(since: record.opened.time),
        verdict: verdict, client: client.counts,
        server: server.counts, clientCompression: client.compression, serverCompression: server.compression,
        clientLast: client.lastBytes, serverLast: server.lastBytes,
        transport: finish.transport, heartbeats: record.heartbeats.found,
        legs: legs,
        suppressed: finish.suppressed, outcome: record.outcome))
  }

  /// How its messages compare with those of its other legs; reports where they differ.
  private func closeLegs(_ record: SessionRecord, _ finish: SessionFinish) -> [LegComparison] {
    guard let log = record.legLog else { return [] }
    let isCaptured = finish.end == .fin || finish.end == .rst
    let lost =
      finish.client.counts.lostBytes &+ finish.client.counts.unexplainedBytes
      &+ finish.server.counts.lostBytes &+ finish.server.counts.unexplainedBytes
    let found = legs.closed(
      log, LegLog.End(time: finish.position.time, isCaptured: isCaptured, lostBytes: lost))
    comparesMessages = legs.isActive
    for comparison in found {
      if let anomaly = comparison.anomaly(in: record.reference.number, at: finish.position) {
        report.anomaly(anomaly, in: record.reference)
      }
    }
    return found
  }

  /// Says which session the streams at `stream` and behind it belong to.
  func setRecord(_ record: SessionRecord?, stream: Int) {
    while records.count <= stream / 2 { records.append(nil) }
    records[stream / 2] = record
  }

  func gap(_ bytes: UInt64, from side: Side, at position: StreamPosition) {
    currentRecord?.mayLackPings = true
    report.gap(Gap(side: side, position: position, bytes: bytes), in: current)
  }

  /// The sender of a Close frame had acknowledged its peer's stream so far when it sent that, and this is the last packet
  /// that brought bytes of its peer; nil when it is not known.
  func confirmed(_ offset: UInt64?, afterPacket packet: UInt64?) {
    asksNothing = true
    currentRecord?.sentClose(askingSide, havingReceived: offset, afterPacket: packet)
  }

  // MARK: TCP

  @inline(never)
  private func reportTransport(_ message: borrowing Message) {
    var found = MessageTransport(message)
    if let record = currentRecord, let transport = record.transport {
      transport[record.direction(of: message.side)].describe(message, in: &found, &roomForNotes)
    }
    if reportsTransport || found.isRemarkable { report.transport(found, in: current) }
  }

  func retransmitted(_ event: Retransmission, in session: SessionReference) {
    if reportsTransport { report.retransmission(event, in: session) }
  }

  // MARK: WebSocketSink

  @inline(never)
  private func received(_ beat: HeartbeatText, from side: Side, at position: StreamPosition) {
    currentRecord?.heartbeats.received(beat, from: side, at: position)
  }

  func message(_ message: borrowing Message, missing: [MissingRange], payload: Span<UInt8>) {
    note(message, payload: payload)
    report.message(message, in: current, missing: missing, payload: payload)
    if comparesMessages { compare(message, payload: payload) }
  }

  func message(_ message: borrowing Message, missing: [MissingRange], buffer payload: inout PayloadBuffer) {
    note(message, payload: payload.bytes)
    // The report may take the payload.
    if comparesMessages { compare(message, payload: payload.bytes) }
    report.message(message, in: current, missing: missing, buffer: &payload)
  }

  /// What is to be known of a message before it is reported.
  @inline(__always)
  private func note(_ message: borrowing Message, payload: Span<UInt8>) {
    if payload.count <= HeartbeatText.longest, UInt64(payload.count) == message.bytes,
      let beat = message.opcode == .text ? HeartbeatText(payload) : HeartbeatText(binary: payload)
    {
      received(beat, from: message.side, at: message.last)
    }
    // A run of totals keeps nothing.
    if message.bytes > UInt64(shownPayload), shownPayload > 0 { messagesShortened &+= 1 }
    if reportsTransport || roomForNotes != TransportNotes.limitInAll { reportTransport(message) }
  }

  @inline(never)
  private func compare(_ message: borrowing Message, payload: Span<UInt8>) {
    guard let log = currentRecord?.legLog else { return }
    legs.received(message, payload: payload, log)
    comparesMessages = legs.isActive
  }

  func frame(_ frame: borrowing Frame, payload: Span<UInt8>) {
    report.frame(frame, in: current, payload: payload)
  }

  func anomaly(_ anomaly: Anomaly) {
    currentRecord?.note(anomaly)
    report.anomaly(anomaly, in: current)
  }

  func control(_ control: borrowing ControlFrame, payload: Span<UInt8>) {
    let record = currentRecord
    var event = ControlEvent(frame: copy control, answers: nil, closeCode: nil)
    switch control.opcode {
    case .ping:
      record?.heartbeats.receivedPing(from: control.side, at: control.first)
      record?.receivedPing(
        SessionRecord.OpenPing(position: control.first, payload: payload.toArray()), from: control.side)
    case .pong:
      event.answers = record?.answeredPing(by: payload, from: control.side)
      if let roundTrip = event.roundTrip {
        record?.heartbeats.receivedPong(to: control.side.peer, after: roundTrip)
      } else {
        record?.receivedUnsolicitedPong(from: control.side, at: control.first)
      }
    case .close:
      // With a hole in it the code may be what fills the hole.
      if payload.count >= 2, event.frame.missingBytes == 0 { event.closeCode = payload.uint16(at: 0) }
      let reason = payload.count > 2 ? String(decoding: payload.dropping(2).toArray(), as: UTF8.self) : ""
      let isFirst = record?.receivedClose(
        SessionRecord.CloseFrame(
          position: control.first, end: control.first.offset &+ control.wireBytes, code: event.closeCode,
          reason: reason),
        from: control.side)
      if isFirst ?? false { (asksNothing, askingSide) = (false, control.side) }
    default:
      break
    }
    // What was shown less is analyzed all the same. The code is no part of what a Close shows.
    let most = shownPayload.addingReportingOverflow(control.opcode == .close ? 2 : 0)
    let shown = min(payload.count, most.overflow ? .max : most.partialValue)
    report.control(event, in: current, payload: payload.extracting(0..<shown))
  }
}

extension Anomaly {
  fileprivate func hiding(_ secrets: Secrets) -> Anomaly {
    Anomaly(rule, by: side, at: position, secrets.redacted(sentence: detail))
  }
}

extension HandshakeOutcome {
  init(_ outcome: Handshake.Outcome) {
    switch outcome {
    case .upgraded: self = .upgraded
    case .rejected: self = .rejected
    case .invalid: self = .invalid
    case .incomplete: self = .incomplete
    }
  }
}
