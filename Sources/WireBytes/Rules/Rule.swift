/// A rule that a passive observer can check, or a condition worth reporting.
///
/// Each module that checks rules lists them as constants; `name` is the `rule` of the JSON output.
public struct Rule: Sendable, Hashable {
  /// The identifier in reports: `unmasked_client_frame`.
  public let name: String
  /// How much it matters when the rule is broken.
  public let severity: Severity
  /// The section that states the rule: `RFC 6455 §5.1`. Empty when no document does.
  public let reference: String
  /// One sentence: what was found when this rule is reported ("No response to the request was captured.").
  public let meaning: String

  /// A rule from its parts.
  public init(_ name: String, _ severity: Severity, _ reference: String, _ meaning: String) {
    self.name = name
    self.severity = severity
    self.reference = reference
    self.meaning = meaning
  }

  /// The same rule, with the one of its references that applies.
  public func citing(_ reference: String) -> Rule { Rule(name, severity, reference, meaning) }
}
