/// How often one side broke a rule that was reported fewer times than it was broken.
public struct AnomalyTotal: Sendable, Hashable {
  /// The rule's name, as `WebSocketAnomaly.rule`.
  public let rule: String
  /// The side that broke it.
  public let from: WebSocketSide
  /// How often it broke the rule in all.
  public let count: Int
}
