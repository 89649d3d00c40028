import WireBytes

/// What TCP did to a connection's bytes beside bringing them in order: why a message came late.
///
/// Offsets are stream offsets of the direction that the note is about.
public enum TransportNote: Sendable, Equatable {
  /// The bytes came once more. `wasAcknowledged`: although the receiver had confirmed them.
  case retransmitted(Range<UInt64>, wasAcknowledged: Bool)
  /// The packet that brought the connection's last bytes stands in the capture a second time, as with `-i any` or a
  /// mirrored port. Inferred: the copy came within a millisecond.
  case capturedTwice(Range<UInt64>)
  /// The bytes came after ones that follow them: out of order, or sent again because they were lost before the point of
  /// capture. `isPresumedLost`: it took longer than packets overtake each other.
  case late(Range<UInt64>, isPresumedLost: Bool)
  /// The bytes lay behind a hole for so many nanoseconds: head-of-line blocking.
  case waited(Range<UInt64>, for: Int64)
  /// The receiver has no room (RFC 9293 §3.8.6.1). The range begins with the first byte that it did not confirm.
  case windowClosed(Range<UInt64>)
  /// It has room again, after so many nanoseconds. The range ends behind the first byte that could not be sent.
  case windowOpened(Range<UInt64>, after: Int64)
  /// A keep-alive probe: a byte that the receiver has (RFC 9293 §3.8.4).
  case keepAlive
}

/// What is known of a direction when its connection ends.
public struct DirectionEnding: Sendable {
  /// Sent, and not acknowledged; nil without.
  public var unconfirmed: UnconfirmedBytes?
  /// From the point of capture to the end that receives this direction and back, in nanoseconds: from a SYN to its
  /// acknowledgment; nil when they were not captured, or sent twice.
  public var handshakeRoundTrip: Int64?
  /// The same of bytes and their acknowledgments.
  public var roundTrips: RoundTrips
}

/// Round trips, summed up.
public struct RoundTrips: Sendable, Equatable {
  /// How many were timed.
  public var count: UInt64 = 0
  /// The shortest, in nanoseconds.
  public var minimum: Int64 = 0
  /// The longest.
  public var maximum: Int64 = 0
  /// One that half of them are not above; within a sixteenth.
  public var median: Int64 = 0
  /// One that 95 of a hundred are not above; within a sixteenth.
  public var percentile95: Int64 = 0
}

/// What the end of a connection left open in one direction.
public struct UnconfirmedBytes: Sendable, Equatable {
  /// Sent, and not acknowledged by any packet of the capture.
  public var bytes: UInt64
  /// How often the first of them was sent once more.
  public var repetitions: Int
  /// From the first of these repetitions to the last, in nanoseconds.
  public var time: Int64
}
