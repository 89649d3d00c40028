import WireBytes

/// What reassembly can find wrong with a session's TCP stream.
public enum TCPRule {
  /// A byte was sent twice with different values.
  public static let retransmissionConflict = Rule(
    "retransmission_conflict", .warning, "RFC 9293 §3.8.1",
    "A retransmission carries the same bytes as the first copy; others show tampering or a broken stack.")

  /// Bytes that are not part of the stream, because it had begun behind them.
  public static let beforeStart = Rule(
    "before_start", .note, "",
    "The first packets of a connection that was open before the capture are read in the order of the capture: what "
      + "precedes them in the stream and comes later is counted and not read.")

  /// All of them, for tables.
  public static let all = [retransmissionConflict, beforeStart]
}
