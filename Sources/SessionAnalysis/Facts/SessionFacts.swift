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
  let clientPings: OpenPings
  let serverPings: OpenPings
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
  /// By side, the first pong that nobody asked for.
  let unsolicitedPongs: [Side: StreamPosition]

  /// Facts from their parts.
  package init(
    outcome: HandshakeOutcome, handshake: Handshake?, opened: StreamPosition,
    recognition: SessionRecognition?,
    clientClose: CloseFrame?, serverClose: CloseFrame?, clientPings: OpenPings, serverPings: OpenPings,
    heartbeats: [Heartbeat], violations: Violations, unsolicitedPongs: [Side: StreamPosition],
    pauses: Pauses = Pauses(), unselectedSubprotocols: UnselectedSubprotocols? = nil,
    isCrossOrigin: Bool = false, upstreamFailure: UpstreamFailure? = nil
  ) {
    (self.outcome, self.handshake, self.opened) = (outcome, handshake, opened)
    (self.recognition, self.heartbeats, self.violations) = (recognition, heartbeats, violations)
    (self.clientClose, self.serverClose) = (clientClose, serverClose)
    (self.clientPings, self.serverPings) = (clientPings, serverPings)
    self.unsolicitedPongs = unsolicitedPongs
    (self.pauses, self.unselectedSubprotocols) = (pauses, unselectedSubprotocols)
    (self.isCrossOrigin, self.upstreamFailure) = (isCrossOrigin, upstreamFailure)
  }

  func violations(of side: Side) -> [Violation] { violations[side] }

  /// There never were frames.
  var wasRefused: Bool { outcome == .rejected || outcome == .incomplete && recognition == nil }

  /// Each side sent its Close before it had received the other's: the later one does not acknowledge all of the earlier.
  var closesCrossed: Bool {
    guard let first = firstClose, let received = close(of: first.side.peer)?.received else { return false }
    return received < first.close.end
  }

  func didClose(_ side: Side) -> Bool { (side == .client ? clientClose : serverClose) != nil }
  func close(of side: Side) -> CloseFrame? { side == .client ? clientClose : serverClose }
  func openPings(of side: Side) -> OpenPings { side == .client ? clientPings : serverPings }

  /// The Close frame that came first in the capture.
  var firstClose: (side: Side, close: CloseFrame)? {
    switch (clientClose, serverClose) {
    case (let client?, let server?):
      let clientFirst =
        (client.position.packet, client.position.time) <= (server.position.packet, server.position.time)
      return clientFirst ? (.client, client) : (.server, server)
    case (let client?, nil): return (.client, client)
    case (nil, let server?): return (.server, server)
    case (nil, nil): return nil
    }
  }
}
