import TCPReassembly

/// Connections to its servers that a proxy asked for in vain before it refused an upgrade.
public struct UpstreamFailure: Sendable {
  /// The first ones, in the order of the capture.
  public let connections: [FailedConnection]
  /// All of them.
  public let count: Int
  /// It was so many nanoseconds before the request that the last one failed: the proxy may know of it from its own checks. Nil if the
  /// connections were asked for because of the request.
  public let before: Int64?
  /// They were asked for by another address than the one that answered the request, at the time of the request.
  public let isInferred: Bool

  /// A failure from its parts.
  package init(connections: [FailedConnection], count: Int, before: Int64?, isInferred: Bool) {
    (self.connections, self.count, self.before) = (connections, count, before)
    self.isInferred = isInferred
  }
}
