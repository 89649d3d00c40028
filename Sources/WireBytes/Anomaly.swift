/// How much an anomaly matters.
public enum Severity: String, Sendable {
  /// A MUST of a specification is broken.
  case violation
  /// Legal, or not certain, but likely to hurt.
  case warning
  /// Worth knowing.
  case note
}

/// A rule that a passive observer can check, or a condition worth reporting.
///
/// The modules that check rules list them as constants beside the code; `name` is what JSON calls `rule`.
public struct Rule: Sendable, Hashable {
  /// The identifier in reports: `unmasked_client_frame`.
  public let name: String
  /// How much it matters when the rule is broken.
  public let severity: Severity
  /// Where the rule stands: `RFC 6455 §5.1`. Empty where no document has it.
  public let reference: String
  /// One sentence: what the rule asks for.
  public let meaning: String

  /// A rule from its parts.
  public init(_ name: String, _ severity: Severity, _ reference: String, _ meaning: String) {
    self.name = name
    self.severity = severity
    self.reference = reference
    self.meaning = meaning
  }
}

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
