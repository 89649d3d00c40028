import TCPReassembly

/// Which connections are of interest by their ports.
public struct PortOptions: Sendable {
  /// Only connections with one of these ports at either end are analyzed; all when empty.
  public var only: Set<UInt16> = []
  /// What goes to or from one of these ports and is neither HTTP nor TLS is read as WebSocket frames.
  public var asWebSocket: Set<UInt16> = []

  /// Every port, nothing forced.
  public init() {}

  func includes(_ connection: ConnectionInfo) -> Bool {
    only.isEmpty || only.contains(connection.initiator.port) || only.contains(connection.responder.port)
  }

  func areForced(_ connection: ConnectionInfo) -> Bool {
    asWebSocket.contains(connection.initiator.port) || asWebSocket.contains(connection.responder.port)
  }

  /// Whether the end that opened a forced connection is the client: the port that was named is the server's.
  func isInitiatorClient(_ connection: ConnectionInfo) -> Bool {
    asWebSocket.contains(connection.responder.port) || !asWebSocket.contains(connection.initiator.port)
  }
}
