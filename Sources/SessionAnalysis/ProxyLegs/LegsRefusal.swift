/// What became of an upgrade request on both legs around a proxy, when it was refused on at least one of them.
public struct LegsRefusal: Sendable {
  /// The answer on a leg.
  public struct Answer: Sendable {
    /// Its status; nil if none was captured.
    public let status: Int?
    /// The packet of the end of its head, or of the request's head without an answer.
    public let packet: UInt64

    /// An answer from its parts.
    package init(status: Int?, packet: UInt64) { (self.status, self.packet) = (status, packet) }
  }

  /// What the client was told.
  public let front: Answer
  /// What the server said.
  public let back: Answer

  /// The server refused, and the proxy passed that on.
  public var isPassedOn: Bool { front.status != nil && front.status == back.status }
}
