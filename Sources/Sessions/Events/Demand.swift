/// Whether a taker of events wants more of them.
public enum Demand: Sendable {
  /// Go on.
  case more
  /// Nobody reads the rest: the reader of a pipe has gone, a disk is full, a limit was reached.
  case enough
}
