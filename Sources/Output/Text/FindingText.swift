import HTTP1
import SessionAnalysis
import Sessions
import WireBytes

/// The lines of what was found rather than said: gaps, broken rules, bytes sent again.
enum FindingText {
  static func write(_ gap: Gap, in session: SessionReference, to lines: inout TextLines) {
    let columns = lines.begin(gap.position, session, gap.side)
    lines.end(
      with:
        "gap    \(Counted.text(gap.bytes, "byte")) of the stream \(gap.bytes == 1 ? "is" : "are") not in the capture",
      in: .warning, after: columns)
  }

  static func write(_ anomaly: Anomaly, in session: SessionReference, to lines: inout TextLines) {
    // The status line and the verdict, or the end of the session, say it.
    if anomaly.rule == HandshakeRule.rejected || anomaly.rule == SessionRule.legsDiffer { return }
    let columns = lines.begin(anomaly.position, session, anomaly.side)
    switch anomaly.rule.severity {
    case .violation: lines.style.write("✗ ", as: .violation, to: &lines.line)
    case .warning: lines.style.write("! ", as: .warning, to: &lines.line)
    case .note: lines.style.write("· ", as: .dim, to: &lines.line)
    }
    let reference = anomaly.rule.reference.isEmpty ? "" : " (\(anomaly.rule.reference))"
    lines.write([TextRun("\(anomaly.rule.name): \(anomaly.detail)\(reference)")], after: columns + 2)
  }

  static func write(_ event: Retransmission, in session: SessionReference, to lines: inout TextLines) {
    let columns = lines.begin(event.position, session, event.side)
    let confirmed =
      event.wasAcknowledged
      ? ", although the \(event.side.peer.name) had acknowledged \(event.bytes == 1 ? "it" : "them")" : ""
    lines.end(
      with: "again  \(Counted.text(event.bytes, "byte")) from \(event.position.offset) on\(confirmed)",
      in: .dim,
      after: columns)
  }
}
