import SessionAnalysis
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// A session ends.
public struct SessionClose: Sendable {
  /// Which one.
  public var session: SessionReference
  /// The packet that ended it.
  public var position: StreamPosition
  /// Nanoseconds from `SessionOpen.position` to here.
  public var duration: Int64
  /// How it ended, who began it and why.
  public var verdict: Verdict
  /// What the client sent after the upgrade.
  public var client: SideCounts
  /// What the server sent after the upgrade.
  public var server: SideCounts
  /// What compression saved the client.
  public var clientCompression: CompressionCounts
  /// What compression saved the server.
  public var serverCompression: CompressionCounts
  /// Where the client's last bytes were captured: its last sign of life.
  public var clientLast: StreamPosition?
  /// Where the server's last bytes were captured.
  public var serverLast: StreamPosition?
  /// What TCP did with what the sides sent; nil when not observed.
  public var transport: SessionTransport?
  /// Heartbeats by kind and side, in the order in which they were first seen.
  public var heartbeats: [Heartbeat]
  /// Its other legs around proxies, and how their messages compare.
  public var legs: [LegComparison]
  /// The body of the response that refused the upgrade; nil without one.
  public var refusalBody: RefusalBody?
  /// Its connection as it was captured under other addresses, before or after address translation.
  public var translations: [ConnectionInfo]
  /// Rules that were broken more often than they were reported, with how often.
  public var suppressed: [(rule: Rule, side: Side, count: Int)]
  /// The handshake's outcome, for reports that sum up.
  public var outcome: HandshakeOutcome
}
