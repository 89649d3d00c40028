/// How much an anomaly matters.
public enum Severity: String, Sendable {
  /// A MUST of a specification is broken.
  case violation
  /// Legal, or uncertain, but likely to cause trouble.
  case warning
  /// Worth knowing.
  case note
}
