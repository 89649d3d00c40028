/// What is known of a connection when its first payload byte arrives.
public struct ConnectionInfo: Sendable {
  /// Counted from 0 in the order of first packets, as Wireshark's `tcp.stream`.
  public var stream: UInt64
  /// The end that opened it.
  public var initiator: Endpoint
  /// The end that accepted it.
  public var responder: Endpoint
  /// Whether a SYN was captured, so that the stream starts with its first byte.
  public var sawStart: Bool
  /// The numbers of both SYNs; nil unless both were captured before the first payload byte.
  public var initialSequences: InitialSequences?

  /// The initial sequence numbers of a connection (RFC 9293 §3.4.1).
  public struct InitialSequences: Sendable, Hashable {
    /// That of the end that opened it.
    public var initiator: UInt32
    /// That of the end that accepted it.
    public var responder: UInt32
  }
}
