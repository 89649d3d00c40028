import SessionAnalysis
import Sessions
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// Sums over all sessions of a capture.
struct Totals {
  private var outcomes = InlineArray<5, UInt64>(repeating: 0)
  private var anomalies = InlineArray<3, UInt64>(repeating: 0)
  private var client = SideCounts()
  private var server = SideCounts()

  mutating func add(_ session: SessionClose) {
    outcomes[session.outcome.place] += 1
    client.add(session.client)
    server.add(session.server)
  }

  mutating func add(_ anomaly: Anomaly) { anomalies[anomaly.rule.severity.place] += 1 }

  func write(to out: inout OutputBuffer, _ summary: CaptureSummary) {
    Count(summary.packets, "packet").write(to: &out)
    out.append(", ")
    ByteSize(summary.bytes).write(to: &out)
    if let first = summary.firstTime, let last = summary.lastTime {
      out.append(" in ")
      TimeSpan(last.nanoseconds(since: first)).write(to: &out)
    }
    out.append("; ")
    Count(summary.connections, "TCP connection").write(to: &out)
    if summary.tlsConnections > 0 {
      out.append(", ")
      out.append(decimal: summary.tlsConnections)
      out.append(" of them TLS and not decrypted")
    }
    out.append(UInt8(ascii: "\n"))
    writeSessions(to: &out, summary)
    writeProblems(to: &out, summary)
  }

  private func writeSessions(to out: inout OutputBuffer, _ summary: CaptureSummary) {
    guard summary.sessions > 0 else {
      out.append("no WebSocket session\n")
      return
    }
    Count(summary.sessions, "WebSocket session").write(to: &out)
    var separator: StaticString = ": "
    for outcome in [
      HandshakeOutcome.upgraded, .invalid, .rejected, .incomplete, .notCaptured,
    ] where outcomes[outcome.place] > 0 {
      out.append(separator)
      out.append(decimal: outcomes[outcome.place])
      out.append(" ")
      out.append(utf8: Self.phrase(outcome))
      separator = ", "
    }
    out.append("\n")
    writeSide("client ▶", client, to: &out)
    writeSide("server ◀", server, to: &out)
  }

  private static func phrase(_ outcome: HandshakeOutcome) -> String {
    outcome == .notCaptured ? "without a captured handshake" : outcome.rawValue
  }

  private func writeSide(_ name: StaticString, _ counts: SideCounts, to out: inout OutputBuffer) {
    out.append("  ")
    out.append(name)
    out.append("  ")
    Count(counts.messages, "message").write(to: &out)
    out.append(" of ")
    ByteSize(counts.bytes).write(to: &out)
    out.append(", ")
    Count(counts.frames, "frame").write(to: &out)
    out.append(" of ")
    ByteSize(counts.wireBytes).write(to: &out)
    if counts.pings &+ counts.pongs > 0 {
      out.append(", ")
      Count(counts.pings, "ping").write(to: &out)
      out.append(", ")
      Count(counts.pongs, "pong").write(to: &out)
    }
    out.append("\n")
  }

  private func writeProblems(to out: inout OutputBuffer, _ summary: CaptureSummary) {
    let lost = client.lostBytes &+ server.lostBytes
    let unexplained = client.unexplainedBytes &+ server.unexplainedBytes
    if lost > 0 {
      out.append("  ")
      ByteSize(lost).write(to: &out)
      out.append(" of the sessions not in the capture\n")
    }
    if unexplained > 0 {
      out.append("  ")
      ByteSize(unexplained).write(to: &out)
      out.append(" that belong to no frame\n")
    }
    if summary.unreadRequestCount > 0 {
      out.append("  ")
      Count(summary.unreadRequestCount, "upgrade request").write(to: &out)
      out.append(" not read\n")
    }
    for (severity, name) in [(Severity.violation, "violation"), (.warning, "warning"), (.note, "note")]
    where anomalies[severity.place] > 0 {
      out.append("  ")
      out.append(decimal: anomalies[severity.place])
      out.append(" ")
      out.append(utf8: anomalies[severity.place] == 1 ? name : name + "s")
      out.append("\n")
    }
    if let truncation = summary.truncation {
      out.append("  ")
      out.append(utf8: truncation)
      out.append("\n")
    }
    for (reason, packets) in summary.undecodable {
      out.append("  ")
      Count(packets, "packet").write(to: &out)
      out.append(" not understood: ")
      out.append(utf8: reason)
      out.append("\n")
    }
    for words in summary.evictionPhrases {
      out.append("  ")
      out.append(utf8: words)
      out.append("\n")
    }
  }
}

extension SideCounts {
  fileprivate mutating func add(_ other: SideCounts) {
    messages &+= other.messages
    frames &+= other.frames
    bytes &+= other.bytes
    wireBytes &+= other.wireBytes
    pings &+= other.pings
    pongs &+= other.pongs
    lostBytes &+= other.lostBytes
    unexplainedBytes &+= other.unexplainedBytes
  }
}

// Dictionaries would hash the raw values: strings.

extension HandshakeOutcome {
  fileprivate var place: Int {
    switch self {
    case .upgraded: 0
    case .rejected: 1
    case .invalid: 2
    case .incomplete: 3
    case .notCaptured: 4
    }
  }
}

extension Severity {
  fileprivate var place: Int {
    switch self {
    case .violation: 0
    case .warning: 1
    case .note: 2
    }
  }
}
