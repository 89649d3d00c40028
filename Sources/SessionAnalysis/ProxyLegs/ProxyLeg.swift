import WireBytes

/// The other leg of a session, or of a request for one, that a proxy passes on.
public struct ProxyLeg: Sendable, Hashable {
  /// The session that is the other leg.
  public let of: UInt64
  /// This one is the client's leg, not that of the server behind the proxy.
  public let isFront: Bool
  /// Nanoseconds that the request spent in the proxy.
  public let delay: Int64
  /// They do not have the same Sec-WebSocket-Key: of requests that were refused, what they ask for and when says that they are one.
  public var isInferred = false

  /// A proxy asks its server within 10 s, in nanoseconds; nor does it keep a message longer.
  static let longestDelay: Int64 = 10_000_000_000
}
