import Output
import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis

/// A session, and what is to be said of its end.
struct VerdictCase: Sendable, CustomTestStringConvertible {
  var what: String
  var how: SessionEnd
  var by: ClosingSide?
  /// The name of the cause in JSON.
  var cause: String?
  /// What the sentence has to say.
  var words: [String]
  var script: @Sendable (inout SyntheticSession) -> Void

  var testDescription: String { what }

  init(
    _ what: String, _ how: SessionEnd, by: ClosingSide?, cause: String? = nil, _ words: String...,
    script: @escaping @Sendable (inout SyntheticSession) -> Void
  ) {
    (self.what, self.how, self.by, self.cause) = (what, how, by, cause)
    (self.words, self.script) = (words, script)
  }

  static let all: [VerdictCase] = closing + violations + silences + resets

  static let closing: [VerdictCase] = [
    VerdictCase(
      "closing handshake", .closeHandshake, by: .client, "closed by the client with 1000 (normal closure)"
    ) {
      $0.close(.client, 1000)
      $0.close(.server, 1000)
      $0.end(.server)
    },
    VerdictCase(
      "Close frames that cross", .closeHandshake, by: .both, "closed by both sides at once",
      "by the client with 1000 (normal closure), by the server with 1001 (going away)"
    ) {
      $0.crossingCloses(.client, 1000, 1001)
      $0.end(.server)
    },
    VerdictCase(
      "Close frames that cross, the server's first", .closeHandshake, by: .both,
      "at once, with 1000"
    ) {
      $0.text(.client, "a")
      $0.crossingCloses(.server, 1000, 1000)
      $0.end(.server)
    },
    VerdictCase("Close frames, and a ping after them", .closeHandshake, by: .server, "closed by the server") {
      $0.text(.server, "a")
      $0.close(.server, 1000)
      $0.close(.client, 1000)
      $0.frame(.server, Opcode.ping, [0x70])
      $0.end(.server)
    },
    VerdictCase(
      "Close frames in two segments each that cross", .closeHandshake, by: .both,
      "closed by both sides at once"
    ) {
      $0.text(.server, "a")
      $0.crossingClosesInPieces(.client, 1000)
      $0.end(.server)
    },
    VerdictCase(
      "a Close in two segments that is answered in two", .closeHandshake, by: .client, "closed by the client"
    ) {
      let closes = [Side.client, .server].map { ($0, SyntheticSession.frame($0, Opcode.close, [3, 232])) }
      for (side, close) in closes {
        $0.send(side, Array(close[..<3]))
        $0.send(side, Array(close[3...]))
      }
      $0.end(.server)
    },
    VerdictCase(
      "a Close that answers, with data before it", .closeHandshake, by: .client, "closed by the client"
    ) {
      $0.close(.client, 1000)
      $0.send(
        .server,
        SyntheticSession.frame(.server, .text, [65]) + SyntheticSession.frame(.server, .close, [3, 232]))
      $0.end(.server)
    },
    VerdictCase("closing handshake after a long silence", .closeHandshake, by: .client, "1000") {
      $0.text(.client, "a")
      $0.wait(seconds: 60)
      $0.close(.client, 1000)
      $0.close(.server, 1000)
      $0.end(.server)
    },
    VerdictCase("Close without an answer", .closeUnanswered, by: .server, "the client never answered") {
      $0.close(.server, 1001)
      $0.end(.server)
    },
    VerdictCase(
      "FIN by a side whose ping is open, with a pong that comes too late and is answered by a RST", .rst,
      by: .server, cause: "unanswered_pings", "TCP closed by the server", "then reset by the server",
      "a ping from the server went unanswered for 1.0 s"
    ) {
      $0.text(.client, "a")
      $0.frame(.server, .ping)
      $0.wait(seconds: 1)
      $0.fin(.server)
      $0.wait(seconds: 2)
      $0.frame(.client, .pong)
      $0.rst(.server)
    },
    VerdictCase(
      "FIN without Close, on which the other side sends a Close", .fin, by: .server,
      "TCP closed by the server without a Close frame (a browser reports 1006)",
      "then a Close with 1001 (going away) from the client"
    ) {
      $0.text(.client, "a")
      $0.fin(.server)
      $0.close(.client, 1001)
      $0.fin(.client)
    },
    VerdictCase(
      "the same after a silence, with a RST", .rst, by: .server, cause: "idle_timeout",
      "TCP closed by the server without a Close frame", "then reset by the server",
      "after 60.0 s without a byte"
    ) {
      $0.text(.client, "a")
      $0.wait(seconds: 60)
      $0.fin(.server)
      $0.wait(seconds: 3)
      $0.close(.client, 1000)
      $0.rst(.server)
    },
    VerdictCase(
      "a Close after the other side's FIN, and the capture ends", .captureEnd, by: .server,
      "half-closed by the server without a Close frame",
      "then a Close with 1000 (normal closure) from the client"
    ) {
      $0.fin(.server)
      $0.close(.client, 1000)
    },
    VerdictCase(
      "Close without a code and without an answer", .closeUnanswered, by: .server,
      "closed by the server without a status code; the client never answered"
    ) {
      $0.close(.server, nil)
      $0.end(.server)
    },
    VerdictCase(
      "Close without a code when the capture ends", .captureEnd, by: .server,
      "closed by the server without a status code, not answered"
    ) {
      $0.close(.server, nil)
    },
    VerdictCase(
      "Close without a code after a FIN", .fin, by: .server,
      "then a Close without a status code from the client"
    ) {
      $0.fin(.server)
      $0.close(.client, nil)
      $0.fin(.client)
    },
    VerdictCase("FIN without Close", .fin, by: .server, "without a Close frame (a browser reports 1006)") {
      $0.text(.server, "a")
      $0.end(.server)
    },
    VerdictCase("the capture ends", .captureEnd, by: nil, "still open when the capture ended") {
      $0.text(.client, "a")
    },
    VerdictCase(
      "the capture ends after a Close", .captureEnd, by: .client, "closed by the client with 1000",
      "not answered"
    ) {
      $0.close(.client, 1000)
    },
  ]

  static let violations: [VerdictCase] = [
    VerdictCase(
      "1002 after a frame without a mask", .closeHandshake, by: .server, cause: "violation",
      "after unmasked_client_frame by the client in packet 6"
    ) {
      $0.send(.client, SyntheticSession.frame(.server, .text, [0x61]))
      $0.close(.server, 1002)
      $0.close(.client, 1002)
      $0.end(.server)
    },
    VerdictCase(
      "1007 after text that is not UTF-8, and not for another fault", .closeHandshake, by: .client,
      cause: "violation", "after invalid_utf8 by the server in packet 7"
    ) {
      $0.send(.server, [0x82, 126, 0, 1, 7])
      $0.send(.server, [0x81, 1, 0xFF])
      $0.close(.client, 1007)
      $0.close(.server, 1007)
      $0.end(.server)
    },
    VerdictCase(
      "1009 after a long message", .closeHandshake, by: .server, cause: "large_message",
      "after a message of 60000 bytes from the client in packet 6"
    ) {
      $0.frame(.client, .binary, [UInt8](repeating: 1, count: 60_000))
      $0.close(.server, 1009)
      $0.close(.client, 1009)
      $0.end(.server)
    },
    VerdictCase(
      "1009 after a message in one segment", .closeHandshake, by: .server, cause: "large_message",
      "after a message of 1000 bytes from the client in packet 7"
    ) {
      $0.text(.client, "a")
      $0.frame(.client, .binary, [UInt8](repeating: 1, count: 1000))
      $0.close(.server, 1009)
      $0.close(.client, 1009)
      $0.end(.server)
    },
    VerdictCase(
      "1009 after a message in one segment, and a fragmented one before it", .closeHandshake, by: .server,
      cause: "large_message", "after a message of 1000 bytes from the client in packet 8"
    ) {
      let pieces = [
        SyntheticSession.frame(.client, .text, [0x61]), SyntheticSession.frame(.client, .continuation),
      ]
      $0.send(.client, [0x01] + pieces[0].dropFirst() + pieces[1])
      $0.text(.server, "a")
      $0.frame(.client, .binary, [UInt8](repeating: 1, count: 1000))
      $0.close(.server, 1009)
      $0.close(.client, 1009)
      $0.end(.server)
    },
    VerdictCase(
      "1009 after a message in one segment, and a ping behind it", .closeHandshake, by: .server,
      cause: "large_message", "after the last bytes from the client in packet 7"
    ) {
      $0.frame(.client, .binary, [UInt8](repeating: 1, count: 1000))
      $0.frame(.client, .ping)
      $0.close(.server, 1009)
      $0.close(.client, 1009)
      $0.end(.server)
    },
    VerdictCase(
      "1009 of a side that went on after all of the messages, which are small", .closeHandshake, by: .server,
      "1009"
    ) {
      $0.text(.client, String(repeating: "x", count: 200))
      $0.text(.server, "a")
      $0.close(.server, 1009)
      $0.close(.client, 1009)
      $0.end(.server)
    },
    VerdictCase(
      "1009 in the middle of a message", .closeUnanswered, by: .server, cause: "large_message",
      "after 3000 of the 60000 bytes of a message from the client in packet 6"
    ) {
      let frame = SyntheticSession.frame(.client, .binary, [UInt8](repeating: 1, count: 60_000))
      $0.send(.client, Array(frame[..<1008]))
      $0.send(.client, Array(frame[1008..<3008]))
      $0.close(.server, 1009)
      $0.rst(.server)
    },
    VerdictCase(
      "FIN right after a violation", .fin, by: .server, cause: "violation",
      "after reserved_opcode by the client"
    ) {
      $0.frame(.client, Opcode(rawValue: 0x3))
      $0.end(.server)
    },
    VerdictCase("1002 without a reason to be seen", .closeHandshake, by: .server, "1002") {
      $0.text(.client, "a")
      $0.close(.server, 1002)
      $0.close(.client, 1002)
      $0.end(.server)
    },
    VerdictCase("1000 in spite of a violation", .closeHandshake, by: .server, "1000") {
      $0.frame(.client, Opcode(rawValue: 0x3))
      $0.close(.server, 1000)
      $0.close(.client, 1000)
      $0.end(.server)
    },
    VerdictCase("a violation after the Close", .closeHandshake, by: .server, "1002") {
      $0.close(.server, 1002)
      $0.frame(.client, Opcode(rawValue: 0x3))
      $0.close(.client, 1002)
      $0.end(.server)
    },
    VerdictCase(
      "a Close that is itself a fault", .closeHandshake, by: .client, "1005",
      "answered with 1002 (protocol error) after invalid_close_code in packet 6"
    ) {
      $0.close(.client, 1005)
      $0.close(.server, 1002)
      $0.end(.server)
    },
  ]

  static let silences: [VerdictCase] = [
    VerdictCase(
      "60 s of silence", .fin, by: .server, cause: "idle_timeout", "after 60.0 s without a byte",
      "perhaps an idle timeout", "nginx proxy_read_timeout", "AWS ALB"
    ) {
      $0.text(.client, "a")
      $0.wait(seconds: 60)
      $0.end(.server)
    },
    VerdictCase(
      "silence of 42 s, which is nobody's default", .fin, by: .client, cause: "silence",
      "after 42.0 s without a byte"
    ) {
      $0.text(.server, "a")
      $0.wait(seconds: 42)
      $0.end(.client)
    },
    VerdictCase("no silence", .fin, by: .client, "TCP closed by the client") {
      $0.text(.server, "a")
      $0.wait(seconds: 1)
      $0.end(.client)
    },
    VerdictCase(
      "only one side silent for 100 s", .fin, by: .server, cause: "idle_timeout",
      "after 100.0 s without a byte from the server", "Cloudflare"
    ) {
      $0.text(.server, "a")
      for _ in 0..<10 {
        $0.wait(seconds: 10)
        $0.text(.client, "b")
      }
      $0.end(.server)
    },
    VerdictCase(
      "1001 after 300 s", .closeHandshake, by: .server, cause: "idle_timeout",
      #"reason in the Close: "Idle Timeout", after 300.0 s without a byte: perhaps an idle timeout (300 s is the default of Jetty 9"#
    ) {
      $0.text(.client, "a")
      $0.wait(seconds: 300)
      $0.close(.server, 1001, "Idle Timeout")
      $0.close(.client, 1001)
      $0.end(.server)
    },
    VerdictCase("1001 by a client, whose user leaves after a while", .closeHandshake, by: .client, "1001") {
      $0.text(.client, "a")
      $0.wait(seconds: 60)
      $0.close(.client, 1001)
      $0.close(.server, 1001)
      $0.end(.server)
    },
    VerdictCase(
      "pings without an answer", .fin, by: .client, cause: "unanswered_pings",
      "after 2 pings from the client went unanswered for 40.0 s"
    ) {
      $0.text(.server, "a")
      $0.frame(.client, .ping, [1])
      $0.wait(seconds: 20)
      $0.frame(.client, .ping, [2])
      $0.wait(seconds: 20)
      $0.end(.client)
    },
    VerdictCase(
      "a heartbeat of the application without an answer", .fin, by: .client, cause: "unanswered_pings",
      "after a Phoenix heartbeat from the client went unanswered for 20.0 s"
    ) {
      $0.text(.client, "[null,\"1\",\"phoenix\",\"heartbeat\",{}]")
      $0.text(.server, "[null,\"1\",\"phoenix\",\"phx_reply\",{}]")
      $0.wait(seconds: 30)
      $0.text(.client, "[null,\"2\",\"phoenix\",\"heartbeat\",{}]")
      $0.wait(seconds: 20)
      $0.end(.client)
    },
    VerdictCase(
      "two heartbeats of the application that are answered after the Close", .closeHandshake, by: .client,
      cause: "unanswered_pings", "after 2 heartbeats from the client went unanswered for 20.0 s"
    ) {
      $0.text(.client, "ping")
      $0.text(.server, "pong")
      for _ in 0..<2 {
        $0.wait(seconds: 10)
        $0.text(.client, "ping")
      }
      $0.wait(seconds: 10)
      $0.close(.client, 1000)
      $0.text(.server, "pong")
      $0.close(.server, 1000)
      $0.end(.client)
    },
    VerdictCase(
      "heartbeats of an application that nobody ever answered", .fin, by: .server, cause: "silence",
      "after 4.0 s without a byte"
    ) {
      for _ in 0..<3 {
        $0.wait(seconds: 3)
        $0.text(.server, "{\"type\":\"ping\"}")
      }
      $0.wait(seconds: 4)
      $0.end(.server)
    },
    VerdictCase("a heartbeat that its sender's peer closes on", .fin, by: .client, "TCP closed by the client")
    {
      $0.text(.server, "2")
      $0.text(.client, "3")
      $0.text(.server, "2")
      $0.wait(seconds: 1)
      $0.end(.client)
    },
    VerdictCase(
      "a pong that comes after the Close", .closeHandshake, by: .client, cause: "unanswered_pings",
      "after a ping from the client went unanswered for 20.0 s"
    ) {
      $0.frame(.client, .ping, [1])
      $0.wait(seconds: 20)
      $0.close(.client, 1011, "keepalive ping timeout")
      $0.frame(.server, .pong, [1])
      $0.close(.server, 1011)
      $0.end(.client)
    },
  ]

  static let resets: [VerdictCase] = [
    VerdictCase(
      "a side that stopped acknowledging", .rst, by: .server, cause: "peer_vanished",
      "after the client had stopped acknowledging: 7 bytes retransmitted 4 times within 30.0 s"
    ) {
      $0.text(.client, "a")
      $0.text(.server, "hello")
      for _ in 0..<4 {
        $0.wait(seconds: 10)
        $0.tcp.serverNext &-= 7
        $0.text(.server, "hello")
      }
      $0.wait(seconds: 60)
      $0.rst(.server)
    },
    VerdictCase(
      "RST after data that nothing answered", .rst, by: .server, cause: "unread_data",
      "TCP reset by the server",
      "perhaps without having read the last bytes from the client, in packet 7"
    ) {
      $0.text(.server, "a")
      $0.text(.client, "b")
      $0.rst(.server)
    },
    VerdictCase("RST by who spoke last", .rst, by: .server, "TCP reset by the server") {
      $0.text(.client, "b")
      $0.text(.server, "a")
      $0.rst(.server)
    },
    VerdictCase(
      "a RST that follows a FIN", .rst, by: .server, "TCP closed by the server", "then reset by the client"
    ) {
      $0.text(.client, "b")
      $0.fin(.server)
      $0.rst(.client)
    },
  ]
}

@Suite struct VerdictTests {
  @Test("How a session ended, who ended it, and what led to it", arguments: VerdictCase.all)
  func verdict(_ test: VerdictCase) throws {
    var session = SyntheticSession()
    test.script(&session)
    let heard = analyze(session.packets)
    try #require(heard.closed.count == 1)
    let verdict = heard.closed[0].verdict
    #expect(verdict.how == test.how)
    #expect(verdict.closedBy == test.by)
    #expect(verdict.cause?.name == test.cause)
    for words in test.words { #expect(verdict.sentence.contains(words), "\(verdict.sentence)") }
  }

  @Test("A verdict does not change with the packets of other connections", arguments: VerdictCase.all)
  func amongOthers(_ test: VerdictCase) throws {
    var session = SyntheticSession()
    test.script(&session)
    let alone = analyze(session.packets).closed
    // After every packet two Close frames of another connection, whose handshake was not captured.
    var packets = session.packets
    for (index, packet) in session.packets.enumerated() {
      let ends = (TestEndpoint("10.0.0.1", UInt16(42_000 + index)), TestEndpoint("10.0.0.3", 80))
      var other = TCPConversation(client: ends.0, server: ends.1, start: packet.time)
      other.interval = 1
      other.now.nanoseconds += 1
      other.send(from: .server, SyntheticSession.frame(.server, Opcode.close, [3, 232]))
      other.send(from: .client, SyntheticSession.frame(.client, Opcode.close, [3, 232]))
      packets += other.packets
    }
    let heard = analyze(packets)
    let number = heard.opened.first { $0.client.port == 40_000 }?.session.number
    let among = heard.closed.filter { $0.session.number == number }
    try #require(alone.count == 1 && among.count == 1)
    #expect(among[0].verdict.how == alone[0].verdict.how)
    #expect(among[0].verdict.closedBy == alone[0].verdict.closedBy)
    #expect(among[0].verdict.cause?.name == alone[0].verdict.cause?.name)
  }

  @Test(
    "An upgrade request that is not answered, and how its connection ended",
    arguments: [
      (0, "no response to the upgrade request was captured"),
      (1, "no response to the upgrade request was captured; reset by the server 30.0 s after the request"),
      (
        2,
        "no response to the upgrade request was captured; TCP closed by the client 30.0 s after the request"
      ),
    ])
  func unanswered(end: Int, sentence: String) {
    var tcp = TCPConversation()
    tcp.handshake()
    let request =
      "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(SyntheticSession.key)\r\n\r\n"
    tcp.send(from: .client, request.utf8)
    tcp.wait(milliseconds: 30_000)
    if end == 1 { tcp.rst(from: .server) }
    if end == 2 {
      tcp.fin(from: .client)
      tcp.wait(milliseconds: 5000)
      tcp.fin(from: .server)
    }
    #expect(analyze(tcp.packets).closed.first?.verdict.sentence == sentence)
  }

  @Test func evidenceStandsInTheOrderOfThePackets() {
    var session = SyntheticSession()
    session.text(.client, "a")
    session.fin(.server)
    session.wait(seconds: 5)
    session.text(.client, "more")
    session.rst(.server)
    #expect(
      analyze(session.packets).closed.first?.verdict.evidenceLines == [
        "packet 7: FIN from the server", "packet 8: the last bytes from the client, sent after that",
        "packet 9: RST from the server",
      ])
  }

  @Test func whatOnlyMayBeTheCauseIsSaidToBePerhaps() {
    let guesses: [Cause] = [
      .serverRestart(others: 3, said: true), .serverRestart(others: 3, said: false),
      .silence(60_000_000_000, of: nil, timeouts: IdleTimeout.matching(60_000_000_000)),
      .unreadData(by: .server, packet: 1),
    ]
    #expect(guesses.allSatisfy { $0.phrase.contains("perhaps") })
  }

  @Test(
    "Sessions that a server ends within a second", arguments: [(1012, true), (1001, true), (1000, false)])
  func restart(code: Int, isRestart: Bool) {
    var packets: [Packet] = []
    for index in 0..<5 {
      var session = SyntheticSession(clientPort: 40_000 + UInt16(index))
      session.close(.server, UInt16(code))
      session.close(.client, UInt16(code))
      session.end(.server)
      packets += session.packets
    }
    let causes = analyze(packets).closed.map { $0.verdict.cause?.name }
    // The first of them cannot know of the others.
    #expect(causes == [nil, nil] + (0..<3).map { _ in isRestart ? "server_restart" : nil })
  }

  @Test(
    "Sessions that end at once without a Close: the process of the server, unless each has a cause of its own",
    arguments: [
      (0.0, false, "server_restart"), (7, false, "server_restart"), (60, false, "idle_timeout"),
      (7, true, "unanswered_pings"),
    ])
  func crash(silence: Double, pings: Bool, cause: String) {
    var packets: [Packet] = []
    for index in 0..<5 {
      var session = SyntheticSession(clientPort: 40_000 + UInt16(index))
      session.text(.client, "a")
      if pings { session.frame(.server, .ping) }
      session.wait(seconds: silence)
      if index % 2 == 0 { session.end(.server) } else { session.rst(.server) }
      packets += session.packets
    }
    let causes = analyze(packets).closed.map { $0.verdict.cause?.name }
    #expect(causes.count == 5 && causes.suffix(2).allSatisfy { $0 == cause }, "\(causes)")
  }

  @Test func sessionsOfAServerThatEndOneAfterAnotherAreNoRestart() {
    var packets: [Packet] = []
    for index in 0..<5 {
      var session = SyntheticSession(
        clientPort: 40_000 + UInt16(index), start: CaptureTime.testStart.advanced(milliseconds: index * 1100))
      session.close(.server, 1001)
      session.close(.client, 1001)
      session.end(.server)
      packets += session.packets
    }
    #expect(analyze(packets).closed.allSatisfy { $0.verdict.cause == nil })
  }
}
