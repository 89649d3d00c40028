import TCPReassembly
import WebSocketDecoding
import WireBytes

/// What one side of a session came to.
struct SideSummary {
  var counts = SideCounts()
  var compression = CompressionCounts()
  /// Where its last bytes after the upgrade were captured.
  var lastBytes: StreamPosition?
  /// When its bytes before those were captured.
  var timeBeforeLast: CaptureTime?
  /// Its last message that did not come as one frame in one segment.
  var lastInPieces: Message?

  /// All that it sent is in the capture, and read.
  var isWhole: Bool { counts.lostBytes == 0 && counts.unexplainedBytes == 0 }
}

/// Who sent the first FIN of a connection, and where.
struct FirstFin: Sendable {
  var side: Side
  var position: StreamPosition
  /// Its sender's pings that no pong had answered by then; one may come later.
  var openPings: SessionRecord.OpenPings?
}

/// How the connection under a session ended, and what it had carried.
struct SessionFinish {
  var end: ConnectionEnd
  /// Who sent the RST or the first FIN.
  var tcpSide: Side?
  /// The packet that ended it, or the connection's last.
  var position: StreamPosition
  var firstFin: FirstFin?
  var client = SideSummary()
  var server = SideSummary()
  /// Rules that were broken more often than reported.
  var suppressed: [(rule: Rule, side: Side, count: Int)] = []
  /// What TCP did; nil when that was not looked at, or nothing is worth it.
  var transport: SessionTransport?
}

/// All that is known of a session when it is over. Shared: it is large, and its judges and reports hand it on.
final class SessionEvidence: Sendable {
  let ending: SessionRecord.Ending
  let finish: SessionFinish

  init(_ ending: SessionRecord.Ending, _ finish: SessionFinish) {
    (self.ending, self.finish) = (ending, finish)
  }
}

/// The rules that are judged when a session is over.
///
/// A side is not blamed for what it may have sent unseen: all of its bytes must have been captured and read.
struct SessionChecks {
  let evidence: SessionEvidence

  private var ending: SessionRecord.Ending {
    @inline(__always) _read { yield evidence.ending }
  }
  private var finish: SessionFinish {
    @inline(__always) _read { yield evidence.finish }
  }

  /// How long a side that goes on sending has for a pong.
  static let timeForPong: Int64 = 5_000_000_000

  private func summary(of side: Side) -> SideSummary { side == .client ? finish.client : finish.server }

  var anomalies: [Anomaly] {
    var found: [Anomaly] = []
    for side in Side.allCases {
      if let anomaly = unsolicitedPong(of: side) { found.append(anomaly) }
      if let anomaly = closeNotAnswered(by: side) { found.append(anomaly) }
      if let anomaly = pingNotAnswered(by: side) { found.append(anomaly) }
    }
    return found
  }

  private func unsolicitedPong(of side: Side) -> Anomaly? {
    ending.unsolicitedPongs[side].map {
      Anomaly(
        SessionRule.unsolicitedPong, by: side, at: $0,
        "no ping of the \(side.peer.name) with this payload was open")
    }
  }

  /// The peer's Close came, TCP ended, and this side had the time to answer: it ended its direction by itself.
  private func closeNotAnswered(by side: Side) -> Anomaly? {
    guard !ending.didClose(side), let close = ending.close(of: side.peer), summary(of: side).isWhole
    else { return nil }
    // Its direction was closed before there was anything to answer.
    if let fin = finish.firstFin, fin.side == side, fin.position.packet < close.position.packet { return nil }
    // An endpoint that fails the connection because of what it was sent need not read on (RFC 6455 §7.1.7).
    if ending.violations(of: side.peer).contains(where: { $0.packet <= close.position.packet }) { return nil }
    let hadTheChance: Bool
    switch finish.end {
    case .fin: hadTheChance = true
    case .rst: hadTheChance = finish.tcpSide == side
    case .replaced, .captureEnd, .gaveUp: hadTheChance = false
    }
    guard hadTheChance else { return nil }
    let how = finish.end == .rst ? "a RST" : "its FIN"
    return Anomaly(
      SessionRule.closeNotAnswered, by: side, at: place(of: side),
      "the Close in packet \(close.position.packet) has no answer before \(how)")
  }

  private func pingNotAnswered(by side: Side) -> Anomaly? {
    let (count, _, ping) = ending.openPings(of: side.peer)
    guard let ping, let last = summary(of: side).lastBytes, summary(of: side).isWhole else { return nil }
    if let close = ending.close(of: side.peer), close.position.packet <= ping.packet { return nil }
    let wait = last.time.nanoseconds(since: ping.time)
    guard wait >= Self.timeForPong else { return nil }
    let pings = count == 1 ? "the ping" : "\(count) pings, the last"
    return Anomaly(
      SessionRule.pingNotAnswered, by: side, at: last,
      "\(pings) in packet \(ping.packet) has no pong, though the side sent other frames \(wait / 1_000_000_000) s later"
    )
  }

  /// Where the side's stream ends.
  private func place(of side: Side) -> StreamPosition {
    StreamPosition(
      offset: summary(of: side).lastBytes?.offset ?? 0, packet: finish.position.packet,
      time: finish.position.time)
  }
}
