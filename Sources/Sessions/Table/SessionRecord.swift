import HTTP1
import SessionAnalysis
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// What is remembered of a session from its first packet to its verdict.
///
/// One object a session, touched when control frames and ends come; the message path does not need it.
final class SessionRecord {
  // Checks of exclusive access at run time cost more than what is done here. They are not needed: nothing that the state calls
  // calls back here.
  @exclusivity(unchecked) private var uncheckedState: State
  /// What changes.
  var state: State {
    @inline(__always) _read { yield unsafe uncheckedState }
    @inline(__always) _modify { yield unsafe &uncheckedState }
  }

  let outcome: HandshakeOutcome
  let session: SessionIndex
  let opened: StreamPosition
  let client: Endpoint
  let server: Endpoint
  /// What the client offered when the server selected no subprotocol.
  private let unselectedSubprotocols: UnselectedSubprotocols?
  private let isCrossOrigin: Bool

  /// What a session did so far.
  struct State: ~Copyable {
    // What control frames touch comes first: with thousands of sessions each line of memory is fetched from afar.

    fileprivate var clientPings = PingPairing()
    fileprivate var serverPings = PingPairing()
    /// What has to be judged in the order of packets.
    fileprivate var order = PacketOrder()
    var heartbeats: Heartbeats
    /// Whether pings may be unknown: bytes were lost, or the session was joined midstream.
    var mayLackPings: Bool
    /// The client opened the connection.
    var clientIsInitiator = true

    /// What the request and the answer said; nil when neither was captured, or they are of no interest any more.
    fileprivate(set) var handshake: Handshake?
    /// What TCP does to its connection; nil when not observed.
    var transport: ConnectionTransport?
    /// Nil of a session that is as nearly all are.
    private(set) var rare: RareFacts?
    /// Nil before a Close or a FIN.
    private(set) var ends: SessionEnds?

    fileprivate var violations = Violations()
    /// The longest times without a byte.
    var pauses = Pauses()

    /// What a Close must not repeat; nil if there is nothing.
    var secrets: SecretValues?

    /// What was found and is still to be reported.
    fileprivate var findings: [Anomaly] = []

    fileprivate init(_ handshake: Handshake?, _ outcome: HandshakeOutcome) {
      self.handshake = handshake
      heartbeats = Heartbeats(handshake?.request)
      mayLackPings = outcome == .notCaptured
    }

    /// For what is to be noted of few sessions.
    mutating func noteRare() -> RareFacts {
      if let rare { return rare }
      let made = RareFacts()
      rare = made
      return made
    }

    /// For what is to be noted at the end.
    mutating func noteEnd() -> SessionEnds {
      if let ends { return ends }
      let made = SessionEnds()
      ends = made
      return made
    }
  }

  static let translationLimit = 8
  /// After so many reports they are only counted, as are rules of framing.
  private static let reportLimit = 64

  /// `isCrossOrigin`: the request comes from a page of another host.
  init(_ session: SessionIndex, _ opening: SessionOpening, isCrossOrigin: Bool) {
    self.session = session
    (client, server) = (opening.client, opening.server)
    (opened, outcome) = (opening.position, opening.outcome)
    unsafe uncheckedState = State(opening.handshake, opening.outcome)
    self.isCrossOrigin = isCrossOrigin
    let anomalies = opening.handshake?.anomalies ?? []
    if let handshake = opening.handshake,
      anomalies.contains(where: { $0.rule == HandshakeRule.noSubprotocolSelected })
    {
      let names = handshake.subprotocolsOffered.joined(separator: ", ")
      unselectedSubprotocols = UnselectedSubprotocols(
        names: opening.hidden.redacted(sentence: names), isFromPage: handshake.origin != nil)
    } else {
      unselectedSubprotocols = nil
    }
    for anomaly in anomalies { note(anomaly) }
    if let suppressed = opening.handshake?.suppressed, !suppressed.isEmpty {
      state.noteRare().suppressedOfHandshake = suppressed
    }
  }

  /// The upgrade was granted, and told: how it was is not asked for again.
  func forgetHandshake() { state.handshake = nil }

  func direction(of side: Side) -> FlowDirection {
    (side == .client) == state.clientIsInitiator ? .fromInitiator : .fromResponder
  }

  /// Everything up to the end: `settle` comes first.
  var facts: SessionFacts {
    let (rare, ends) = (state.rare, state.ends)
    let mayLackPings = state.mayLackPings || rare?.recognition != nil
    return SessionFacts(
      outcome: outcome, handshake: state.handshake, opened: opened, recognition: rare?.recognition,
      clientClose: ends?.clientClose, serverClose: ends?.serverClose, clientPings: state.clientPings.summary,
      serverPings: state.serverPings.summary, clientPingsAtEnd: ends?.clientPingsAtEnd,
      serverPingsAtEnd: ends?.serverPingsAtEnd,
      heartbeats: state.heartbeats.inOrder(withPongs: !mayLackPings),
      violations: state.violations,
      unsolicitedPongs: mayLackPings ? [:] : rare?.unsolicitedPongs ?? [:],
      pauses: state.pauses,
      unselectedSubprotocols: unselectedSubprotocols, isCrossOrigin: isCrossOrigin,
      upstreamFailure: rare?.upstreamFailure, refusedTunnel: rare?.refusedTunnel)
  }

  /// `afterPacket`: the last packet before with bytes of the other side, if that is known.
  func note(_ anomaly: Anomaly, afterPacket: UInt64? = nil) {
    guard let side = anomaly.side else { return }
    noteBroken(anomaly.rule, by: side, at: anomaly.position, afterPacket: afterPacket)
  }

  /// A rule was broken, whether or not that is reported.
  func noteBroken(_ rule: Rule, by side: Side, at position: StreamPosition, afterPacket: UInt64? = nil) {
    guard rule.severity == .violation else { return }
    state.violations.add(Violation(rule: rule, side: side, position: position, afterPacket: afterPacket))
  }

  /// What was found since it was asked last.
  func takeFindings() -> [Anomaly] {
    if state.findings.isEmpty { return [] }
    defer { state.findings = [] }
    return state.findings
  }

  /// What was found more often than it was reported, with how often.
  var suppressed: [(rule: Rule, side: Side, count: Int)] {
    guard let rare = state.rare else { return [] }
    return rare.suppressedOfHandshake
      + Side.allCases.compactMap { side -> (rule: Rule, side: Side, count: Int)? in
        let count = rare.mistakenPongs[Int(side.rawValue)]
        return count > Self.reportLimit ? (SessionRule.pongPayloadDiffers, side, count) : nil
      }
  }

  /// Only the first one of its side counts.
  func receivedClose(_ frame: CloseFrame, from side: Side, peerIsRead: Bool) {
    let ends = state.noteEnd()
    guard (side == .client ? ends.clientClose : ends.serverClose) == nil else { return }
    if side == .client { ends.clientClose = frame } else { ends.serverClose = frame }
    note(.close, of: side, in: frame.position.packet, peerIsRead: peerIsRead)
  }

  func receivedFin(from side: Side, at position: StreamPosition) {
    note(.fin, of: side, in: position.packet, peerIsRead: false)
  }

  func receivedPing(
    _ payload: Span<UInt8>, first: StreamPosition, last: StreamPosition, from side: Side, peerIsRead: Bool
  ) {
    // A pong cannot begin before all of it was there.
    note(
      .ping(PingPairing.Ping(position: first, payload: payload)), of: side, in: last.packet,
      peerIsRead: peerIsRead)
  }

  /// Returns the ping that it answers, as far as that is known by now.
  func receivedPong(
    _ payload: Span<UInt8>, at position: StreamPosition, from side: Side, peerIsRead: Bool
  ) -> StreamPosition? {
    state.order.note(side, in: position.packet, peerIsRead: peerIsRead)
    settle(through: min(state.order.due, position.packet))
    if state.order.due >= position.packet {
      let ping = takePong(payload, at: position, from: side)
      settle(through: state.order.due)
      return ping
    }
    let ping = likelyPing(answeredBy: payload, in: position.packet, of: side)
    wait(.pong(payload: payload.toArray(), at: position), of: side, in: position.packet)
    return ping
  }

  func received(_ beat: HeartbeatText, from side: Side, at position: StreamPosition) {
    guard state.heartbeats.received(beat, from: side, at: position) else { return }
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
  func settle() {
    settle(through: .max)
    confirmSuspicions()
  }

  private func note(_ fact: SessionFact, of side: Side, in packet: UInt64, peerIsRead: Bool) {
    state.order.note(side, in: packet, peerIsRead: peerIsRead)
    settle(through: min(state.order.due, packet))
    if state.order.due >= packet {
      take(fact, of: side)
      settle(through: state.order.due)
    } else {
      wait(fact, of: side, in: packet)
    }
  }

  private func wait(_ fact: SessionFact, of side: Side, in packet: UInt64) {
    state.order.add(fact, of: side, in: packet)
    while state.order.isOver, let first = state.order.takeFirst() {
      // Its ping may be told later.
      if case .pong = first.fact { state.mayLackPings = true }
      take(first.fact, of: first.side)
    }
  }

  private func settle(through packet: UInt64) {
    while let next = state.order.takeFirst(through: packet) { take(next.fact, of: next.side) }
  }

  private func take(_ fact: SessionFact, of side: Side) {
    switch fact {
    case .ping(let ping):
      if let suspicion = takeSuspicion(of: side.peer) { confirm(suspicion) }
      if side == .client ? state.clientPings.add(ping) : state.serverPings.add(ping) {
        state.mayLackPings = true
      }
    case .pong(let payload, let position): _ = takePong(payload.span, at: position, from: side)
    case .question(let kind, let time): state.heartbeats.asked(kind, by: side, at: time)
    case .answer(let kind, let time): state.heartbeats.answered(kind, by: side, at: time)
    case .close:
      confirmSuspicions()
      noteOpenPings(of: side)
    case .fin:
      confirmSuspicions()
      if !state.noteEnd().hasFin { noteOpenPings(of: side) }
      state.noteEnd().hasFin = true
    }
  }

  /// The side ends its direction.
  private func noteOpenPings(of side: Side) {
    let ends = state.noteEnd()
    switch side {
    case .client:
      if ends.clientPingsAtEnd == nil { ends.clientPingsAtEnd = state.clientPings.summary }
    case .server:
      if ends.serverPingsAtEnd == nil { ends.serverPingsAtEnd = state.serverPings.summary }
    }
  }

  private func takePong(_ payload: Span<UInt8>, at position: StreamPosition, from side: Side)
    -> StreamPosition?
  {
    let ping =
      side == .client
      ? state.serverPings.answer(payload, in: position.packet)
      : state.clientPings.answer(payload, in: position.packet)
    if let suspicion = takeSuspicion(of: side) {
      if suspicion.ping.position.offset == ping?.offset {
        // It was sent before the ping came, as a heartbeat.
        receivedUnsolicitedPong(at: suspicion.position, from: side)
      } else {
        confirm(suspicion)
      }
    }
    if let ping {
      let isLate =
        side == .client
        ? state.serverPings.isWaiting(in: position.packet) : state.clientPings.isWaiting(in: position.packet)
      state.heartbeats.receivedPong(
        to: side.peer, after: position.time.nanoseconds(since: ping.time),
        isLate: isLate)
    } else if let mistaken = mistaken(payload, in: position.packet, from: side) {
      state.noteRare().suspicions.append(
        PongSuspicion(of: side, ping: mistaken, pong: payload.toArray(), position: position))
    } else {
      receivedUnsolicitedPong(at: position, from: side)
    }
    return ping
  }

  private func receivedUnsolicitedPong(at position: StreamPosition, from side: Side) {
    // Whether a ping was lost is known only when the holes are.
    let rare = state.noteRare()
    if rare.unsolicitedPongs[side] == nil { rare.unsolicitedPongs[side] = position }
    state.heartbeats.receivedPong(from: side, at: position)
  }

  private func takeSuspicion(of side: Side) -> PongSuspicion? {
    guard let rare = state.rare, let index = rare.suspicions.firstIndex(where: { $0.side == side }) else {
      return nil
    }
    return rare.suspicions.remove(at: index)
  }

  private func confirmSuspicions() {
    if let suspicion = takeSuspicion(of: .client) { confirm(suspicion) }
    if let suspicion = takeSuspicion(of: .server) { confirm(suspicion) }
  }

  /// The pong of the ping itself did not come next.
  private func confirm(_ suspicion: PongSuspicion) {
    report(
      suspicion.pong.span, at: suspicion.position, from: suspicion.side, insteadOf: suspicion.ping)
  }

  /// The ping that a pong answers with another payload. Pongs of a side that sends them as a heartbeat answer none.
  private func mistaken(_ pong: Span<UInt8>, in packet: UInt64, from side: Side) -> PingPairing.Ping? {
    guard !state.mayLackPings, state.rare?.recognition == nil, state.rare?.unsolicitedPongs[side] == nil
    else {
      return nil
    }
    return side == .client
      ? state.serverPings.mistaken(pong, in: packet) : state.clientPings.mistaken(pong, in: packet)
  }

  private func report(
    _ pong: Span<UInt8>, at position: StreamPosition, from side: Side, insteadOf ping: PingPairing.Ping
  ) {
    let index = Int(side.rawValue)
    let rare = state.noteRare()
    rare.mistakenPongs[index] += 1
    state.heartbeats.receivedMistakenPong(to: side.peer)
    noteBroken(SessionRule.pongPayloadDiffers, by: side, at: position)
    guard rare.mistakenPongs[index] <= Self.reportLimit else { return }
    state.findings.append(
      Anomaly(
        SessionRule.pongPayloadDiffers, by: side, at: position,
        MistakenPong.detail(pong: pong, ping: ping.payload.span, in: ping.position.packet)))
  }

  /// The ping that a pong answers by what is known, though something may still be told from before it.
  private func likelyPing(answeredBy pong: Span<UInt8>, in packet: UInt64, of side: Side) -> StreamPosition? {
    var pings = side == .client ? state.serverPings : state.clientPings
    for entry in state.order.waiting where entry.packet < packet {
      switch entry.fact {
      case .ping(let ping) where entry.side != side: pings.add(ping)
      case .pong(let payload, _) where entry.side == side: _ = pings.answer(payload.span, in: entry.packet)
      default: break
      }
    }
    return pings.answer(pong, in: packet)
  }
}
