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

  /// Pings that no pong has answered, oldest first.
  private var clientPings: [OpenPing] = []
  private var serverPings: [OpenPing] = []
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
  /// What TCP does to its connection; nil when that is not looked at.
  var transport: ConnectionTransport?
  /// How the session was recognised without the answer to its upgrade request.
  var recognition: SessionRecognition?

  /// The first Close frame of each side.
  private var clientClose: CloseFrame?
  private var serverClose: CloseFrame?

  /// The first violations of each side, for what may come of them.
  private var violations: [Violation] = []
  private static let violationLimit = 16

  struct OpenPing {
    var position: StreamPosition
    var payload: [UInt8]

    func isAnswered(by pong: Span<UInt8>) -> Bool { payload.span.hasSameBytes(as: pong) }
  }

  /// The first pong of each side that no open ping explained.
  private var unsolicitedPongs: [Side: StreamPosition] = [:]

  /// A side that pings without end and is never answered keeps this many.
  private static let openPingLimit = 64

  init(_ session: SessionIndex, _ opening: SessionOpening) {
    self.session = session
    (client, server) = (opening.client, opening.server)
    (opened, outcome, handshake) = (opening.position, opening.outcome, opening.handshake)
    mayLackPings = outcome == .notCaptured
    heartbeats = Heartbeats(handshake?.request)
    for anomaly in handshake?.anomalies ?? [] { note(anomaly) }
  }

  /// The upgrade was granted, and told: how it was is not asked for again.
  func forgetHandshake() { handshake = nil }

  func direction(of side: Side) -> FlowDirection {
    (side == .client) == clientIsInitiator ? .fromInitiator : .fromResponder
  }

  /// A pong came that no open ping explains. Whether a ping was lost is known only when the holes are.
  func receivedUnsolicitedPong(from side: Side, at position: StreamPosition) {
    if unsolicitedPongs[side] == nil { unsolicitedPongs[side] = position }
  }

  var facts: SessionFacts {
    SessionFacts(
      outcome: outcome, handshake: handshake, opened: opened, recognition: recognition,
      clientClose: clientClose,
      serverClose: serverClose, clientPings: Self.summary(of: clientPings),
      serverPings: Self.summary(of: serverPings), heartbeats: heartbeats.found, violations: violations,
      unsolicitedPongs: mayLackPings || recognition != nil ? [:] : unsolicitedPongs)
  }

  /// A side's pings that are open now.
  func openPings(of side: Side) -> OpenPings {
    Self.summary(of: side == .client ? clientPings : serverPings)
  }

  private static func summary(of pings: [OpenPing]) -> OpenPings {
    OpenPings(count: pings.count, first: pings.first?.position, last: pings.last?.position)
  }

  func note(_ anomaly: Anomaly) {
    guard anomaly.rule.severity == .violation, let side = anomaly.side,
      violations.count < Self.violationLimit
    else { return }
    violations.append(Violation(rule: anomaly.rule, side: side, packet: anomaly.position.packet))
  }

  /// Only the first one of its side counts.
  func receivedClose(_ frame: CloseFrame, from side: Side) {
    guard (side == .client ? clientClose : serverClose) == nil else { return }
    var close = frame
    let open = Self.summary(of: side == .client ? clientPings : serverPings)
    (close.openPings, close.oldestPing) = (open.count, open.first)
    if side == .client { clientClose = close } else { serverClose = close }
  }

  func receivedPing(_ ping: OpenPing, from side: Side) {
    if (side == .client ? clientPings : serverPings).count == Self.openPingLimit { mayLackPings = true }
    if side == .client { Self.add(ping, to: &clientPings) } else { Self.add(ping, to: &serverPings) }
  }

  /// The ping that a pong with this payload answers: the latest that matches. It and those before it are
  /// answered then (RFC 6455 §5.5.3 lets an endpoint answer only the most recent ping).
  func answeredPing(by payload: Span<UInt8>, from side: Side) -> StreamPosition? {
    side == .client ? Self.take(payload, from: &serverPings) : Self.take(payload, from: &clientPings)
  }

  private static func add(_ ping: OpenPing, to pings: inout [OpenPing]) {
    if pings.count == openPingLimit { pings.removeFirst() }
    pings.append(ping)
  }

  private static func take(_ payload: Span<UInt8>, from pings: inout [OpenPing]) -> StreamPosition? {
    if pings.count == 1 {
      guard pings[0].isAnswered(by: payload) else { return nil }
      return pings.removeLast().position
    }
    // Several open pings may have the same payload, mostly none: pongs come in the order of the pings then.
    guard let last = pings.lastIndex(where: { $0.isAnswered(by: payload) }) else { return nil }
    let first = pings.firstIndex { $0.payload.count == payload.count && $0.payload == pings[last].payload }
    let index = first ?? last
    let position = pings[index].position
    pings.removeSubrange(...index)
    return position
  }
}
