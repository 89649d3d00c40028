import StreamReassembly
import WebSocketDecoding
import WireBytes

/// What one side of a session came to.
struct SideSummary {
  var counts = SideCounts()
  var compression = CompressionCounts()
  /// Where its last bytes after the upgrade were captured.
  var lastBytes: StreamPosition?

  /// All that it sent is in the capture, and read.
  var isWhole: Bool { counts.lostBytes == 0 && counts.unexplainedBytes == 0 }
}

/// The rules that are judged when a session is over.
///
/// A side is not blamed for what it may have sent unseen: all of its bytes must have been captured and read.
struct SessionChecks {
  let ending: SessionRecord.Ending
  let end: ConnectionEnd
  /// Who sent the RST or the first FIN.
  let tcpSide: Side?
  let position: StreamPosition
  let client: SideSummary
  let server: SideSummary

  /// How long a side that goes on sending has for a pong.
  static let timeForPong: Int64 = 5_000_000_000

  private func summary(of side: Side) -> SideSummary { side == .client ? client : server }

  var anomalies: [Anomaly] {
    Side.allCases.flatMap { [closeNotAnswered(by: $0), pingNotAnswered(by: $0)].compactMap { $0 } }
  }

  /// The peer's Close came, TCP ended, and this side had the time to answer: it ended its direction by itself.
  private func closeNotAnswered(by side: Side) -> Anomaly? {
    guard let close = ending.close(of: side.peer), ending.close(of: side) == nil, summary(of: side).isWhole
    else { return nil }
    let hadTheChance: Bool
    switch end {
    case .fin: hadTheChance = true
    case .rst: hadTheChance = tcpSide == side
    case .replaced, .captureEnd, .gaveUp: hadTheChance = false
    }
    guard hadTheChance else { return nil }
    let how = end == .rst ? "a RST" : "its FIN"
    return Anomaly(
      SessionRule.closeNotAnswered, by: side, at: place(of: side),
      "the Close in packet \(close.position.packet) has no answer before \(how)")
  }

  private func pingNotAnswered(by side: Side) -> Anomaly? {
    let (count, ping) = ending.openPings(of: side.peer)
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
      offset: summary(of: side).lastBytes?.offset ?? 0, packet: position.packet, time: position.time)
  }
}
