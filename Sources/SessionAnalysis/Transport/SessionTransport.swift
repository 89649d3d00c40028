import TCPReassembly
import WireBytes

/// What TCP did to the connection of a session that ended.
public struct SessionTransport: @unchecked Sendable {
  // Nothing is added any more.
  let connection: ConnectionTransport
  let clientIsInitiator: Bool

  /// What TCP did, seen from the session: which direction is the client's.
  package init(connection: ConnectionTransport, clientIsInitiator: Bool) {
    (self.connection, self.clientIsInitiator) = (connection, clientIsInitiator)
  }

  /// What became of what a side sent.
  public func summary(of side: Side) -> TransportSummary { connection.summary(direction(of: side)) }

  /// What a side had sent, and nobody had confirmed at the end.
  func unconfirmed(of side: Side) -> UnconfirmedBytes? {
    connection[direction(of: side)].summary.ending?.unconfirmed
  }

  /// The window of a side's peer, if it was zero to the end.
  func closedWindow(for side: Side) -> ClosedWindow? {
    connection[direction(of: side)].summary.ending?.closedWindow
  }

  /// Keep-alive probes of a side after which nothing came from the other one.
  func unansweredProbes(of side: Side) -> UnansweredProbes? {
    connection[direction(of: side)].summary.ending?.unansweredProbes
  }

  /// When a side's last keep-alive probe came, answered or not.
  func lastProbe(of side: Side) -> CaptureTime? {
    connection[direction(of: side)].summary.ending?.lastProbe
  }

  private func direction(of side: Side) -> FlowDirection {
    (side == .client) == clientIsInitiator ? .fromInitiator : .fromResponder
  }
}
