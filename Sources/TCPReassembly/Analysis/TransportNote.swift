/// What TCP did to a connection's bytes besides putting them in order: why a message came late.
///
/// Offsets are stream offsets of the direction that the note is about.
public enum TransportNote: Sendable, Equatable {
  /// The bytes came once more. `wasAcknowledged`: although the receiver had acknowledged them.
  case retransmitted(Range<UInt64>, wasAcknowledged: Bool)
  /// The capture holds the packet that brought the connection's last bytes a second time, as with `-i any` or a
  /// mirrored port. Inferred: the copy came within a millisecond.
  case capturedTwice(Range<UInt64>)
  /// The bytes came after ones that follow them: out of order, or sent again because they were lost before the point of
  /// capture. `isPresumedLost`: it took longer than packets overtake each other.
  case late(Range<UInt64>, isPresumedLost: Bool)
  /// The bytes waited this many nanoseconds for others before them: head-of-line blocking.
  case waited(Range<UInt64>, for: Int64)
  /// The receiver has no room (RFC 9293 §3.8.6.1). The range begins with the first byte that it did not acknowledge.
  case windowClosed(Range<UInt64>)
  /// It has room again, after this many nanoseconds. The range ends after the first byte that could not be sent.
  case windowOpened(Range<UInt64>, after: Int64)
  /// A keep-alive probe (RFC 9293 §3.8.4): a byte that the receiver has, or a segment without a byte and with the number
  /// of one.
  case keepAlive
}
