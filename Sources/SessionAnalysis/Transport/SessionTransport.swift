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

  /// What was left of what a side sent at the end.
  func ending(of side: Side) -> DirectionEnding? { connection.ending(direction(of: side)) }

  private func direction(of side: Side) -> FlowDirection {
    (side == .client) == clientIsInitiator ? .fromInitiator : .fromResponder
  }
}
