import HTTPUpgrade
import StreamReassembly
import WebSocketDecoding
import WireBytes

/// What is remembered of a session from its first packet to its verdict.
///
/// One object a session, touched when control frames and ends come; the message path does not need it.
final class SessionRecord {
  let reference: SessionReference
  let opened: StreamPosition
  let outcome: HandshakeOutcome
  let handshake: Handshake?

  /// The first Close frame of each side.
  private var clientClose: CloseFrame?
  private var serverClose: CloseFrame?
  /// Pings that no pong has answered, oldest first.
  private var clientPings: [OpenPing] = []
  private var serverPings: [OpenPing] = []

  /// What a verdict rests on.
  struct Ending: Sendable {
    let outcome: HandshakeOutcome
    let handshake: Handshake?
    let clientClose: CloseFrame?
    let serverClose: CloseFrame?
    let clientPings: (count: Int, last: StreamPosition?)
    let serverPings: (count: Int, last: StreamPosition?)

    func close(of side: Side) -> CloseFrame? { side == .client ? clientClose : serverClose }
    func openPings(of side: Side) -> (count: Int, last: StreamPosition?) {
      side == .client ? clientPings : serverPings
    }
  }

  struct CloseFrame: Sendable {
    var position: StreamPosition
    var code: UInt16?
    var reason: String
  }

  struct OpenPing {
    var position: StreamPosition
    var payload: [UInt8]
  }

  /// Whether pings may be unknown: bytes were lost, or the session was picked up in the middle.
  var mayLackPings: Bool
  private var sidesWithUnsolicitedPong: Set<Side> = []

  /// A side that pings without end and is never answered keeps this many.
  private static let openPingLimit = 64

  init(
    _ reference: SessionReference, opened: StreamPosition, outcome: HandshakeOutcome, handshake: Handshake?
  ) {
    self.reference = reference
    self.opened = opened
    self.outcome = outcome
    self.handshake = handshake
    mayLackPings = outcome == .notCaptured
  }

  /// A pong came that no open ping explains. True when it is the side's first, and no ping can be unknown.
  func isUnsolicited(from side: Side) -> Bool {
    !mayLackPings && sidesWithUnsolicitedPong.insert(side).inserted
  }

  var ending: Ending {
    Ending(
      outcome: outcome, handshake: handshake, clientClose: clientClose, serverClose: serverClose,
      clientPings: (clientPings.count, clientPings.last?.position),
      serverPings: (serverPings.count, serverPings.last?.position))
  }

  func receivedClose(_ close: CloseFrame, from side: Side) {
    if side == .client { clientClose = clientClose ?? close } else { serverClose = serverClose ?? close }
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
    // Several open pings may have the same payload, mostly none: pongs come in the order of the pings then.
    guard let last = pings.lastIndex(where: { $0.payload.span.hasSameBytes(as: payload) }) else { return nil }
    let first = pings.firstIndex { $0.payload.count == payload.count && $0.payload == pings[last].payload }
    let index = first ?? last
    let position = pings[index].position
    pings.removeSubrange(...index)
    return position
  }
}
