/// What a proxy did to a request for an upgrade so that the server could not take it for one, and refused.
public struct DroppedUpgrade: Sendable {
  /// The session that is the client's leg.
  public let front: UInt64
  /// The session that is the server's.
  public let back: UInt64
  /// Names of the fields that the proxy did not pass on as they were.
  public let fields: [String]
  /// The version that the proxy asked with, where that is too low.
  public let version: String?

  /// Answers that are about the request as such, not about who asks for what, nor about the server's health.
  private static let otherReasons: Set<Int> = [401, 403, 407, 408, 429, 500, 502, 503, 504]

  /// Nil if the server had all that it needs, or may have had another reason.
  init?(_ differences: [HandshakeDifference], front: UInt64, back: UInt64, answer: Int?) {
    let broken = differences.filter(\.breaksUpgrade)
    guard !broken.isEmpty, let answer, answer != 101, !Self.otherReasons.contains(answer) else { return nil }
    (self.front, self.back) = (front, back)
    fields = broken.compactMap(\.field)
    version = broken.first { $0.field == nil }?.back
  }
}
