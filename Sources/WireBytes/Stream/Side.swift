/// An end of the WebSocket connection. The client is the one that asked for the upgrade.
public enum Side: UInt8, Sendable, Hashable, CaseIterable {
  /// The end that sent the upgrade request.
  case client
  /// The end that answered it.
  case server

  /// The other end.
  @inlinable public var peer: Side { self == .client ? .server : .client }

  /// `client` or `server`, as reports name it.
  public var name: String { self == .client ? "client" : "server" }
}
