import WireBytes

/// The other leg of a session that a proxy passes on: both have the same Sec-WebSocket-Key.
public struct ProxyLeg: Sendable, Hashable {
  /// The session that is the other leg.
  public let of: UInt64
  /// This one is the client's leg, not that of the server behind the proxy.
  public let isFront: Bool
  /// Nanoseconds that the request spent in the proxy.
  public let delay: Int64
}
