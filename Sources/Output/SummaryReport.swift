import SessionTimeline
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// `-q`: everything is decoded, only the totals are shown.
package final class SummaryReport: TimelineReport, WritingReport {
  private var out: OutputBuffer
  private let style: Style
  private var totals = Totals()

  /// A report that writes to `out`.
  package init(_ out: consuming OutputBuffer, style: Style) {
    self.out = out
    self.style = style
  }

  package var showsDetails: Bool { false }
  package var takesMore: Bool { out.takesMore }
  package var failure: OutputFailure? { out.failure }

  /// The totals are one line each: few reports need more than the first.
  package func captureEnded(_ summary: CaptureSummary) {
    totals.write(to: &out, summary, style)
    out.flush()
  }

  package func sessionClosed(_ event: SessionClose) { totals.add(event) }
  package func anomaly(_ anomaly: Anomaly, in session: SessionReference) { totals.add(anomaly) }

  package func sessionOpened(_ event: SessionOpen) {}
  package func message(
    _ message: borrowing Message, in session: SessionReference, missing: [MissingRange], payload: Span<UInt8>
  ) {}
  package func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {}
  package func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {}
  package func gap(_ gap: Gap, in session: SessionReference) {}
}

/// Sums over all sessions of a capture.
struct Totals {
  private var outcomes: [HandshakeOutcome: UInt64] = [:]
  private var anomalies: [Severity: UInt64] = [:]
  private var client = SideCounts()
  private var server = SideCounts()

  mutating func add(_ session: SessionClose) {
    outcomes[session.outcome, default: 0] += 1
    client.add(session.client)
    server.add(session.server)
  }

  mutating func add(_ anomaly: Anomaly) { anomalies[anomaly.rule.severity, default: 0] += 1 }

  func write(to out: inout OutputBuffer, _ summary: CaptureSummary, _ style: Style) {
    out.append(count: summary.packets, "packet")
    out.append(", ")
    out.append(size: summary.bytes)
    if let first = summary.firstTime, let last = summary.lastTime {
      out.append(" in ")
      out.append(duration: last.nanoseconds(since: first))
    }
    out.append("; ")
    out.append(count: summary.connections, "TCP connection")
    if summary.tlsConnections > 0 {
      out.append(", ")
      out.append(decimal: summary.tlsConnections)
      out.append(" of them TLS and not decrypted")
    }
    out.append(UInt8(ascii: "\n"))
    writeSessions(to: &out, summary, style)
    writeProblems(to: &out, summary, style)
  }

  private func writeSessions(to out: inout OutputBuffer, _ summary: CaptureSummary, _ style: Style) {
    guard summary.sessions > 0 else {
      out.append("no WebSocket session\n")
      return
    }
    out.append(count: summary.sessions, "WebSocket session")
    var separator: StaticString = ": "
    for outcome in [
      HandshakeOutcome.upgraded, .invalid, .rejected, .incomplete, .notCaptured,
    ] where (outcomes[outcome] ?? 0) > 0 {
      out.append(separator)
      out.append(decimal: outcomes[outcome] ?? 0)
      out.append(" ")
      out.append(utf8: outcome.words)
      separator = ", "
    }
    out.append("\n")
    writeSide("client ▶", client, to: &out)
    writeSide("server ◀", server, to: &out)
  }

  private func writeSide(_ name: StaticString, _ counts: SideCounts, to out: inout OutputBuffer) {
    out.append("  ")
    out.append(name)
    out.append("  ")
    out.append(count: counts.messages, "message")
    out.append(" of ")
    out.append(size: counts.bytes)
    out.append(", ")
    out.append(count: counts.frames, "frame")
    out.append(" of ")
    out.append(size: counts.wireBytes)
    if counts.pings + counts.pongs > 0 {
      out.append(", ")
      out.append(count: counts.pings, "ping")
      out.append(", ")
      out.append(count: counts.pongs, "pong")
    }
    out.append("\n")
  }

  private func writeProblems(to out: inout OutputBuffer, _ summary: CaptureSummary, _ style: Style) {
    let lost = client.lostBytes &+ server.lostBytes
    let unexplained = client.unexplainedBytes &+ server.unexplainedBytes
    if lost > 0 {
      out.append("  ")
      out.append(size: lost)
      out.append(" of the sessions not in the capture\n")
    }
    if unexplained > 0 {
      out.append("  ")
      out.append(size: unexplained)
      out.append(" that belong to no frame\n")
    }
    for (severity, name) in [(Severity.violation, "violation"), (.warning, "warning"), (.note, "note")]
    where (anomalies[severity] ?? 0) > 0 {
      out.append("  ")
      out.append(decimal: anomalies[severity] ?? 0)
      out.append(" ")
      out.append(utf8: anomalies[severity] == 1 ? name : name + "s")
      out.append("\n")
    }
    for (reason, packets) in summary.undecodable {
      out.append("  ")
      out.append(count: packets, "packet")
      out.append(" not understood: ")
      out.append(utf8: reason)
      out.append("\n")
    }
    for words in summary.letGo {
      out.append("  ")
      out.append(utf8: words)
      out.append("\n")
    }
  }
}

extension HandshakeOutcome {
  var words: String { self == .notCaptured ? "without a captured handshake" : rawValue }
}

extension SideCounts {
  mutating func add(_ other: SideCounts) {
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
