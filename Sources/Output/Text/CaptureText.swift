import Sessions
import WireBytes

/// The lines about the capture: its inputs, and its end.
enum CaptureText {
  static func write(_ event: InputChange, to lines: inout TextLines) {
    lines.write(
      [
        TextRun(
          "── \(GuardedText.of(event.file.description)), from its packet \(event.filePacket), which is \(event.packet)",
          .dim,
          isOurs: true)
      ], after: 0)
  }

  static func write(_ summary: CaptureSummary, to lines: inout TextLines) {
    lines.separate()
    for request in summary.unreadRequests { lines.write([TextRun(request.phrase)], after: 0) }
    let more = summary.unreadRequestCount &- UInt64(summary.unreadRequests.count)
    if more > 0 { lines.write([TextRun("\(more) more upgrade requests were not read")], after: 0) }
    if let routes = summary.unusedRoutesPhrase { lines.write([TextRun(routes)], after: 0) }
    lines.write([TextRun(phrases(summary).joined(separator: ", "), .dim)], after: 0)
    if let truncation = summary.truncation { lines.write([TextRun(truncation)], after: 0) }
  }

  private static func phrases(_ summary: CaptureSummary) -> [String] {
    var packets = count(summary.packets, "packet")
    if let first = summary.firstTime, let last = summary.lastTime {
      packets += " in \(TimeSpan(last.nanoseconds(since: first)).text)"
    }
    var parts = [
      packets, count(summary.connections, "TCP connection"), count(summary.sessions, "WebSocket session"),
    ]
    if summary.tlsConnections > 0 {
      parts.append(count(summary.tlsConnections, "TLS connection") + " not decrypted")
    }
    for (reason, packets) in summary.undecodable {
      parts.append(count(packets, "packet") + " not understood (\(reason))")
    }
    return parts + summary.evictionPhrases
  }

  private static func count(_ number: UInt64, _ thing: StaticString) -> String {
    String(writing: { Count(number, thing).write(to: &$0) })
  }
}
