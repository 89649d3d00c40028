import WireBytes

@testable import CaptureInput
@testable import HTTP1
@testable import SessionTimeline
@testable import WebSocketDecoding

extension PrinterCase {
  static let findings: [PrinterCase] = [
    PrinterCase(
      "a gap", .gap(Gap(side: .server, position: Sample.at(50, 4000, offset: 500), bytes: 1448)), text: "",
      json: ""),
    PrinterCase(
      "a violation", Sample.anomaly(FramingRule.unmaskedClientFrame.rule, .client, "what was seen"), text: "",
      json: ""),
    PrinterCase(
      "a warning of no side, and without a reference",
      Sample.anomaly(Rule("some_rule", .warning, "", "What it asks for."), nil, "what was seen"), text: "",
      json: ""),
    PrinterCase(
      "a note", Sample.anomaly(SessionRule.unsolicitedPong, .server, "what was seen"), text: "", json: ""),
    PrinterCase(
      "hostile text in what was seen",
      Sample.anomaly(HandshakeRule.invalidKey, .client, "the key is \"\u{1B}[31m\u{202E}\n\""), text: "",
      json: ""),
    PrinterCase(
      "bytes that were sent again",
      .retransmission(
        Retransmission(
          side: .client, position: Sample.at(60, 5000, offset: 600), bytes: 100, wasAcknowledged: false)),
      text: "", json: ""),
    PrinterCase(
      "bytes that were sent again needlessly",
      .retransmission(
        Retransmission(
          side: .server, position: Sample.at(60, 5000, offset: 600), bytes: 100, wasAcknowledged: true)),
      text: "", json: ""),
  ]

  static let captures: [PrinterCase] = [
    PrinterCase("an input without a packet", .ended(CaptureSummary()), text: "", json: ""),
    PrinterCase("one packet and one session", .ended(summary { $0.connections = 1 }), text: "", json: ""),
    PrinterCase(
      "all that can be said of an input",
      .ended(
        summary {
          ($0.packets, $0.bytes, $0.lastTime) = (1000, 123_456, Sample.at(1000, 90_000).time)
          ($0.connections, $0.sessions, $0.tlsConnections, $0.notTCP) = (12, 3, 5, 17)
          $0.undecodable = [("truncated_ip_header", 1), ("unknown_ether_type", 2)]
          $0.reassembly.retransmissions = 1
          $0.reassembly.outOfOrder = 2
          $0.reassembly.outOfWindow = 3
          $0.reassembly.afterEnd = 4
          $0.reassembly.bytesBeforeStart = 5
          $0.reassembly.invalidResets = 6
          $0.reassembly.gapsOverLimit = 7
          ($0.reassembly.connectionsGivenUp, $0.reassembly.connectionsOverLimit) = (17, 8)
          ($0.reassembly.keepAlives, $0.reassembly.capturedTwice) = (9, 10)
          $0.reassembly.zeroWindows = 11
          ($0.pickUpsLetGo, $0.messagesShortened, $0.incompleteDatagrams) = (12, 13, 14)
          $0.damage = ["a.pcap: cut within packet 1001", "hostile\u{1B}[31m"]
        }), text: "", json: ""),
    PrinterCase(
      "one of each that was let go",
      .ended(
        summary {
          ($0.reassembly.gapsOverLimit, $0.reassembly.bytesBeforeStart, $0.pickUpsLetGo) = (1, 1, 1)
          ($0.reassembly.connectionsGivenUp, $0.reassembly.connectionsOverLimit) = (2, 1)
        }), text: "", json: ""),
  ]

  private static func summary(_ change: (inout CaptureSummary) -> Void) -> CaptureSummary {
    var summary = CaptureSummary()
    (summary.packets, summary.bytes, summary.connections, summary.sessions) = (1, 100, 0, 1)
    (summary.firstTime, summary.lastTime) = (Sample.start, Sample.start)
    change(&summary)
    return summary
  }
}
