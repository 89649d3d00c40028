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

extension SessionClose {
  /// How both legs ended, where this session is one of two around a proxy. Of two proxies in a row, the one that ended it.
  public var legsEnding: (leg: LegComparison, ending: LegsEnding)? {
    guard !legs.isEmpty else { return nil }
    var found: (leg: LegComparison, ending: LegsEnding)?
    for leg in legs {
      guard let ending = leg.ending else { continue }
      if found == nil || found?.ending.closedBy != .proxy && ending.closedBy == .proxy {
        found = (leg, ending)
      }
    }
    return found
  }

  /// Who ended the session: where both legs are known, by what was sent on either. Nil if most likely neither side did, but a
  /// host that translates addresses.
  public var closedBy: ClosingSide? {
    legsEnding?.ending.closedBy ?? (verdict.isEndedOnTheWay ? nil : verdict.closedBy)
  }

  /// What led to the end. Of two legs the one that ends last knows; before, only what that leg shows on which the end began.
  public var cause: Cause? {
    guard let (leg, ending) = legsEnding else { return verdict.cause }
    if leg.isFinal { return ending.cause }
    // A Close that was passed on is about what this leg shows, too.
    let own = verdict.cause
    return ending.first.isFront == leg.isFront || ending.isPassedOn && own?.explainsClose ?? false ? own : nil
  }
}
