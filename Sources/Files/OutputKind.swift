/// What is written to a file.
public enum OutputKind: Sendable {
  /// What is whole only at its end. It does not replace a capture.
  case document
  /// What is valid once it has its header, and may hold secrets: for its user alone.
  case capture
  /// A capture that replaces nothing.
  case captureOfRing
}
