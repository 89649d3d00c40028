/// A CONNECT (RFC 9110 §9.3.6) that a proxy refused before the client asked for an upgrade on the same connection.
public struct RefusedTunnel: Sendable {
  /// `host:port`, as the client wrote it.
  public let target: String
  /// The status of the answer.
  public let status: Int

  /// A refusal from its parts.
  package init(target: String, status: Int) { (self.target, self.status) = (target, status) }
}
