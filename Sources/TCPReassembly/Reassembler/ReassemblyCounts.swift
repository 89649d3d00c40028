/// What the reassembler saw, and what it discarded.
public struct ReassemblyCounts: Sendable {
  /// Connections, counted as Wireshark does.
  public var connections: UInt64 = 0
  /// Segments whose bytes had all been delivered before.
  public var retransmissions: UInt64 = 0
  /// Segments that came before their turn.
  public var outOfOrder: UInt64 = 0
  /// Segments so far ahead of what was acknowledged that they cannot belong to the stream; ignored.
  public var outOfWindow: UInt64 = 0
  /// Bytes that precede the first one captured of a connection without a SYN, but came after it; ignored.
  public var bytesBeforeStart: UInt64 = 0
  /// Segments that came after the end of their connection; ignored.
  public var afterEnd: UInt64 = 0
  /// Gaps given up because a limit on waiting bytes was reached.
  public var gapsOverLimit: UInt64 = 0
  /// Connections dropped because of the limit on connections, or because they were idle.
  public var connectionsGivenUp: UInt64 = 0
  /// Of these, the ones dropped because of the limit.
  public var connectionsOverLimit: UInt64 = 0
  /// Of those, the ones dropped because more memory was in use than might be.
  public var connectionsOverMemory: UInt64 = 0
  /// Keep-alive probes, with a byte or without (RFC 9293 §3.8.4).
  public var keepAlives: UInt64 = 0
  /// Segments that the capture holds a second time.
  public var capturedTwice: UInt64 = 0
  /// How often a receiver announced a window of zero.
  public var zeroWindows: UInt64 = 0
  /// RST segments outside the window, ignored (RFC 9293 §3.10.7.4).
  public var invalidResets: UInt64 = 0

  /// Nothing seen.
  public init() {}
}
