import WireBytes

@testable import HTTP1
@testable import SessionTimeline
@testable import TCPReassembly
@testable import WebSocketDecoding

extension PrinterCase {
  static let openings: [PrinterCase] = [
    PrinterCase(
      "a handshake with all that the text shows of one",
      Sample.opened(
        Sample.handshake(
          Sample.request + [
            "Origin: https://example.com", "Sec-WebSocket-Protocol: chat, superchat",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
          ],
          Sample.response + [
            "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: permessage-deflate",
          ])), text: "", json: ""),
    PrinterCase(
      "a handshake with nothing but what is required", Sample.opened(Sample.handshake()), text: "", json: ""),
    PrinterCase(
      "a wrong accept and no reason phrase",
      Sample.opened(
        Sample.handshake(
          Sample.request,
          ["HTTP/1.1 101", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: wrong"])),
      text: "", json: ""),
    PrinterCase(
      "a refusal with the fields that explain it",
      Sample.opened(
        Sample.handshake(
          Sample.request,
          [
            "HTTP/1.1 426 Upgrade Required", "Location: /elsewhere", "Sec-WebSocket-Version: 8",
            "WWW-Authenticate: Basic realm=\"x\"",
          ])), text: "", json: ""),
    PrinterCase("no answer", Sample.opened(Sample.handshake(Sample.request, nil)), text: "", json: ""),
    PrinterCase("an answer without its request", Sample.opened(Sample.handshake(nil)), text: "", json: ""),
    PrinterCase("no handshake", Sample.opened(nil), text: "", json: ""),
    PrinterCase(
      "heads that are cut within the target and after a field",
      Sample.opened(
        Handshake(
          request: Sample.head(.client, ["GET /a/very/lo"], isCut: true),
          response: Sample.head(.server, ["HTTP/1.1 101 OK", "Upgrade: websocket", "Sec-We"], isCut: true))),
      text: "", json: ""),
    PrinterCase(
      "secrets that are hidden",
      Sample.opened(
        Sample.handshake(
          ["GET /chat?token=0123456789abcdef HTTP/1.1"] + Sample.request.dropFirst() + [
            "Cookie: sid=0123456789abcdef", "Authorization: Bearer 0123456789abcdef",
            "Origin: https://u:0123456789abcdef@example.com",
            "Sec-WebSocket-Protocol: access_token, 0123456789abcdef",
          ], Sample.response + ["Set-Cookie: sid=fedcba9876543210", "Sec-WebSocket-Protocol: access_token"]),
        hidesSecrets: true), text: "", json: ""),
    PrinterCase(
      "the first reconnect",
      Sample.opened(
        Sample.handshake(),
        reconnect: Reconnect(after: 4, count: 1, delay: 1_000_000_000, delays: [1_000_000_000], backOff: nil)),
      text: "", json: ""),
    PrinterCase("a pause that stays the same", reconnected(1000, 1000, 1000), text: "", json: ""),
    PrinterCase("a linear back-off", reconnected(1000, 2000, 3000), text: "", json: ""),
    PrinterCase(
      "an exponential back-off with a limit", reconnected(100, 200, 400, 800, 1000, 1000), text: "", json: ""),
    PrinterCase("a growing back-off", reconnected(100, 110, 500, 600), text: "", json: ""),
    PrinterCase("a pause with jitter", reconnected(600, 100, 500), text: "", json: ""),
    PrinterCase(
      "the leg before a proxy",
      Sample.opened(Sample.handshake(), leg: ProxyLeg(of: 2, isFront: true, delay: 680_000)), text: "",
      json: ""),
    PrinterCase(
      "the leg after a proxy",
      Sample.opened(Sample.handshake(), leg: ProxyLeg(of: 2, isFront: false, delay: 680_000)), text: "",
      json: ""),
    PrinterCase(
      "hostile text in every field of a handshake",
      Sample.opened(
        Sample.handshake(
          [
            "GET /\u{1B}]0;t\u{7}\u{202E}\"\\ HTTP/1.1", "Host: h\u{1B}[2J\u{9B}1m", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Key: k\u{7F}\u{200B}",
            "Sec-WebSocket-Version: 13\u{8}", "Origin: o\u{2028}\u{1B}c",
            "Sec-WebSocket-Protocol: p\u{1B}7", "Sec-WebSocket-Extensions: e\u{2066}\u{1B}8",
          ],
          [
            "HTTP/1.1 101 r\u{1B}[31m", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Accept: a\u{1B}D", "Sec-WebSocket-Protocol: q\u{1B}E",
            "Sec-WebSocket-Extensions: f\u{1B}M", "X-\u{1B}: v\u{1B}",
          ])), text: "", json: ""),
    PrinterCase(
      "hostile text in a refusal",
      Sample.opened(
        Sample.handshake(
          Sample.request,
          [
            "HTTP/1.1 302 r\u{1B}[31m", "Location: l\u{1B}D\u{202E}", "Sec-WebSocket-Version: v\u{1B}E",
            "WWW-Authenticate: w\u{1B}M",
          ])), text: "", json: ""),
  ]

  private static func reconnected(_ milliseconds: Int64...) -> TestEvent {
    let delays = milliseconds.map { $0 * 1_000_000 }
    return Sample.opened(
      Sample.handshake(),
      reconnect: Reconnect(
        after: 4, count: delays.count, delay: delays[delays.count - 1], delays: delays,
        backOff: BackOff(delays)))
  }

  static let closings: [PrinterCase] = [
    PrinterCase(
      "a closing handshake, of which the text needs no evidence",
      Sample.closed {
        $0.clientClose = Sample.closeFrame(.client, 1000, "bye", packet: 270)
        $0.serverClose = Sample.closeFrame(.server, 1000, packet: 271)
      }, text: "", json: ""),
    PrinterCase(
      "a side that sent nothing, and bytes lost and belonging to no frame on either",
      Sample.closed(.captureEnd, by: nil) {
        $0.client.counts = Sample.counts(lost: 1448, unexplained: 3)
        $0.server.counts = Sample.counts(messages: 2, bytes: 10, pings: 4, lost: 1000, unexplained: 2000)
        ($0.client.lastBytes, $0.server.lastBytes) = (nil, nil)
      }, text: "", json: ""),
    PrinterCase(
      "an idle timeout",
      Sample.closed(.fin, by: .server) {
        $0.firstFin = FirstFin(side: .server, position: Sample.at(271, 60_200), openPings: nil)
      }, text: "", json: ""),
    PrinterCase(
      "a refusal",
      Sample.closed(
        handshake: Sample.handshake(Sample.request, ["HTTP/1.1 403 Forbidden", "Content-Length: 0"])) {
          ($0.client, $0.server) = (SideSummary(), SideSummary())
        }, text: "", json: ""),
    PrinterCase(
      "no answer to the request",
      Sample.closed(.rst, by: .client, handshake: Sample.handshake(Sample.request, nil)) {
        ($0.client, $0.server) = (SideSummary(), SideSummary())
      }, text: "", json: ""),
    PrinterCase(
      "compression on both sides",
      Sample.closed(.captureEnd, by: nil) {
        ($0.client.compression.messages, $0.client.compression.bytes) = (3, 300)
        $0.client.compression.compressedBytes = 100
        ($0.server.compression.messages, $0.server.compression.bytes) = (1, 2048)
        $0.server.compression.compressedBytes = 10
      }, text: "", json: ""),
    PrinterCase(
      "heartbeats: one alone, some that were answered, some that need no answer",
      Sample.closed(.captureEnd, by: nil) {
        var single = Heartbeat(.sockJS, .server, isQuestion: false)
        single.beat(at: Sample.at(10, 100))
        var pings = Heartbeat(.ping, .server, isQuestion: true)
        for beat in 0..<3 {
          pings.beat(at: Sample.at(20, Int64(beat) * 25_000))
          if beat < 2 { pings.answer(after: Int64(beat + 1) * 700_000) }
        }
        var oneWay = Heartbeat(.stomp, .client, isQuestion: false)
        oneWay.beat(at: Sample.at(30, 0))
        oneWay.beat(at: Sample.at(31, 10_000))
        $0.heartbeats = [single, pings, oneWay]
      }, text: "", json: ""),
    PrinterCase(
      "rules that were broken too often to list",
      Sample.closed(.captureEnd, by: nil) {
        $0.suppressed = [
          (FramingRule.unmaskedClientFrame.rule, .client, 70), (FramingRule.invalidUTF8.rule, .server, 100),
        ]
      }, text: "", json: ""),
    PrinterCase(
      "the legs around a proxy, one of them still open",
      Sample.closed(.captureEnd, by: nil) {
        $0.legs = [
          leg(.key, isFinal: true, toServer: Sample.duration(300_000, 1_000_000, 2_000_000)),
          leg(.content(equal: 12, of: 13, alternatives: 2), isFront: false, isFinal: false),
        ]
      }, text: "", json: ""),
    PrinterCase(
      "legs that differ",
      Sample.closed(.captureEnd, by: nil) {
        let message = LegMessage(number: 3, hash: nil, bytes: 14, at: Sample.start)
        let other = LegMessage(number: 4, hash: nil, bytes: 15, at: Sample.start)
        $0.legs = [
          leg(
            .content(equal: 12, of: 12, alternatives: 0), isFinal: true,
            differences: [
              LegDifference(side: .client, front: message, back: nil),
              LegDifference(side: .server, front: nil, back: message),
              LegDifference(side: .server, front: message, back: other),
            ], differenceCount: 5, notCompared: 6, lost: 700)
        ]
      }, text: "", json: ""),
    PrinterCase(
      "all that TCP did",
      Sample.closed(.captureEnd, by: nil) {
        let connection = ConnectionTransport()
        var room = 100
        let notes: [TransportNote] = [
          .retransmitted(0..<1448, wasAcknowledged: false), .retransmitted(0..<100, wasAcknowledged: true),
          .late(200..<300, isPresumedLost: false), .waited(0..<10, for: 210_000_000),
          .windowClosed(0..<1), .windowOpened(0..<1, after: 40_000_000), .keepAlive, .keepAlive,
          .capturedTwice(0..<1),
        ]
        for note in notes { connection[.fromInitiator].take(note, at: Sample.at(9), &room) }
        connection[.fromInitiator].end(
          DirectionEnding(
            unconfirmed: UnconfirmedBytes(bytes: 77, repetitions: 2, time: 1_000_000_000),
            handshakeRoundTrip: 5_000_000,
            roundTrips: RoundTrips(
              count: 4, minimum: 1_000_000, maximum: 9_000_000, median: 2_000_000, percentile95: 8_000_000)))
        $0.transport = SessionTransport(connection: connection, clientIsInitiator: true)
      }, text: "", json: ""),
    PrinterCase(
      "hostile text in the reason of a refusal",
      Sample.closed(
        handshake: Sample.handshake(Sample.request, ["HTTP/1.1 403 \u{1B}[31mNo\u{202E}\u{7}"])), text: "",
      json: ""),
    PrinterCase(
      "hostile text in the reason of a Close",
      Sample.closed(.fin, by: .server) {
        $0.clientClose = Sample.closeFrame(.client, 4001, "\u{1B}[31m\u{202E}\n", packet: 270)
      }, text: "", json: ""),
  ]

  private static func leg(
    _ basis: LegComparison.Basis, isFront: Bool = true, isFinal: Bool, toServer: Distribution = Distribution(),
    differences: [LegDifference] = [], differenceCount: UInt64 = 0, notCompared: UInt64 = 0, lost: UInt64 = 0
  ) -> LegComparison {
    LegComparison(
      of: 2, isFront: isFront, basis: basis, isFinal: isFinal, matched: 20, notCompared: notCompared,
      differenceCount: differenceCount, differences: differences, lostBytes: lost, toServer: toServer,
      toClient: Distribution())
  }
}
