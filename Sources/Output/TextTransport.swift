import SessionTimeline
import TCPReassembly
import WireBytes

/// What TCP did to messages and sessions, with `--tcp`.
extension TextLines {
  /// `tcp: packets 8 to 12 within 3.2 ms, 1448 B sent again, waited 210 ms behind a hole`; nothing for a message that came
  /// in one packet and in its turn.
  mutating func write(_ transport: MessageTransport) {
    var parts: [String] = []
    if transport.firstPacket != transport.lastPacket {
      parts.append(
        "packets \(transport.firstPacket) to \(transport.lastPacket) within \(words(duration: transport.duration))"
      )
    }
    if transport.retransmittedBytes > 0 { parts.append("\(transport.retransmittedBytes) B sent again") }
    if transport.presumedRetransmittedBytes > 0 {
      parts.append("\(transport.presumedRetransmittedBytes) B late, presumably sent again")
    }
    let late = transport.lateBytes &- transport.presumedRetransmittedBytes
    if late > 0 { parts.append("\(late) B out of order") }
    if transport.waited > 0 { parts.append("waited \(words(duration: transport.waited)) behind a hole") }
    if transport.zeroWindow {
      let time = transport.zeroWindowTime > 0 ? " for \(words(duration: transport.zeroWindowTime))" : ""
      parts.append("the receiver's window was zero\(time)")
    }
    guard !parts.isEmpty else { return }
    writeIndented("tcp: " + parts.joined(separator: ", "), .dim)
  }

  mutating func write(_ event: Retransmission, in session: SessionReference) {
    let columns = begin(event.position, session, event.side)
    let confirmed = event.wasAcknowledged ? ", although the \(event.side.peer.name) had confirmed them" : ""
    out.append(style.on(.dim))
    writeRest(
      "again  \(event.bytes) bytes from \(event.position.offset) on\(confirmed)", from: columns)
    out.append(style.off)
  }

  mutating func writeTransport(of event: SessionClose) {
    guard let transport = event.transport else { return }
    for side in Side.allCases {
      let found = transport.summary(of: side)
      if found.isEmpty { continue }
      writeIndented("tcp \(side == .client ? "▶" : "◀"): " + words(found).joined(separator: ", "), .dim)
    }
  }

  private func words(_ summary: TransportSummary) -> [String] {
    var parts: [String] = []
    if let handshake = summary.ending?.handshakeRoundTrip {
      parts.append("round trip \(words(duration: handshake)) in the handshake")
    }
    if let times = summary.ending?.roundTrips, times.count > 0 {
      parts.append(
        "\(words(duration: times.median)) later (\(words(duration: times.minimum)) to "
          + "\(words(duration: times.maximum)), 95 %: \(words(duration: times.percentile95)))")
    }
    if summary.retransmissions > 0 {
      parts.append("\(summary.retransmittedBytes) B sent again in \(summary.retransmissions) segments")
    }
    if summary.spuriousBytes > 0 { parts.append("\(summary.spuriousBytes) B of them needlessly") }
    if summary.lateBytes > 0 { parts.append("\(summary.lateBytes) B late") }
    if summary.longestWait > 0 {
      parts.append("up to \(words(duration: summary.longestWait)) behind holes")
    }
    if summary.zeroWindows > 0 {
      let times = summary.zeroWindows == 1 ? "once" : "\(summary.zeroWindows) times"
      parts.append(
        "the receiver's window was zero \(times), \(words(duration: summary.zeroWindowTime)) in all")
    }
    if summary.keepAlives > 0 { parts.append("\(summary.keepAlives) keep-alive probes") }
    if summary.capturedTwice > 0 { parts.append("\(summary.capturedTwice) segments captured twice") }
    return parts
  }

  private func words(duration: Int64) -> String { String(writing: { $0.append(duration: duration) }) }
}
