internal import WireBytes

/// One of the two sides of a session.
public enum WebSocketSide: String, Sendable, Hashable, CaseIterable {
  /// The side that sent the upgrade request.
  case client
  /// The side that answered it.
  case server
}

extension WebSocketSide {
  init(_ side: Side) { self = side == .client ? .client : .server }
}
