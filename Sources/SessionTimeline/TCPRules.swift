import WireBytes

/// What reassembly can find wrong with a session's TCP stream.
public enum TCPRule {
  /// A byte was sent twice with different values.
  public static let retransmissionConflict = Rule(
    "retransmission_conflict", .warning, "RFC 9293 §3.8.1",
    "A retransmission carries the same bytes as the first copy; others show tampering or a broken stack.")

  /// All of them, for tables.
  public static let all = [retransmissionConflict]
}
