/// Who ended a session.
public enum ClosingSide: String, Sendable {
  /// The side that asked for the upgrade.
  case client
  /// The side that answered it.
  case server
  /// Both at the same time.
  case both
}
