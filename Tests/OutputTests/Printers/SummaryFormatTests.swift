import Testing
import WireBytes

@testable import Output
@testable import SessionAnalysis
@testable import Sessions
@testable import WebSocketDecoding

@Suite("The totals")
struct SummaryFormatTests {
  static var events: [TestEvent] {
    var total = CaptureSummary()
    (total.packets, total.bytes, total.connections, total.sessions) = (1000, 1 << 20, 12, 4)
    (total.firstTime, total.lastTime) = (Sample.start, Sample.at(9, 90_000).time)
    total.tlsConnections = 5
    total.undecodable = [("truncated_ip_header", 1)]
    total.reassembly.gapsOverLimit = 2
    let refused = Sample.handshake(Sample.request, ["HTTP/1.1 403 Forbidden"])
    return [
      Sample.closed(), Sample.closed(handshake: nil) { $0.server.counts.pongs = 1 },
      Sample.closed {
        $0.client.counts = Sample.counts(messages: 1, bytes: 2000, pings: 1, lost: 1448, unexplained: 3)
      },
      Sample.closed(handshake: refused) { ($0.client, $0.server) = (SideSummary(), SideSummary()) },
      Sample.anomaly(FramingRule.unmaskedClientFrame.rule, .client, ""),
      Sample.anomaly(FramingRule.unmaskedClientFrame.rule, .client, ""),
      Sample.anomaly(SessionRule.unsolicitedPong, .client, ""), Sample.text(.client, "never shown"),
      .ended(total),
    ]
  }

  @Test("An input without a session")
  func nothing() {
    #expect(
      summary([.ended(CaptureSummary())]) == "0 packets, 0 B; 0 TCP connections\nno WebSocket session\n")
  }

  @Test("Sessions, sides and problems are summed up")
  func sums() {
    #expect(
      summary(Self.events) == """
        1000 packets, 1.0 MiB in 90.0 s; 12 TCP connections, 5 of them TLS and not decrypted
        4 WebSocket sessions: 2 upgraded, 1 rejected, 1 without a captured handshake
          client ▶  7 messages of 2.5 KiB, 8 frames of 2.6 KiB, 1 ping, 0 pongs
          server ◀  3 messages of 6.0 KiB, 3 frames of 6.0 KiB, 0 pings, 1 pong
          1.4 KiB of the sessions not in the capture
          3 B that belong to no frame
          2 violations
          1 note
          1 packet not understood: truncated_ip_header
          2 gaps given up early

        """)
  }

  @Test("Nothing that is only shown is needed")
  func needs() {
    #expect(Printer(SummaryFormat(OutputBuffer())).needs == .totals)
  }
}
