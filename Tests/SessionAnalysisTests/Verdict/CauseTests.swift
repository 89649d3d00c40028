import Output
import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis

extension VerdictCase {
  static let weighed: [VerdictCase] =
    tolerated + reasons + survived + forgotten + probes + refusedAnswers

  private static func unmasked(_ text: String) -> [UInt8] {
    SyntheticSession.frame(.server, .text, Array(text.utf8))
  }

  private static let tolerated: [VerdictCase] = [
    VerdictCase("FIN after an answer to what broke a rule", .fin, by: .server, "TCP closed by the server") {
      $0.send(.client, unmasked("a"))
      $0.text(.server, "ok")
      $0.end(.server)
    },
    VerdictCase(
      "FIN long after a violation", .fin, by: .server, cause: "silence", "after 42.0 s without a byte"
    ) {
      $0.send(.client, unmasked("a"))
      $0.wait(seconds: 42)
      $0.end(.server)
    },
    VerdictCase(
      "1002 after a violation, with a message of the server that was on its way", .closeHandshake,
      by: .server,
      cause: "violation", "after unmasked_client_frame by the client in packet 6"
    ) {
      $0.send(.client, unmasked("a"))
      $0.text(.server, "tick")
      $0.close(.server, 1002)
      $0.close(.client, 1002)
      $0.end(.server)
    },
    VerdictCase(
      "1002 after a rule was broken for the third time, and another one for the first", .closeHandshake,
      by: .server,
      cause: "violation", "after reserved_opcode by the client in packet 10"
    ) {
      for _ in 0..<2 {
        $0.send(.client, unmasked("a"))
        $0.text(.server, "ok")
        $0.wait(seconds: 1)
      }
      $0.frame(.client, Opcode(rawValue: 0x3))
      $0.send(.client, unmasked("a"))
      $0.close(.server, 1002)
      $0.close(.client, 1002)
      $0.end(.server)
    },
    VerdictCase("1002 after what had been answered before", .closeHandshake, by: .server, "1002") {
      for _ in 0..<3 {
        $0.send(.client, unmasked("a"))
        $0.text(.server, "ok")
        $0.wait(seconds: 1)
      }
      $0.send(.client, unmasked("a"))
      $0.close(.server, 1002)
      $0.close(.client, 1002)
      $0.end(.server)
    },
    VerdictCase("1008 without a reason, long after a violation", .closeHandshake, by: .server, "1008") {
      $0.send(.client, unmasked("a"))
      $0.text(.server, "ok")
      $0.wait(seconds: 61.7)
      $0.text(.client, "b")
      $0.close(.server, 1008)
      $0.close(.client, 1008)
      $0.end(.server)
    },
    VerdictCase(
      "more violations than are reported", .fin, by: .server, cause: "violation",
      "after unmasked_client_frame by the client in packet 105"
    ) {
      for _ in 0..<100 { $0.send(.client, unmasked("a")) }
      $0.end(.server)
    },
  ]

  private static let reasons: [VerdictCase] = [
    VerdictCase(
      "a reason of the application after 60 s", .closeHandshake, by: .server, cause: "close_reason",
      #"closed by the server with 4001, reason in the Close: "token expired""#
    ) {
      $0.text(.client, "a")
      $0.wait(seconds: 60)
      $0.close(.server, 4001, "token expired")
      $0.close(.client, 4001)
      $0.end(.server)
    },
    VerdictCase(
      "a reason that is about time", .closeHandshake, by: .server, cause: "close_reason",
      #"with 4001, reason in the Close: "Idle timeout", after 60.0 s without a byte"#
    ) {
      $0.text(.client, "a")
      $0.wait(seconds: 60)
      $0.close(.server, 4001, "Idle timeout")
      $0.close(.client, 4001)
      $0.end(.server)
    },
    VerdictCase(
      "a reason that is about time which the packets do not show", .closeHandshake, by: .server,
      cause: "close_reason",
      #"reason in the Close: "session timeout""#
    ) {
      $0.text(.client, "a")
      $0.close(.server, 4001, "session timeout")
      $0.close(.client, 4001)
      $0.end(.server)
    },
    VerdictCase("the words of the code as a reason", .closeHandshake, by: .server, "1001") {
      $0.text(.client, "a")
      $0.close(.server, 1001, "Going away")
      $0.close(.client, 1001)
      $0.end(.server)
    },
    VerdictCase(
      "Jetty's timeout", .closeHandshake, by: .server, cause: "idle_timeout",
      #"reason in the Close: "Connection Idle Timeout", after 30.0 s without a byte: perhaps an idle timeout (30 s is the default of Jetty"#
    ) {
      $0.text(.client, "a")
      $0.wait(seconds: 30)
      $0.close(.server, 1001, "Connection Idle Timeout")
      $0.close(.client, 1001)
      $0.end(.server)
    },
    VerdictCase(
      "a Close that no proxy sends after 60 s", .closeHandshake, by: .server, cause: "silence",
      "closed by the server with 1011 (internal error), after 60.0 s without a byte"
    ) {
      $0.text(.client, "a")
      $0.wait(seconds: 60)
      $0.close(.server, 1011)
      $0.close(.client, 1011)
      $0.end(.server)
    },
    VerdictCase(
      "a reason that is about pings which were not answered", .closeHandshake, by: .server,
      cause: "unanswered_pings",
      #"reason in the Close: "keepalive ping timeout", after a ping from the server went unanswered for 20.0 s"#
    ) {
      $0.frame(.server, .ping, [1])
      $0.wait(seconds: 20)
      $0.close(.server, 1011, "keepalive ping timeout")
      $0.close(.client, 1011)
      $0.end(.server)
    },
    VerdictCase(
      "a reason for the normal closure", .closeHandshake, by: .server, cause: "close_reason",
      #"with 1000 (normal closure), reason in the Close: "logged in elsewhere""#
    ) {
      $0.text(.client, "a")
      $0.close(.server, 1000, "logged in elsewhere")
      $0.close(.client, 1000)
      $0.end(.server)
    },
    VerdictCase("a client's goodbye", .closeHandshake, by: .client, "1000") {
      $0.text(.client, "a")
      $0.close(.client, 1000, "bye")
      $0.close(.server, 1000)
      $0.end(.server)
    },
    VerdictCase(
      "a client's heartbeat timeout", .closeHandshake, by: .client, cause: "close_reason",
      #"with 1000 (normal closure), reason in the Close: "heartbeat timeout""#
    ) {
      $0.text(.client, "a")
      $0.close(.client, 1000, "heartbeat timeout")
      $0.close(.server, 1000)
      $0.end(.server)
    },
    VerdictCase("the words of the code for the normal closure", .closeHandshake, by: .client, "1000") {
      $0.text(.client, "a")
      $0.close(.client, 1000, "Normal Closure")
      $0.close(.server, 1000)
      $0.end(.server)
    },
    VerdictCase(
      "1002 with a reason, after what it is about", .closeHandshake, by: .server, cause: "violation",
      "reserved_opcode"
    ) {
      $0.frame(.client, Opcode(rawValue: 0x3))
      $0.close(.server, 1002, "invalid opcode")
      $0.close(.client, 1002)
      $0.end(.server)
    },
    VerdictCase(
      "1002 with a reason, and nothing to be seen of that", .closeHandshake, by: .server,
      cause: "close_reason",
      #"reason in the Close: "bad things""#
    ) {
      $0.text(.client, "a")
      $0.close(.server, 1002, "bad things")
      $0.close(.client, 1002)
      $0.end(.server)
    },
  ]

  private static let survived: [VerdictCase] = [
    VerdictCase("60 s after 100 s were survived", .fin, by: .server, "TCP closed by the server") {
      $0.text(.client, "a")
      $0.wait(seconds: 100)
      $0.text(.client, "b")
      $0.wait(seconds: 60)
      $0.end(.server)
    },
    VerdictCase("60 s after 100 s before the first message", .fin, by: .server, "TCP closed by the server") {
      $0.wait(seconds: 100)
      $0.text(.client, "b")
      $0.wait(seconds: 60)
      $0.end(.server)
    },
    VerdictCase("60 s for the third time", .fin, by: .server, "TCP closed by the server") {
      for _ in 0..<2 {
        $0.text(.client, "a")
        $0.wait(seconds: 60)
      }
      $0.text(.client, "b")
      $0.wait(seconds: 60)
      $0.end(.server)
    },
    VerdictCase("10 s for the third time, and a Close", .closeHandshake, by: .server, "1001") {
      for _ in 0..<3 {
        $0.text(.client, "a")
        $0.wait(seconds: 10)
      }
      $0.close(.server, 1001)
      $0.close(.client, 1001)
      $0.end(.server)
    },
    VerdictCase("60.2 s after 60 s", .fin, by: .server, "TCP closed by the server") {
      for seconds in [60.0, 60.2] {
        $0.text(.client, "a")
        $0.wait(seconds: seconds)
      }
      $0.end(.server)
    },
    VerdictCase("60.1 s after ten times 59.95 s", .fin, by: .server, cause: "idle_timeout", "60.1 s") {
      for _ in 0..<10 {
        $0.text(.client, "a")
        $0.wait(seconds: 59.95)
      }
      $0.text(.client, "b")
      $0.wait(seconds: 60.1)
      $0.end(.server)
    },
    VerdictCase("60 s after 59.5 s", .fin, by: .server, cause: "idle_timeout", "60.0 s") {
      for _ in 0..<2 {
        $0.text(.client, "a")
        $0.wait(seconds: 59.5)
      }
      $0.text(.client, "b")
      $0.wait(seconds: 60)
      $0.end(.server)
    },
    VerdictCase("100 s after 60 s", .fin, by: .server, cause: "idle_timeout", "Cloudflare") {
      $0.text(.client, "a")
      $0.wait(seconds: 60)
      $0.text(.server, "b")
      $0.wait(seconds: 100)
      $0.end(.server)
    },
    VerdictCase(
      "100 s of one side's silence, after as much of the other's", .fin, by: .server, cause: "idle_timeout",
      "after 100.0 s without a byte from the server"
    ) {
      for _ in 0..<20 {
        $0.wait(seconds: 10)
        $0.text(.server, "b")
      }
      $0.text(.client, "a")
      for _ in 0..<10 {
        $0.wait(seconds: 10)
        $0.text(.client, "b")
      }
      $0.end(.server)
    },
    VerdictCase(
      "a Close after 60 s, and an answer long after it", .closeHandshake, by: .server, cause: "silence",
      "60.0 s"
    ) {
      $0.text(.client, "a")
      $0.wait(seconds: 60)
      $0.close(.server, 1001)
      $0.wait(seconds: 200)
      $0.close(.client, 1001)
      $0.end(.server)
    },
  ]

  private static let forgotten: [VerdictCase] = [
    VerdictCase(
      "two messages after a long silence, then a RST", .rst, by: .client, cause: "connection_forgotten",
      "in answer to packet 7, the first bytes after 300.0 s of silence",
      "perhaps something in between had forgotten the connection (known for it: Azure Load Balancer after 240 s, NAT tables)"
    ) {
      $0.text(.server, "a")
      $0.wait(seconds: 300)
      $0.text(.server, "b")
      $0.text(.server, "c")
      $0.rst(.client)
    },
    VerdictCase("a RST after an answer to the first message", .rst, by: .server, "TCP reset by the server") {
      $0.text(.client, "a")
      $0.wait(seconds: 300)
      $0.text(.client, "b")
      $0.text(.server, "c")
      $0.rst(.server)
    },
    VerdictCase(
      "a RST after the first message was acknowledged", .rst, by: .server, cause: "unread_data",
      "perhaps without having read"
    ) {
      $0.text(.server, "a")
      $0.wait(seconds: 400)
      $0.text(.client, "b")
      $0.tcp.acknowledge(from: .server)
      $0.rst(.server)
    },
    VerdictCase(
      "a RST after keep-alive probes that were answered", .rst, by: .server, cause: "unread_data",
      "perhaps without having read"
    ) {
      opening(&$0)
      for _ in 0..<20 {
        probe(&$0, 15)
        $0.tcp.acknowledge(from: .server)
      }
      $0.wait(seconds: 10)
      $0.text(.client, "b")
      $0.rst(.server)
    },
    VerdictCase(
      "retransmissions after keep-alive probes that were answered", .rst, by: .client, cause: "peer_vanished",
      "had stopped acknowledging"
    ) {
      opening(&$0)
      for _ in 0..<20 {
        probe(&$0, 15)
        $0.tcp.acknowledge(from: .server)
      }
      $0.wait(seconds: 10)
      retransmit(&$0)
      $0.rst(.client)
    },
    VerdictCase(
      "a keep-alive probe after a long silence, answered by a RST", .rst, by: .server,
      cause: "connection_forgotten",
      "in answer to the keep-alive probe in packet 8, the first packet after 400.0 s of silence: perhaps"
    ) {
      opening(&$0)
      probe(&$0, 400)
      $0.rst(.server)
    },
    VerdictCase(
      "a keep-alive probe after 10 s, answered by a RST", .rst, by: .server, cause: "silence",
      "10.0 s without a byte"
    ) {
      opening(&$0)
      probe(&$0, 10)
      $0.rst(.server)
    },
    VerdictCase(
      "a RST after 10 s", .rst, by: .server, cause: "unread_data", "perhaps without having read"
    ) {
      $0.text(.client, "a")
      $0.wait(seconds: 10)
      $0.text(.client, "b")
      $0.rst(.server)
    },
    VerdictCase(
      "a RST after a silence that was survived before", .rst, by: .server, cause: "unread_data",
      "perhaps without having read"
    ) {
      for seconds in [400.0, 300] {
        $0.text(.client, "a")
        $0.text(.server, "b")
        $0.wait(seconds: seconds)
      }
      $0.text(.client, "b")
      $0.rst(.server)
    },
    VerdictCase(
      "retransmissions after a long silence, and a RST", .rst, by: .client, cause: "connection_forgotten",
      "after 300.0 s of silence, and then bytes from the client in packet 8 which nobody acknowledged",
      "perhaps something in between had forgotten the connection"
    ) {
      $0.text(.client, "a")
      $0.text(.server, "a")
      $0.wait(seconds: 300)
      retransmit(&$0)
      $0.rst(.client)
    },
    VerdictCase(
      "retransmissions after a long silence, and the capture ends", .captureEnd, by: nil,
      cause: "connection_forgotten",
      "still open when the capture ended, after 300.0 s of silence, and then bytes"
    ) {
      $0.text(.client, "a")
      $0.text(.server, "a")
      $0.wait(seconds: 300)
      retransmit(&$0)
    },
    VerdictCase(
      "retransmissions without a silence", .rst, by: .client, cause: "peer_vanished",
      "had stopped acknowledging"
    ) {
      $0.text(.client, "a")
      $0.text(.server, "a")
      retransmit(&$0)
      $0.rst(.client)
    },
  ]

  private static func retransmit(_ session: inout SyntheticSession) {
    session.text(.client, "late")
    for _ in 0..<4 {
      session.wait(seconds: 5)
      session.tcp.clientNext &-= 10
      session.text(.client, "late")
    }
  }

  private static let probes: [VerdictCase] = [
    VerdictCase(
      "keep-alive probes without an answer", .rst, by: .client, cause: "peer_vanished",
      "after 3 keep-alive probes from the client without an answer within 20.0 s: the server was gone"
    ) {
      opening(&$0)
      for _ in 0..<3 { probe(&$0, 10) }
      $0.rst(.client)
    },
    VerdictCase(
      "keep-alive probes of which the first ones are answered", .rst, by: .client, cause: "peer_vanished",
      "after 2 keep-alive probes from the client"
    ) {
      opening(&$0)
      for _ in 0..<2 {
        probe(&$0, 10)
        $0.tcp.acknowledge(from: .server)
      }
      for _ in 0..<2 { probe(&$0, 10) }
      $0.rst(.client)
    },
    VerdictCase(
      "keep-alive probes that are answered", .rst, by: .client, cause: "silence",
      "after 40.0 s without a byte"
    ) {
      opening(&$0)
      for _ in 0..<4 {
        probe(&$0, 10)
        $0.tcp.acknowledge(from: .server)
      }
      $0.rst(.client)
    },
    VerdictCase(
      "keep-alive probes with a byte", .rst, by: .client, cause: "peer_vanished",
      "after 5 keep-alive probes from the client"
    ) {
      opening(&$0)
      for _ in 0..<5 { probe(&$0, 1, byte: true) }
      $0.rst(.client)
    },
    VerdictCase(
      "keep-alive probes when the capture ends", .captureEnd, by: nil, cause: "peer_vanished",
      "still open when the capture ended, after 4 keep-alive probes from the client without an answer"
    ) {
      opening(&$0)
      for _ in 0..<4 { probe(&$0, 1) }
    },
  ]

  private static func opening(_ session: inout SyntheticSession) {
    session.text(.client, "a")
    session.tcp.acknowledge(from: .server)
  }

  private static func probe(_ session: inout SyntheticSession, _ seconds: Double, byte: Bool = false) {
    session.wait(seconds: seconds)
    session.tcp.clientNext &-= 1
    if byte {
      session.send(.client, [0])
    } else {
      session.tcp.acknowledge(from: .client)
      session.tcp.clientNext &+= 1
    }
  }

  private static let refusedAnswers: [VerdictCase] = [
    VerdictCase(
      "a client that sends first, and then ends", .fin, by: .client, "TCP closed by the client"
    ) {
      $0.text(.client, "a")
      $0.end(.client)
    },
    VerdictCase("a client that ends at once", .fin, by: .client, "TCP closed by the client") {
      $0.end(.client)
    },
  ]
}

extension VerdictCase {
  /// Plays the session, and compares its verdict.
  func check() throws {
    var session = SyntheticSession()
    script(&session)
    let heard = analyze(session.packets)
    try #require(heard.closed.count == 1)
    let verdict = heard.closed[0].verdict
    #expect(verdict.how == how)
    #expect(verdict.closedBy == by)
    #expect(verdict.cause?.name == cause, "\(verdict.sentence)")
    for words in self.words { #expect(verdict.sentence.contains(words), "\(verdict.sentence)") }
  }
}

@Suite("What led to an end, weighed against what was survived and tolerated")
struct CauseTests {
  @Test(arguments: VerdictCase.weighed)
  func cause(_ test: VerdictCase) throws { try test.check() }

  @Test(
    "A client that ends at once because of the server's answer",
    arguments: [
      (
        ["Sec-WebSocket-Protocol: a, b", "Origin: http://h"], "no_subprotocol",
        #"at once: it had offered "a, b" and the server selected no subprotocol (browsers must fail the connection then)"#
      ),
      (["Sec-WebSocket-Protocol: a"], "no_subprotocol", "(some clients fail the connection then)"),
      ([], nil, "TCP closed by the client"),
    ] as [([String], String?, String)])
  func subprotocol(request: [String], cause: String?, words: String) throws {
    var session = SyntheticSession(request: request)
    session.end(.client)
    let verdict = try #require(analyze(session.packets).closed.first?.verdict)
    #expect(verdict.cause?.name == cause)
    #expect(verdict.sentence.contains(words), "\(verdict.sentence)")
  }

  @Test("A session without its subprotocol that goes on, or that the server ends", arguments: [0, 1, 2])
  func acceptedSubprotocol(way: Int) throws {
    var session = SyntheticSession(request: ["Sec-WebSocket-Protocol: a"])
    if way == 0 { session.text(.client, "hello") }
    if way == 1 { session.wait(seconds: 3) }
    session.end(way == 2 ? .server : .client)
    let cause = analyze(session.packets).closed.first?.verdict.cause?.name
    #expect(cause == (way == 1 ? "silence" : nil))
  }

  @Test(
    "A client that ends at once after an answer that it must refuse",
    arguments: [
      ("AAAAAAAAAAAAAAAAAAAAAAAAAAA=", [], "wrong_accept"),
      ("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", ["Sec-WebSocket-Protocol: x"], "subprotocol_not_offered"),
    ])
  func invalidHandshake(accept: String, response: [String], rule: String) throws {
    var session = SyntheticSession(response: response, accept: accept)
    session.end(.client)
    let verdict = try #require(analyze(session.packets).closed.first?.verdict)
    #expect(verdict.cause?.name == "violation")
    #expect(
      verdict.sentence.hasSuffix("at once: a client must refuse the server's answer (\(rule) in packet 5)"),
      "\(verdict.sentence)")
  }

  @Test("Evidence names both FINs")
  func bothFins() {
    var session = SyntheticSession()
    session.text(.client, "a")
    session.end(.server)
    #expect(
      analyze(session.packets).closed.first?.verdict.evidenceLines.last
        == "FIN from the server in packet 7, from the client in packet 8")
  }
}
