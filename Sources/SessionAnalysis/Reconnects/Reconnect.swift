import WireBytes

/// A session that follows another one of the same client to the same place.
public struct Reconnect: Sendable, Hashable {
  /// The session that ended before.
  public let after: UInt64
  /// How many times the client came back so far, this one included.
  public let count: Int
  /// Nanoseconds from the end of the one before to this request.
  public let delay: Int64
  /// The last delays, this one included, in their order: up to 16.
  public let delays: [Int64]
  /// The pattern in them, as far as there is one.
  public let backoff: ReconnectBackoff?
}
