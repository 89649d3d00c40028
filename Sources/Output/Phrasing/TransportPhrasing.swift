import SessionAnalysis
import TCPReassembly
import WireBytes

extension MessageTransport {
  /// `packets 8 to 12 within 3.2 ms`, `1448 B sent again`, `waited 210 ms behind a gap`; empty for a message that came in one
  /// packet and in its turn.
  var phrases: [String] {
    var parts: [String] = []
    if firstPacket != lastPacket {
      parts.append("packets \(firstPacket) to \(lastPacket) within \(TimeSpan(duration).text)")
    }
    if retransmittedBytes > 0 { parts.append("\(retransmittedBytes) B sent again") }
    if presumedRetransmittedBytes > 0 {
      parts.append("\(presumedRetransmittedBytes) B late, presumably sent again")
    }
    let late = lateBytes &- presumedRetransmittedBytes
    if late > 0 { parts.append("\(late) B out of order") }
    if waited > 0 { parts.append("waited \(TimeSpan(waited).text) behind a gap") }
    if zeroWindow {
      let time = zeroWindowTime > 0 ? " for \(TimeSpan(zeroWindowTime).text)" : ""
      parts.append("the receiver's window was zero\(time)")
    }
    return parts
  }
}

extension TransportSummary {
  /// What TCP did in one direction of a session, a phrase for each thing worth saying.
  var phrases: [String] {
    var parts: [String] = []
    if let handshake = ending?.handshakeRoundTrip {
      parts.append("round trip \(TimeSpan(handshake).text) in the handshake")
    }
    if let times = ending?.roundTrips, times.count > 0 {
      parts.append(
        "\(TimeSpan(times.median).text) later (\(TimeSpan(times.minimum).text) to "
          + "\(TimeSpan(times.maximum).text), 95 %: \(TimeSpan(times.percentile95).text))")
    }
    if retransmissions > 0 {
      parts.append("\(retransmittedBytes) B sent again in \(count(retransmissions, "segment"))")
    }
    if spuriousBytes > 0 { parts.append("\(spuriousBytes) B of them needlessly") }
    if lateBytes > 0 { parts.append("\(lateBytes) B late") }
    if longestWait > 0 { parts.append("up to \(TimeSpan(longestWait).text) behind a gap") }
    if zeroWindows > 0 {
      let times = zeroWindows == 1 ? "once" : "\(zeroWindows) times"
      parts.append(
        "the receiver's window was zero \(times), \(TimeSpan(zeroWindowTime).text) in all")
    }
    if keepAlives > 0 { parts.append(count(keepAlives, "keep-alive probe")) }
    if capturedTwice > 0 { parts.append("\(count(capturedTwice, "segment")) captured twice") }
    return parts
  }

  private func count(_ number: UInt64, _ thing: StaticString) -> String {
    String(writing: { Count(number, thing).write(to: &$0) })
  }
}
