/// Who ended a session.
public enum ClosingSide: String, Sendable {
  /// The side that asked for the upgrade.
  case client
  /// The side that answered it.
  case server
  /// Both at the same time.
  case both
  /// A proxy between the two, of a session whose both legs are known.
  case proxy
}
