import HTTP1
import SessionAnalysis
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// What is remembered of a session from its first packet to its verdict.
///
/// One object a session, touched when control frames and ends come; the message path does not need it.
final class SessionRecord {
  // What control frames touch comes first: with thousands of sessions each line of memory is fetched from afar.

  private var clientPings = PingPairing()
  private var serverPings = PingPairing()
  /// What has to be judged in the order of packets.
  private var order = PacketOrder()
  var heartbeats: Heartbeats
  /// Whether pings may be unknown: bytes were lost, or the session was joined midstream.
  var mayLackPings: Bool
  /// The client opened the connection.
  var clientIsInitiator = true
  let outcome: HandshakeOutcome

  let session: SessionIndex
  let opened: StreamPosition
  /// What the request and the answer said; nil when neither was captured, or they are of no interest any more.
  private(set) var handshake: Handshake?

  let client: Endpoint
  let server: Endpoint
  /// The body of the response that refused the upgrade.
  var refusalBody: KeptBody?
  /// Its connection as it was captured under other addresses, too.
  var translations: [ConnectionInfo] = []
  static let translationLimit = 8
  /// What TCP does to its connection; nil when not observed.
  var transport: ConnectionTransport?
  /// How the session was recognised without the answer to its upgrade request.
  var recognition: SessionRecognition?

  /// The first Close frame of each side.
  private var clientClose: CloseFrame?
  private var serverClose: CloseFrame?

  /// The first FIN's sender, and its pings that no pong had answered by then; one may come later.
  private var firstFin: (side: Side, openPings: OpenPings)?

  private var violations = Violations()
  /// The longest times without a byte.
  var pauses = Pauses()
  /// What the client offered when the server selected no subprotocol.
  private let unselectedSubprotocols: UnselectedSubprotocols?

  /// The first pong of each side that no open ping explained.
  private var unsolicitedPongs: [Side: StreamPosition] = [:]
  /// What was found and is still to be reported.
  private var findings: [Anomaly] = []
  /// How often each side, client first, answered a ping with another payload.
  private var mistakenPongs: InlineArray<2, Int> = [0, 0]
  /// After so many reports they are only counted, as are rules of framing.
  private static let reportLimit = 64

  init(_ session: SessionIndex, _ opening: SessionOpening) {
    self.session = session
    (client, server) = (opening.client, opening.server)
    (opened, outcome, handshake) = (opening.position, opening.outcome, opening.handshake)
    mayLackPings = outcome == .notCaptured
    heartbeats = Heartbeats(handshake?.request)
    let anomalies = handshake?.anomalies ?? []
    if let handshake, anomalies.contains(where: { $0.rule == HandshakeRule.noSubprotocolSelected }) {
      let names = handshake.subprotocolsOffered.joined(separator: ", ")
      unselectedSubprotocols = UnselectedSubprotocols(
        names: opening.hidden.redacted(sentence: names), isFromPage: handshake.origin != nil)
    } else {
      unselectedSubprotocols = nil
    }
    for anomaly in anomalies { note(anomaly) }
  }

  /// The upgrade was granted, and told: how it was is not asked for again.
  func forgetHandshake() { handshake = nil }

  func direction(of side: Side) -> FlowDirection {
    (side == .client) == clientIsInitiator ? .fromInitiator : .fromResponder
  }

  /// Everything up to the end: `settle` comes first.
  var facts: SessionFacts {
    SessionFacts(
      outcome: outcome, handshake: handshake, opened: opened, recognition: recognition,
      clientClose: clientClose,
      serverClose: serverClose, clientPings: clientPings.summary,
      serverPings: serverPings.summary, heartbeats: heartbeats.inOrder, violations: violations,
      unsolicitedPongs: mayLackPings || recognition != nil ? [:] : unsolicitedPongs, pauses: pauses,
      unselectedSubprotocols: unselectedSubprotocols)
  }

  /// `afterPacket`: the last packet before with bytes of the other side, if that is known.
  func note(_ anomaly: Anomaly, afterPacket: UInt64? = nil) {
    guard let side = anomaly.side else { return }
    noteBroken(anomaly.rule, by: side, at: anomaly.position, afterPacket: afterPacket)
  }

  /// A rule was broken, whether or not that is reported.
  func noteBroken(_ rule: Rule, by side: Side, at position: StreamPosition, afterPacket: UInt64? = nil) {
    guard rule.severity == .violation else { return }
    violations.add(Violation(rule: rule, side: side, position: position, afterPacket: afterPacket))
  }

  /// What was found since it was asked last.
  func takeFindings() -> [Anomaly] {
    if findings.isEmpty { return [] }
    defer { findings = [] }
    return findings
  }

  /// What was found more often than it was reported, with how often.
  var suppressed: [(rule: Rule, side: Side, count: Int)] {
    Side.allCases.compactMap { side in
      let count = mistakenPongs[Int(side.rawValue)]
      return count > Self.reportLimit ? (SessionRule.pongPayloadDiffers, side, count) : nil
    }
  }

  /// Only the first one of its side counts.
  func receivedClose(_ frame: CloseFrame, from side: Side, peerIsRead: Bool) {
    guard (side == .client ? clientClose : serverClose) == nil else { return }
    if side == .client { clientClose = frame } else { serverClose = frame }
    note(.close, of: side, in: frame.position.packet, peerIsRead: peerIsRead)
  }

  func receivedFin(from side: Side, at position: StreamPosition) {
    note(.fin, of: side, in: position.packet, peerIsRead: false)
  }

  /// A side's pings that were open when it sent the first FIN of the connection; nil if the peer did.
  func openPingsAtFin(of side: Side) -> OpenPings? {
    firstFin.flatMap { $0.side == side ? $0.openPings : nil }
  }

  func receivedPing(
    _ payload: Span<UInt8>, first: StreamPosition, last: StreamPosition, from side: Side, peerIsRead: Bool
  ) {
    // A pong cannot begin before all of it was there.
    note(
      .ping(PingPairing.Ping(position: first, payload: payload.toArray())), of: side, in: last.packet,
      peerIsRead: peerIsRead)
  }

  /// Returns the ping that it answers, as far as that is known by now.
  func receivedPong(
    _ payload: Span<UInt8>, at position: StreamPosition, from side: Side, peerIsRead: Bool
  ) -> StreamPosition? {
    order.note(side, in: position.packet, peerIsRead: peerIsRead)
    settle(through: min(order.due, position.packet))
    if order.due >= position.packet {
      let ping = takePong(payload, at: position, from: side)
      settle(through: order.due)
      return ping
    }
    let ping = likelyPing(answeredBy: payload, in: position.packet, of: side)
    wait(.pong(payload: payload.toArray(), at: position), of: side, in: position.packet)
    return ping
  }

  func received(_ beat: HeartbeatText, from side: Side, at position: StreamPosition) {
    guard heartbeats.received(beat, from: side, at: position) else { return }
    switch beat.role {
    case .oneWay: break
    // What is known of the peer does not travel with messages: then the next fact tells.
    case .question:
      note(.question(beat.kind, at: position.time), of: side, in: position.packet, peerIsRead: false)
    case .answer:
      note(.answer(beat.kind, at: position.time), of: side, in: position.packet, peerIsRead: false)
    }
  }

  // MARK: In the order of packets

  /// Judges all that still waits: nothing comes any more.
  func settle() { settle(through: .max) }

  private func note(_ fact: SessionFact, of side: Side, in packet: UInt64, peerIsRead: Bool) {
    order.note(side, in: packet, peerIsRead: peerIsRead)
    settle(through: min(order.due, packet))
    if order.due >= packet {
      take(fact, of: side)
      settle(through: order.due)
    } else {
      wait(fact, of: side, in: packet)
    }
  }

  private func wait(_ fact: SessionFact, of side: Side, in packet: UInt64) {
    order.add(fact, of: side, in: packet)
    while order.isOver, let first = order.takeFirst() {
      // Its ping may be told later.
      if case .pong = first.fact { mayLackPings = true }
      take(first.fact, of: first.side)
    }
  }

  private func settle(through packet: UInt64) {
    while let next = order.takeFirst(through: packet) { take(next.fact, of: next.side) }
  }

  private func take(_ fact: SessionFact, of side: Side) {
    switch fact {
    case .ping(let ping):
      if side == .client ? clientPings.add(ping) : serverPings.add(ping) { mayLackPings = true }
    case .pong(let payload, let position): _ = takePong(payload.span, at: position, from: side)
    case .question(let kind, let time): heartbeats.asked(kind, by: side, at: time)
    case .answer(let kind, let time): heartbeats.answered(kind, by: side, at: time)
    case .close:
      if side == .client {
        clientClose?.noteOpen(clientPings.summary)
      } else {
        serverClose?.noteOpen(serverPings.summary)
      }
    case .fin:
      if firstFin == nil { firstFin = (side, (side == .client ? clientPings : serverPings).summary) }
    }
  }

  private func takePong(_ payload: Span<UInt8>, at position: StreamPosition, from side: Side)
    -> StreamPosition?
  {
    let ping =
      side == .client
      ? serverPings.answer(payload, in: position.packet) : clientPings.answer(payload, in: position.packet)
    if let ping {
      let pings = side == .client ? serverPings : clientPings
      heartbeats.receivedPong(
        to: side.peer, after: position.time.nanoseconds(since: ping.time),
        isLate: pings.isWaiting(in: position.packet))
    } else if let mistaken = mistaken(payload, in: position.packet, from: side) {
      report(payload, at: position, from: side, insteadOf: mistaken)
    } else if unsolicitedPongs[side] == nil {
      // Whether a ping was lost is known only when the holes are.
      unsolicitedPongs[side] = position
    }
    return ping
  }

  /// The ping that a pong answers with another payload. Pongs of a side that sends them as a heartbeat answer none.
  private func mistaken(_ pong: Span<UInt8>, in packet: UInt64, from side: Side) -> PingPairing.Ping? {
    guard !mayLackPings, recognition == nil, unsolicitedPongs[side] == nil else { return nil }
    return side == .client
      ? serverPings.mistaken(pong, in: packet) : clientPings.mistaken(pong, in: packet)
  }

  private func report(
    _ pong: Span<UInt8>, at position: StreamPosition, from side: Side, insteadOf ping: PingPairing.Ping
  ) {
    let index = Int(side.rawValue)
    mistakenPongs[index] += 1
    noteBroken(SessionRule.pongPayloadDiffers, by: side, at: position)
    guard mistakenPongs[index] <= Self.reportLimit else { return }
    findings.append(
      Anomaly(
        SessionRule.pongPayloadDiffers, by: side, at: position,
        MistakenPong.detail(pong: pong, ping: ping.payload.span, in: ping.position.packet)))
  }

  /// The ping that a pong answers by what is known, though something may still be told from before it.
  private func likelyPing(answeredBy pong: Span<UInt8>, in packet: UInt64, of side: Side) -> StreamPosition? {
    var pings = side == .client ? serverPings : clientPings
    for entry in order.waiting where entry.packet < packet {
      switch entry.fact {
      case .ping(let ping) where entry.side != side: pings.add(ping)
      case .pong(let payload, _) where entry.side == side: _ = pings.answer(payload.span, in: entry.packet)
      default: break
      }
    }
    return pings.answer(pong, in: packet)
  }
}
