import TCPReassembly
import WireBytes

/// What TCP did in one direction of a session's connection.
public struct TransportSummary: Sendable {
  /// Segments whose bytes, or some of them, came again.
  public var retransmissions: UInt64 = 0
  /// Those bytes.
  public var retransmittedBytes: UInt64 = 0
  /// Of these, the ones that the receiver had confirmed.
  public var spuriousBytes: UInt64 = 0
  /// Bytes that came after bytes that follow them.
  public var lateBytes: UInt64 = 0
  /// The longest that bytes waited behind a gap, in nanoseconds.
  public var longestWait: Int64 = 0
  /// How often the receiver's window closed.
  public var zeroWindows: UInt64 = 0
  /// For how long in all, in nanoseconds.
  public var zeroWindowTime: Int64 = 0
  /// Keep-alive probes, with a byte or without.
  public var keepAlives: UInt64 = 0
  /// Segments that were captured twice.
  public var capturedTwice: UInt64 = 0
  /// Round trips from the point of capture to the receiver and back, and what nobody had confirmed at the end; nil while
  /// the connection is open.
  public var ending: DirectionEnding?

  /// Nothing happened, and nothing was timed.
  public var isEmpty: Bool {
    retransmissions == 0 && lateBytes == 0 && zeroWindows == 0 && keepAlives == 0 && capturedTwice == 0
      && longestWait == 0 && ending?.handshakeRoundTrip == nil && ending?.roundTrips.count ?? 0 == 0
  }
}
