/// One rule broken at one place.
public struct Anomaly: Sendable {
  /// Which rule.
  public let rule: Rule
  /// Who broke it; nil when it cannot be said of one side.
  public let side: Side?
  /// The first byte concerned.
  public let position: StreamPosition
  /// What was seen, in words: values as they stood on the wire.
  public let detail: String

  /// An anomaly from its parts.
  public init(_ rule: Rule, by side: Side?, at position: StreamPosition, _ detail: String) {
    self.rule = rule
    self.side = side
    self.position = position
    self.detail = detail
  }
}
