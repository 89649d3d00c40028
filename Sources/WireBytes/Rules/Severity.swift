/// How much an anomaly matters.
public enum Severity: String, Sendable {
  /// A MUST of a specification is broken.
  case violation
  /// Legal, or not certain, but likely to hurt.
  case warning
  /// Worth knowing.
  case note
}
