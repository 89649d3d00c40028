import WireBytes

@testable import CaptureInput
@testable import HTTP1
@testable import SessionAnalysis
@testable import Sessions
@testable import WebSocketDecoding

extension PrinterCase {
  static let findings: [PrinterCase] = [
    PrinterCase(
      "a gap", .gap(Gap(side: .server, position: Sample.at(50, 4000, offset: 500), bytes: 1448)),
      text: #"    50    +4.000000  #1 ◀ gap    1448 bytes of the stream are not in the capture"#,
      json: #"""
        {"event":"gap","session":1,"time":"2026-11-20T09:12:07.123456789Z","packet":50,"from":"server","bytes":1448,"stream_offset":500}
        """#),
    PrinterCase(
      "a violation", Sample.anomaly(FramingRule.unmaskedClientFrame.rule, .client, "what was seen"),
      text: #"    40    +3.000000  #1 ▶ ✗ unmasked_client_frame: what was seen (RFC 6455 §5.1)"#,
      json: #"""
        {"event":"anomaly","session":1,"time":"2026-11-20T09:12:06.123456789Z","packet":40,"from":"client","severity":"violation","rule":"unmasked_client_frame","reference":"RFC 6455 §5.1","stream_offset":400,"detail":"what was seen"}
        """#),
    PrinterCase(
      "a warning of no side, and without a reference",
      Sample.anomaly(Rule("some_rule", .warning, "", "What it asks for."), nil, "what was seen"),
      text: #"    40    +3.000000  #1   ! some_rule: what was seen"#,
      json: #"""
        {"event":"anomaly","session":1,"time":"2026-11-20T09:12:06.123456789Z","packet":40,"from":null,"severity":"warning","rule":"some_rule","reference":null,"stream_offset":400,"detail":"what was seen"}
        """#),
    PrinterCase(
      "a note", Sample.anomaly(SessionRule.unsolicitedPong, .server, "what was seen"),
      text: #"    40    +3.000000  #1 ◀ · unsolicited_pong: what was seen (RFC 6455 §5.5.3)"#,
      json: #"""
        {"event":"anomaly","session":1,"time":"2026-11-20T09:12:06.123456789Z","packet":40,"from":"server","severity":"note","rule":"unsolicited_pong","reference":"RFC 6455 §5.5.3","stream_offset":400,"detail":"what was seen"}
        """#),
    PrinterCase(
      "hostile text in what was seen",
      Sample.anomaly(HandshakeRule.invalidKey, .client, "the key is \"\u{1B}[31m\u{202E}\n\""),
      text: #"    40    +3.000000  #1 ▶ ✗ invalid_key: the key is "\x1b[31m\u{202e}\n" (RFC 6455 §4.1)"#,
      json: #"""
        {"event":"anomaly","session":1,"time":"2026-11-20T09:12:06.123456789Z","packet":40,"from":"client","severity":"violation","rule":"invalid_key","reference":"RFC 6455 §4.1","stream_offset":400,"detail":"the key is \"\u001b[31m\#u{202e}\n\""}
        """#),
    PrinterCase(
      "bytes that were sent again",
      .retransmission(
        Retransmission(
          side: .client, position: Sample.at(60, 5000, offset: 600), bytes: 100, wasAcknowledged: false)),
      text: #"    60    +5.000000  #1 ▶ again  100 bytes from 600 on"#,
      json: #"""
        {"event":"retransmission","session":1,"time":"2026-11-20T09:12:08.123456789Z","packet":60,"from":"client","bytes":100,"stream_offset":600,"acknowledged":false}
        """#),
    PrinterCase(
      "bytes that were sent again needlessly",
      .retransmission(
        Retransmission(
          side: .server, position: Sample.at(60, 5000, offset: 600), bytes: 100, wasAcknowledged: true)),
      text: #"""
            60    +5.000000  #1 ◀ again  100 bytes from 600 on, although the client had acknowledged them
        """#,
      json: #"""
        {"event":"retransmission","session":1,"time":"2026-11-20T09:12:08.123456789Z","packet":60,"from":"server","bytes":100,"stream_offset":600,"acknowledged":true}
        """#),
  ]

  static let captures: [PrinterCase] = [
    PrinterCase(
      "an input without a packet", .ended(CaptureSummary()),
      text: #"0 packets, 0 TCP connections, 0 WebSocket sessions"#,
      json: #"""
        {"event":"capture_end","packets":0,"bytes":0,"packets_truncated":0,"truncated_at":null,"first_time":null,"last_time":null,"packets_out_of_time_order":0,"connections":0,"sessions":0,"tls_connections":0,"not_tcp":0,"undecodable":{},"reassembly":{"retransmissions":0,"out_of_order":0,"out_of_window":0,"after_end":0,"bytes_before_start":0,"invalid_resets":0,"holes_over_limit":0,"connections_given_up":0,"connections_over_limit":0,"keep_alives":0,"captured_twice":0,"zero_windows":0,"incomplete_datagrams":0},"pick_ups_let_go":0,"messages_shortened":0,"drops":null,"damage":[]}
        """#),
    PrinterCase(
      "one packet and one session", .ended(summary { $0.connections = 1 }),
      text: #"1 packet in 0 ns, 1 TCP connection, 1 WebSocket session"#,
      json: #"""
        {"event":"capture_end","packets":1,"bytes":100,"packets_truncated":0,"truncated_at":null,"first_time":"2026-11-20T09:12:03.123456789Z","last_time":"2026-11-20T09:12:03.123456789Z","packets_out_of_time_order":0,"connections":1,"sessions":1,"tls_connections":0,"not_tcp":0,"undecodable":{},"reassembly":{"retransmissions":0,"out_of_order":0,"out_of_window":0,"after_end":0,"bytes_before_start":0,"invalid_resets":0,"holes_over_limit":0,"connections_given_up":0,"connections_over_limit":0,"keep_alives":0,"captured_twice":0,"zero_windows":0,"incomplete_datagrams":0},"pick_ups_let_go":0,"messages_shortened":0,"drops":null,"damage":[]}
        """#),
    PrinterCase(
      "all that can be said of an input",
      .ended(
        summary {
          ($0.packets, $0.bytes, $0.lastTime) = (1000, 123_456, Sample.at(1000, 90_000).time)
          ($0.connections, $0.sessions, $0.tlsConnections, $0.notTCP) = (12, 3, 5, 17)
          $0.undecodable = [("truncated_ip_header", 1), ("truncated_fragment", 2)]
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
          ($0.midstreamEvictions, $0.messagesShortened, $0.incompleteDatagrams) = (12, 13, 14)
          $0.damage = ["a.pcap: cut within packet 1001", "hostile\u{1B}[31m"]
        }),
      text: #"""
        1000 packets in 90.0 s, 12 TCP connections, 3 WebSocket sessions, 5 TLS connections not decrypted, 1 packet not understood (truncated_ip_header), 2 packets not understood (truncated_fragment), 7 gaps given up early, 8 connections evicted as too many, 9 connections evicted as idle, 5 bytes from before the start of connections came too late, 12 searches for frames given up
        """#,
      json: #"""
        {"event":"capture_end","packets":1000,"bytes":123456,"packets_truncated":0,"truncated_at":null,"first_time":"2026-11-20T09:12:03.123456789Z","last_time":"2026-11-20T09:13:33.123456789Z","packets_out_of_time_order":0,"connections":12,"sessions":3,"tls_connections":5,"not_tcp":17,"undecodable":{"truncated_ip_header":1,"truncated_fragment":2},"reassembly":{"retransmissions":1,"out_of_order":2,"out_of_window":3,"after_end":4,"bytes_before_start":5,"invalid_resets":6,"holes_over_limit":7,"connections_given_up":17,"connections_over_limit":8,"keep_alives":9,"captured_twice":10,"zero_windows":11,"incomplete_datagrams":14},"pick_ups_let_go":12,"messages_shortened":13,"drops":null,"damage":["a.pcap: cut within packet 1001","hostile\u001b[31m"]}
        """#),
    PrinterCase(
      "one of each that was let go",
      .ended(
        summary {
          ($0.reassembly.gapsOverLimit, $0.reassembly.bytesBeforeStart, $0.midstreamEvictions) = (1, 1, 1)
          ($0.reassembly.connectionsGivenUp, $0.reassembly.connectionsOverLimit) = (2, 1)
        }),
      text: #"""
        1 packet in 0 ns, 0 TCP connections, 1 WebSocket session, 1 gap given up early, 1 connection evicted as one too many, 1 connection evicted as idle, 1 byte from before the start of a connection came too late, 1 search for frames given up
        """#,
      json: #"""
        {"event":"capture_end","packets":1,"bytes":100,"packets_truncated":0,"truncated_at":null,"first_time":"2026-11-20T09:12:03.123456789Z","last_time":"2026-11-20T09:12:03.123456789Z","packets_out_of_time_order":0,"connections":0,"sessions":1,"tls_connections":0,"not_tcp":0,"undecodable":{},"reassembly":{"retransmissions":0,"out_of_order":0,"out_of_window":0,"after_end":0,"bytes_before_start":1,"invalid_resets":0,"holes_over_limit":1,"connections_given_up":2,"connections_over_limit":1,"keep_alives":0,"captured_twice":0,"zero_windows":0,"incomplete_datagrams":0},"pick_ups_let_go":1,"messages_shortened":0,"drops":null,"damage":[]}
        """#),
  ]

  private static func summary(_ change: (inout CaptureSummary) -> Void) -> CaptureSummary {
    var summary = CaptureSummary()
    (summary.packets, summary.bytes, summary.connections, summary.sessions) = (1, 100, 0, 1)
    (summary.firstTime, summary.lastTime) = (Sample.start, Sample.start)
    change(&summary)
    return summary
  }
}
