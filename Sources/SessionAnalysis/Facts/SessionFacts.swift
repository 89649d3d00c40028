import HTTP1
import WireBytes

/// What a verdict rests on.
///
/// An object, because a verdict, its evidence and its cause all carry it: a copy would count a dozen references.
package final class SessionFacts: Sendable {
  let outcome: HandshakeOutcome
  let handshake: Handshake?
  let opened: StreamPosition
  let recognition: SessionRecognition?
  let clientClose: CloseFrame?
  let serverClose: CloseFrame?
  /// Whose Close frame came first in the capture; nil without any.
  let firstCloser: Side?
  let clientPings: OpenPings
  let serverPings: OpenPings
  /// Those that were open when the side sent its Close or the first FIN of the connection; nil if it sent neither.
  let clientPingsAtEnd: OpenPings?
  let serverPingsAtEnd: OpenPings?
  /// What kept the session alive.
  package let heartbeats: [Heartbeat]
  let violations: Violations
  /// The longest times without a byte.
  let pauses: Pauses
  /// The subprotocols that the client had offered when the server selected none.
  let unselectedSubprotocols: UnselectedSubprotocols?
  /// Whether the request came from a page of another origin (RFC 6454 §5).
  let isCrossOrigin: Bool
  /// Connections to its servers that a proxy asked for in vain, and then refused the upgrade.
  let upstreamFailure: UpstreamFailure?
  /// A tunnel that a proxy refused before on the same connection.
  let refusedTunnel: RefusedTunnel?
  /// By side, the first pong that nobody asked for.
  let unsolicitedPongs: [Side: StreamPosition]

  /// Facts from their parts.
  package init(
    outcome: HandshakeOutcome, handshake: Handshake?, opened: StreamPosition,
    recognition: SessionRecognition?,
    clientClose: CloseFrame?, serverClose: CloseFrame?, clientPings: OpenPings, serverPings: OpenPings,
    clientPingsAtEnd: OpenPings? = nil, serverPingsAtEnd: OpenPings? = nil, heartbeats: [Heartbeat],
    violations: Violations, unsolicitedPongs: [Side: StreamPosition],
    pauses: Pauses = Pauses(), unselectedSubprotocols: UnselectedSubprotocols? = nil,
    isCrossOrigin: Bool = false, upstreamFailure: UpstreamFailure? = nil,
    refusedTunnel: RefusedTunnel? = nil
  ) {
    (self.outcome, self.handshake, self.opened) = (outcome, handshake, opened)
    (self.recognition, self.heartbeats, self.violations) = (recognition, heartbeats, violations)
    (self.clientClose, self.serverClose) = (clientClose, serverClose)
    firstCloser = Self.firstCloser(clientClose?.position, serverClose?.position)
    (self.clientPings, self.serverPings) = (clientPings, serverPings)
    (self.clientPingsAtEnd, self.serverPingsAtEnd) = (clientPingsAtEnd, serverPingsAtEnd)
    self.unsolicitedPongs = unsolicitedPongs
    (self.pauses, self.unselectedSubprotocols) = (pauses, unselectedSubprotocols)
    (self.isCrossOrigin, self.upstreamFailure) = (isCrossOrigin, upstreamFailure)
    self.refusedTunnel = refusedTunnel
  }

  func violations(of side: Side) -> [Violation] { violations[side] }

  /// There never were frames.
  var wasRefused: Bool { outcome == .rejected || outcome == .incomplete && recognition == nil }

  /// Each side sent its Close before it had received the other's: the later one does not acknowledge all of the earlier.
  var closesCrossed: Bool {
    switch firstCloser {
    case .client?: Self.crossed(clientClose?.end, serverClose?.received)
    case .server?: Self.crossed(serverClose?.end, clientClose?.received)
    case nil: false
    }
  }

  private static func crossed(_ end: UInt64?, _ received: UInt64?) -> Bool {
    guard let end, let received else { return false }
    return received < end
  }

  func didClose(_ side: Side) -> Bool { (side == .client ? clientClose : serverClose) != nil }
  func close(of side: Side) -> CloseFrame? { side == .client ? clientClose : serverClose }
  func openPings(of side: Side) -> OpenPings { side == .client ? clientPings : serverPings }
  /// When the side ended its direction, or by the end of the capture. A pong may come later.
  func openPingsAtEnd(of side: Side) -> OpenPings {
    (side == .client ? clientPingsAtEnd : serverPingsAtEnd) ?? openPings(of: side)
  }

  /// The Close frame that came first in the capture.
  var firstClose: (side: Side, close: CloseFrame)? {
    switch firstCloser {
    case .client?: clientClose.map { (.client, $0) }
    case .server?: serverClose.map { (.server, $0) }
    case nil: nil
    }
  }

  /// Where that is.
  var placeOfFirstClose: StreamPosition? {
    firstCloser.flatMap { $0 == .client ? clientClose?.position : serverClose?.position }
  }

  private static func firstCloser(_ client: StreamPosition?, _ server: StreamPosition?) -> Side? {
    switch (client, server) {
    case (let client?, let server?):
      (client.packet, client.time) <= (server.packet, server.time) ? .client : .server
    case (_?, nil): .client
    case (nil, _?): .server
    case (nil, nil): nil
    }
  }
}
