/// A rule that was broken, or a condition that was found, in one place.
public struct Anomaly: Sendable {
  /// Which rule.
  public let rule: Rule
  /// The side that broke it; nil when it concerns both, or neither.
  public let side: Side?
  /// The first byte concerned.
  public let position: StreamPosition
  /// What was seen, in words, with the values as they were sent.
  public let detail: String

  /// An anomaly from its parts.
  public init(_ rule: Rule, by side: Side?, at position: StreamPosition, _ detail: String) {
    self.rule = rule
    self.side = side
    self.position = position
    self.detail = detail
  }
}
