import WireBytes

/// The rules that are judged when a session is over.
///
/// A side is not blamed for what it may have sent unseen: all of its bytes must have been captured and read.
package struct SessionChecks {
  let evidence: SessionEvidence

  /// Checks of a session that has ended.
  package init(evidence: SessionEvidence) { self.evidence = evidence }

  private var facts: SessionFacts {
    @inline(__always) _read { yield evidence.facts }
  }
  private var finish: SessionFinish {
    @inline(__always) _read { yield evidence.finish }
  }

  /// How long a side that goes on sending has for a pong.
  static let timeForPong: Int64 = 5_000_000_000

  /// The findings, in the order in which they are reported.
  package var anomalies: [Anomaly] {
    var found: [Anomaly] = []
    for side in Side.allCases {
      if let anomaly = unsolicitedPong(of: side) { found.append(anomaly) }
      if let anomaly = closeNotAnswered(by: side) { found.append(anomaly) }
      if let anomaly = pingNotAnswered(by: side) { found.append(anomaly) }
    }
    return found
  }

  private func unsolicitedPong(of side: Side) -> Anomaly? {
    facts.unsolicitedPongs[side].map {
      Anomaly(
        SessionRule.unsolicitedPong, by: side, at: $0,
        "no ping of the \(side.peer.name) with this payload was open")
    }
  }

  /// The peer's Close came, TCP ended, and this side had the time to answer: it ended its direction by itself.
  private func closeNotAnswered(by side: Side) -> Anomaly? {
    guard !facts.didClose(side), let close = facts.close(of: side.peer), finish[side].isWhole
    else { return nil }
    // Its direction was closed before there was anything to answer.
    if let fin = finish.firstFin, fin.side == side, fin.position.packet < close.position.packet { return nil }
    // An endpoint that fails the connection because of what it was sent need not read on (RFC 6455 §7.1.7).
    if facts.violations(of: side.peer).contains(where: { $0.packet <= close.position.packet }) { return nil }
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
    let open = facts.openPings(of: side.peer)
    guard let ping = open.last, let last = finish[side].lastBytes, finish[side].isWhole else {
      return nil
    }
    if let close = facts.close(of: side.peer), close.position.packet <= ping.packet { return nil }
    let wait = last.time.nanoseconds(since: ping.time)
    guard wait >= Self.timeForPong else { return nil }
    let isOne = open.count == 1
    let pings =
      isOne
      ? "the ping in packet \(ping.packet) has"
      : "\(open.count) pings, the last in packet \(ping.packet), have"
    return Anomaly(
      SessionRule.pingNotAnswered, by: side, at: last,
      "\(pings) no pong, though the side sent other frames \(wait / 1_000_000_000) s later"
    )
  }

  /// Where the side's stream ends.
  private func place(of side: Side) -> StreamPosition {
    StreamPosition(
      offset: finish[side].lastBytes?.offset ?? 0, packet: finish.position.packet,
      time: finish.position.time)
  }
}
