import HTTP1
import Preambles
import SessionAnalysis
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// The sessions that are open, and what each of them is known to have said: turns what decoders find into events.
///
/// What concerns one session alone is found here. It tells `SessionMerge` and asks nothing of it.
package final class SessionTable: WebSocketSink {
  private let merge: SessionMerge
  /// By `SessionIndex`; nil where a session has ended.
  @exclusivity(unchecked) private var uncheckedRecords: [SessionRecord?] = []
  private var records: [SessionRecord?] {
    @inline(__always) _read { yield unsafe uncheckedRecords }
    @inline(__always) _modify { yield unsafe &uncheckedRecords }
  }
  private var freeIndexes: [SessionIndex] = []

  /// What the sink reads.
  private let needs: EventNeeds
  /// Cookies, credentials and tokens are hidden.
  let hidesSecrets: Bool
  /// Hides members in payloads; nil unless that was asked for.
  private let redactor: PayloadRedactor?
  /// The memory that all connections share.
  private let budget: MemoryBudget
  /// What a session takes up with the decoders of both sides, in bytes, as long as nothing waits.
  private static let sessionCost = 3072
  /// Whether it is told of every message what TCP did to it.
  private let tellsTransport: Bool
  /// Room for what is to be told of messages that are still to come.
  @exclusivity(unchecked) private var uncheckedRoomForNotes = TransportNotes.limitInAll
  var roomForNotes: Int {
    @inline(__always) _read { yield unsafe uncheckedRoomForNotes }
    @inline(__always) _modify { yield unsafe &uncheckedRoomForNotes }
  }

  /// `needs` are those of the sink; `hidesSecrets`: of handshakes in events; `redacts`: members of payloads.
  package init(
    merge: SessionMerge, _ needs: EventNeeds, hidesSecrets: Bool, redacts names: MemberNames? = nil,
    budget: MemoryBudget = .unlimited
  ) {
    redactor = names.map { PayloadRedactor($0) }
    (self.merge, self.needs, self.hidesSecrets, self.budget) = (merge, needs, hidesSecrets, budget)
    tellsTransport = needs.transport == .all
  }

  // MARK: Sessions

  func open(
    _ connection: ConnectionInfo, clientIsInitiator: Bool, handshake: Handshake?, via: [Preamble],
    at position: StreamPosition
  ) -> SessionRecord {
    let secrets = handshake.map { Secrets($0) } ?? Secrets()
    let hidden = hidesSecrets ? secrets : Secrets()
    let tcpClient = clientIsInitiator ? connection.initiator : connection.responder
    // Of several the last one was added first: the nearest to the client.
    let told = via.isEmpty ? nil : via.last { $0.client != nil }?.client
    let opening = SessionOpening(
      position: position, client: told.map { Endpoint(address: $0.address, port: $0.port) } ?? tcpClient,
      server: clientIsInitiator ? connection.responder : connection.initiator, tcpClient: tcpClient, via: via,
      tcpStream: connection.stream, handshake: handshake,
      outcome: handshake.map { HandshakeOutcome($0.outcome) } ?? .notCaptured, hidden: hidden)
    let originMismatch = handshake?.request?.originMismatch
    var findings: [Anomaly] = []
    if let handshake {
      findings = hidden.isEmpty ? handshake.anomalies : handshake.anomalies.hiding(hidden)
      // These hide by themselves what must not be shown.
      HandshakeNotes(
        handshake: handshake, secrets: secrets, hidden: hidden, originMismatch: originMismatch,
        showsDetails: needs.details
      ).forEach { findings.append($0) }
    }
    let session = freeIndexes.popLast() ?? SessionIndex(records.count)
    let record = SessionRecord(session, opening, isCrossOrigin: originMismatch != nil)
    if session.value < records.count { records[session.value] = record } else { records.append(record) }
    budget.add(Self.sessionCost)
    // Totals tell no reason of a Close.
    if opening.outcome.readsFrames, !hidden.isEmpty, needs.details || needs.controlBytes > 0 {
      let values = SecretValues(of: hidden)
      budget.add(values.cost)
      record.state.secrets = values
    }
    merge.opened(opening, findings: findings, as: session)
    return record
  }

  func close(_ record: SessionRecord, _ finish: consuming SessionFinish) {
    let session = record.session
    report(record.takeFindings(), in: session)
    let facts = record.facts
    let evidence = SessionEvidence(facts, finish)
    for anomaly in SessionChecks(evidence: evidence).anomalies { merge.anomaly(anomaly, in: session) }
    // The handshake of a session that was granted is of no interest any more.
    let hidden = hidesSecrets ? record.state.handshake.map { Secrets($0) } : nil
    let body = (record.state.rare?.refusalBody).map {
      RefusalBody($0, hiding: hidesSecrets ? hidden ?? Secrets() : nil)
    }
    var verdict = Verdict(evidence)
    if let body, body.isWhole { verdict.refusalBody = body.text }
    if let hidden, let response = record.state.handshake?.response, response.status != 101 {
      verdict.shownReason = hidden.redacted(sentence: response.reason)
    }
    merge.closed(
      SessionEnding(
        outcome: record.outcome, opened: record.opened, verdict: verdict, evidence: evidence,
        heartbeats: judged(facts.heartbeats, evidence.finish),
        translations: record.state.rare?.translations ?? [],
        refusalBody: body), of: session)
    budget.add(-Self.sessionCost - (record.state.secrets?.cost ?? 0))
    records[session.value] = nil
    freeIndexes.append(session)
  }

  private func judged(_ heartbeats: [Heartbeat], _ finish: borrowing SessionFinish) -> [Heartbeat] {
    if heartbeats.isEmpty { return [] }
    var judged = heartbeats
    for index in judged.indices {
      let peer = judged[index].side.peer
      judged[index].judgeAnswers(
        peer == .client ? finish.client : finish.server, beats: heartbeats.lazy.filter { $0.side == peer })
    }
    return judged
  }

  /// A Close frame or a FIN of a session came.
  func beganEnd(_ act: LegAct, of session: SessionIndex) { merge.beganEnd(act, of: session) }

  func gap(_ bytes: UInt64, from side: Side, at position: StreamPosition, in session: SessionIndex) {
    records[session.value]?.state.mayLackPings = true
    merge.gap(Gap(side: side, position: position, bytes: bytes), in: session)
  }

  // MARK: TCP

  /// What TCP did to a message, as far as it has to be told.
  @inline(never)
  private func transport(of message: borrowing Message, in session: SessionIndex) -> MessageTransport? {
    var found = MessageTransport(message)
    if let record = records[session.value], let transport = record.state.transport {
      transport[record.direction(of: message.side)].describe(message, in: &found, &roomForNotes)
    }
    return tellsTransport || found.isRemarkable ? found : nil
  }

  /// A side sent a byte again, so many nanoseconds after its last one and after the last one of either side.
  func paused(ofSide: Int64, ofBoth: Int64, by side: Side, at end: StreamPosition, in session: SessionIndex) {
    records[session.value]?.state.pauses.note(ofSide: ofSide, ofBoth: ofBoth, by: side, at: end)
  }

  func retransmitted(_ event: Retransmission, in session: SessionIndex) {
    if tellsTransport { merge.retransmission(event, in: session) }
  }

  /// A finding about the connection of a session, rather than about its frames.
  func report(_ anomaly: Anomaly, in session: SessionIndex) { merge.anomaly(anomaly, in: session) }

  private func report(_ findings: [Anomaly], in session: SessionIndex) {
    for finding in findings { merge.anomaly(finding, in: session) }
  }

  // MARK: WebSocketSink

  /// Asks for the memory that a message of a session will touch soon.
  @inline(__always)
  func prefetch(_ session: SessionIndex) { merge.prefetch(session) }

  package func message(
    _ message: borrowing Message, in session: SessionIndex, missing: [MissingRange], payload: Span<UInt8>
  ) {
    noteHeartbeat(message, in: session, payload: payload)
    if redactor != nil, tellRedacted(message, in: session, missing, payload) { return }
    merge.message(
      message, in: session, missing: missing,
      transport: mayHaveTransport ? transport(of: message, in: session) : nil, payload: payload)
  }

  package func message(
    _ message: borrowing Message, in session: SessionIndex, missing: [MissingRange],
    buffer payload: inout PayloadBuffer
  ) {
    noteHeartbeat(message, in: session, payload: payload.bytes)
    if redactor != nil, tellRedacted(message, in: session, missing, payload.bytes) { return }
    merge.message(
      message, in: session, missing: missing,
      transport: mayHaveTransport ? transport(of: message, in: session) : nil, buffer: &payload)
  }

  /// Whether there may be something to say of what TCP did to a message.
  @inline(__always)
  private var mayHaveTransport: Bool { tellsTransport || roomForNotes != TransportNotes.limitInAll }

  @inline(__always)
  private func noteHeartbeat(_ message: borrowing Message, in session: SessionIndex, payload: Span<UInt8>) {
    if payload.count <= HeartbeatText.longest, UInt64(payload.count) == message.bytes,
      let beat = message.opcode == Opcode.text ? HeartbeatText(payload) : HeartbeatText(binary: payload)
    {
      received(beat, from: message.side, at: message.last, in: session)
    }
  }

  @inline(never)
  private func received(
    _ beat: HeartbeatText, from side: Side, at position: StreamPosition, in session: SessionIndex
  ) {
    records[session.value]?.received(beat, from: side, at: position)
  }

  /// Tells of a message in which something is to be hidden; false if nothing is.
  @inline(never)
  private func tellRedacted(
    _ message: borrowing Message, in session: SessionIndex, _ missing: [MissingRange], _ payload: Span<UInt8>
  ) -> Bool {
    let kept = payload.extracting(first: needs.payloadBytes)
    guard let redactor, redactor.hides(in: payload, known: Self.known(message, missing, payload.count)) else {
      return false
    }
    note(redactor.hidden, in: session)
    if kept.count < payload.count, !redactor.hides(in: kept, known: Self.known(message, missing, kept.count))
    {
      return false
    }
    merge.message(
      message, in: session, missing: missing,
      transport: mayHaveTransport ? transport(of: message, in: session) : nil, payload: payload,
      shown: redactor.shown.span, for: kept.count)
    return true
  }

  /// Bytes at the start of a payload that were captured and can be read.
  private static func known(_ message: borrowing Message, _ missing: [MissingRange], _ count: Int) -> Int {
    guard message.inflated, message.opcode != .continuation else { return 0 }
    let first = missing.lazy.map(\.offset).min() ?? .max
    return min(count, Int(clamping: first))
  }

  /// Keeps values that were hidden, which the reason of a Close may repeat.
  private func note(_ hidden: [[UInt8]], in session: SessionIndex) {
    guard let record = records[session.value], !hidden.isEmpty else { return }
    let before = record.state.secrets?.cost ?? 0
    var values = record.state.secrets.take() ?? SecretValues()
    for value in hidden { values.add(value.span) }
    budget.add(values.cost - before)
    record.state.secrets = values
  }

  package func frame(_ frame: borrowing Frame, in session: SessionIndex, payload: Span<UInt8>) {
    // A frame is a part of a message, perhaps a compressed one: what is in it cannot be told.
    let isClose = frame.header.opcode == Opcode.close
    let isHidden = redactor != nil || isClose && repeatsSecret(payload, in: session)
    merge.frame(frame, in: session, payload: isHidden ? payload.extracting(0..<0) : payload)
  }

  package func anomaly(_ anomaly: Anomaly, in session: SessionIndex, peer: PeerState) {
    records[session.value]?.note(anomaly, afterPacket: peer.lastPacket)
    if let redactor, !anomaly.detail.isEmpty, redactor.hides(in: anomaly.detail, takesPlainNames: false) {
      let shown = String(decoding: redactor.shown, as: UTF8.self)
      return merge.anomaly(Anomaly(anomaly.rule, by: anomaly.side, at: anomaly.position, shown), in: session)
    }
    merge.anomaly(anomaly, in: session)
  }

  package func control(
    _ control: borrowing ControlFrame, in session: SessionIndex, peer: PeerState, payload: Span<UInt8>
  ) {
    let record = records[session.value]
    var event = ControlEvent(frame: copy control, answers: nil, closeCode: nil)
    switch control.opcode {
    case Opcode.ping:
      record?.state.heartbeats.receivedPing(from: control.side, at: control.first)
      record?.receivedPing(
        payload, first: control.first, last: control.last, from: control.side, peerIsRead: peer.isRead)
    case Opcode.pong:
      event.answers = record?.receivedPong(
        payload, at: control.first, from: control.side, peerIsRead: peer.isRead)
    case Opcode.close:
      if payload.count >= 2 { event.closeCode = payload.uint16(at: 0) }
      let reason = payload.count > 2 ? String(decoding: payload.dropping(2).toArray(), as: UTF8.self) : ""
      let shown =
        reason.isEmpty ? nil : self.shown(reason: reason, of: record, isWhole: control.missingBytes == 0)
      merge.beganEnd(
        LegAct(.close(event.closeCode), by: control.side, at: control.first), of: session)
      record?.receivedClose(
        CloseFrame(
          position: control.first, end: control.first.offset &+ control.wireBytes, code: event.closeCode,
          reason: reason, shownReason: shown, received: peer.acknowledged, afterPacket: peer.lastPacket,
          isCodeLost: event.isCodeLost),
        from: control.side, peerIsRead: peer.isRead)
    default:
      break
    }
    if let record { report(record.takeFindings(), in: session) }
    tell(event, in: session, record, payload)
  }

  /// Tells of a control frame. The analysis sees all of it whatever is shown.
  private func tell(
    _ event: ControlEvent, in session: SessionIndex, _ record: SessionRecord?, _ payload: Span<UInt8>
  ) {
    // The code does not count as part of what a Close shows.
    let control = event.frame
    let most = needs.controlBytes.addingReportingOverflow(control.opcode == Opcode.close ? 2 : 0)
    let shown = min(payload.count, most.overflow ? .max : most.partialValue)
    guard redactor != nil || control.opcode == Opcode.close && record?.state.secrets != nil,
      let hidden = redacted(control, record, payload, shown)
    else {
      return merge.control(event, in: session, payload: payload.extracting(0..<shown))
    }
    var event = event
    event.redactedFrom = shown
    merge.control(event, in: session, payload: hidden.span)
  }

  /// What may be shown of the first bytes of a control frame; nil if that is what was sent.
  private func redacted(
    _ control: ControlFrame, _ record: SessionRecord?, _ payload: Span<UInt8>, _ count: Int
  ) -> [UInt8]? {
    guard control.opcode == Opcode.close else {
      guard let redactor,
        redactor.hides(in: payload.extracting(0..<count), known: control.missingBytes == 0 ? count : 0)
      else { return nil }
      return redactor.shown
    }
    guard payload.count > 2,
      let shown = shown(
        reason: String(decoding: payload.dropping(2).toArray(), as: UTF8.self), of: record,
        isWhole: control.missingBytes == 0)
    else { return nil }
    // A value may not end where it is cut, so the mark is.
    let bytes = payload.extracting(0..<2).toArray() + Array(shown.utf8)
    return count < payload.count ? Array(bytes.prefix(count)) : bytes
  }

  /// Whether the payload of a Close has a secret of its session in its reason.
  private func repeatsSecret(_ close: Span<UInt8>, in session: SessionIndex) -> Bool {
    let record = records[session.value]
    guard close.count > 2, record?.state.secrets != nil else { return false }
    let reason = String(decoding: close.dropping(2).toArray(), as: UTF8.self)
    return shown(reason: reason, of: record, isWhole: true) != nil
  }

  /// The reason of a Close as it may be shown; nil if that is what was sent.
  private func shown(reason: String, of record: SessionRecord?, isWhole: Bool) -> String? {
    var shown = reason
    if let redactor, redactor.hides(in: reason, isWhole: isWhole) {
      shown = String(decoding: redactor.shown, as: UTF8.self)
    }
    if let secrets = record?.state.secrets { shown = secrets.redacted(shown) }
    return shown == reason ? nil : shown
  }
}

extension [Anomaly] {
  fileprivate func hiding(_ secrets: Secrets) -> [Anomaly] {
    zip(self, secrets.redacted(sentences: map(\.detail))).map {
      Anomaly($0.rule, by: $0.side, at: $0.position, $1)
    }
  }
}
