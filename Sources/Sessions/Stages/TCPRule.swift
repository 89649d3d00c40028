import WireBytes

/// What reassembly can find wrong with a session's TCP stream.
public enum TCPRule {
  /// A byte was sent twice with different values.
  public static let retransmissionConflict = Rule(
    "retransmission_conflict", .warning, "RFC 9293 §3.8.1",
    "A retransmission carries other bytes than the first copy, which points to tampering or a broken stack.")

  /// Bytes that are not part of the stream, because it had begun after them.
  public static let beforeStart = Rule(
    "before_start", .note, "",
    "Bytes came that precede the first captured packet of a connection that was already open; they are counted, not read."
  )

  /// All of them, for tables.
  public static let all = [retransmissionConflict, beforeStart]
}
