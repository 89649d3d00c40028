/// How HTTP ended on a connection, and what follows.
package enum ProtocolSwitch {
  /// The first bytes are not HTTP/1.x.
  case notHTTP
  /// The server answered with 101: WebSocket frames follow. The handshake says whether it was valid, and which draft it
  /// speaks. The server's frames begin with its next byte.
  case webSocket(Handshake, client: ClientStart)
  /// The server answered with 101, and what was captured of both heads does not say to what: frames may follow. The handshake is
  /// the one that it would be.
  case unnamed(Handshake)
  /// CONNECT was answered with 2xx: any protocol may follow. The target is `host:port`. `isAuthenticated`: the request had
  /// Proxy-Authorization.
  case tunnel(target: String, isAuthenticated: Bool)
  /// The server answered with 101 to something other than WebSocket; the value of Upgrade in its answer.
  case other(String)
  /// It was HTTP, and what follows is not, on both sides or after an upgrade request whose answer was not captured.
  /// Frames are likely.
  case unknown
}
