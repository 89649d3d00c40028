import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis
@testable import Sessions

/// A session that breaks a rule, and one that comes as close as a session can without breaking it.
struct SessionRuleCase: Sendable, CustomTestStringConvertible {
  var rule: Rule
  var side: Side
  var what: String
  /// All that is reported of the broken one.
  var finds: [String]
  var broken: @Sendable (inout SyntheticSession) -> Void
  var kept: @Sendable (inout SyntheticSession) -> Void

  var testDescription: String { "\(rule.name): \(what)" }

  static let all: [SessionRuleCase] = [
    SessionRuleCase(
      rule: SessionRule.closeNotAnswered, side: .client, what: "both end TCP",
      finds: [
        "#1 violation close_not_answered, client, packet 8, offset 0: the Close in packet 6 has no answer before its FIN"
      ]
    ) {
      $0.close(.server, 1000)
      $0.end(.client)
    } kept: {
      $0.close(.server, 1000)
      $0.close(.client, 1000)
      $0.end(.client)
    },
    SessionRuleCase(
      rule: SessionRule.closeNotAnswered, side: .server, what: "a RST by who should answer",
      finds: [
        "#1 violation close_not_answered, server, packet 7, offset 0: the Close in packet 6 has no answer before a RST"
      ]
    ) {
      $0.close(.client, 1000)
      $0.rst(.server)
    } kept: {
      $0.close(.client, 1000)
      $0.rst(.client)
    },
    SessionRuleCase(
      rule: SessionRule.closeNotAnswered, side: .server, what: "the capture goes on",
      finds: [
        "#1 violation close_not_answered, server, packet 8, offset 0: the Close in packet 6 has no answer before its FIN"
      ]
    ) {
      $0.close(.client, 1000)
      $0.end(.server)
    } kept: {
      $0.close(.client, 1000)
      $0.fin(.client)
    },
    SessionRuleCase(
      rule: SessionRule.closeNotAnswered, side: .server, what: "the answer may be lost",
      finds: [
        "#1 violation close_not_answered, server, packet 9, offset 129: the Close in packet 7 has no answer before its FIN"
      ]
    ) {
      $0.text(.server, "a")
      $0.close(.client, 1000)
      $0.end(.server)
    } kept: {
      $0.text(.server, "a")
      $0.close(.client, 1000)
      $0.lose(4, .server)
      $0.end(.server)
    },
    SessionRuleCase(
      rule: SessionRule.closeNotAnswered, side: .server, what: "who has sent its FIN cannot answer any more",
      finds: [
        "#1 violation close_not_answered, server, packet 8, offset 0: the Close in packet 6 has no answer before its FIN"
      ]
    ) {
      $0.close(.client, 1000)
      $0.fin(.server)
      $0.fin(.client)
    } kept: {
      $0.fin(.server)
      $0.close(.client, 1000)
      $0.fin(.client)
    },
    SessionRuleCase(
      rule: SessionRule.closeNotAnswered, side: .server, what: "who fails it over a broken rule need not",
      finds: [
        "#1 violation close_not_answered, server, packet 9, offset 0: the Close in packet 7 has no answer before its FIN"
      ]
    ) {
      $0.text(.client, "a")
      $0.close(.client, 1000)
      $0.end(.server)
    } kept: {
      $0.frame(.client, Opcode(rawValue: 0x3))
      $0.close(.client, 1000)
      $0.end(.server)
    },
    SessionRuleCase(
      rule: SessionRule.closeNotAnswered, side: .client, what: "a FIN before the Close, then a RST",
      finds: [
        "#1 violation close_not_answered, client, packet 8, offset 0: the Close in packet 6 has no answer before a RST"
      ]
    ) {
      $0.close(.server, 1000)
      $0.fin(.client)
      $0.rst(.client)
    } kept: {
      $0.fin(.client)
      $0.close(.server, 1000)
      $0.rst(.client)
    },
    SessionRuleCase(
      rule: SessionRule.pingNotAnswered, side: .client, what: "it went on sending",
      finds: [
        "#1 violation ping_not_answered, client, packet 7, offset 140: the ping in packet 6 has no pong, though the side sent other frames 6 s later"
      ]
    ) {
      $0.frame(.server, Opcode.ping, [1])
      $0.wait(seconds: 6)
      $0.text(.client, "still here")
    } kept: {
      $0.frame(.server, .ping, [1])
      $0.wait(seconds: 4)
      $0.text(.client, "still here")
    },
    SessionRuleCase(
      rule: SessionRule.pingNotAnswered, side: .server, what: "only the latest needs an answer",
      finds: [
        "#1 violation ping_not_answered, server, packet 9, offset 132: the ping in packet 7 has no pong, though the side sent other frames 6 s later"
      ]
    ) {
      $0.frame(.client, Opcode.ping, [1])
      $0.frame(.client, Opcode.ping, [2])
      $0.frame(.server, Opcode.pong, [1])
      $0.wait(seconds: 6)
      $0.text(.server, "still here")
    } kept: {
      $0.frame(.client, .ping, [1])
      $0.frame(.client, .ping, [2])
      $0.frame(.server, .pong, [2])
      $0.wait(seconds: 6)
      $0.text(.server, "still here")
    },
    SessionRuleCase(
      rule: SessionRule.pingNotAnswered, side: .server, what: "after a Close nobody has to",
      finds: [
        "#1 violation ping_not_answered, server, packet 8, offset 129: the ping in packet 6 has no pong, though the side sent other frames 6 s later"
      ]
    ) {
      $0.frame(.client, Opcode.ping, [1])
      $0.wait(seconds: 6)
      $0.close(.client, 1000)
      $0.close(.server, 1000)
    } kept: {
      $0.close(.client, 1000)
      $0.frame(.client, .ping, [1])
      $0.wait(seconds: 6)
      $0.close(.server, 1000)
    },
    SessionRuleCase(
      rule: SessionRule.unsolicitedPong, side: .client, what: "no ping at all",
      finds: [
        "#1 note unsolicited_pong, client, packet 6, offset 140: no ping of the server with this payload was open"
      ]
    ) {
      $0.frame(.client, Opcode.pong)
      $0.frame(.client, Opcode.pong)
    } kept: {
      $0.frame(.server, .ping)
      $0.frame(.client, .pong)
    },
    SessionRuleCase(
      rule: SessionRule.pongPayloadDiffers, side: .server, what: "another payload",
      finds: [
        "#1 violation pong_payload_differs, server, packet 7, offset 129: the ping in packet 6 has 1 byte, the pong as many, but others"
      ]
    ) {
      $0.frame(.client, Opcode.ping, [1])
      $0.frame(.server, Opcode.pong, [2])
    } kept: {
      // A pong that was sent as a heartbeat before the ping came.
      $0.frame(.client, .ping, [1])
      $0.frame(.server, .pong)
      $0.text(.server, "a")
      $0.frame(.server, .pong, [1])
    },
    SessionRuleCase(
      rule: SessionRule.pongPayloadDiffers, side: .server, what: "another payload before the next ping",
      finds: [
        "#1 violation pong_payload_differs, server, packet 7, offset 129: the ping in packet 6 has 1 byte, the pong 0 bytes"
      ]
    ) {
      $0.frame(.client, Opcode.ping, [1])
      $0.frame(.server, Opcode.pong)
      $0.frame(.client, Opcode.ping, [2])
      $0.frame(.server, Opcode.pong, [2])
    } kept: {
      // The ping that it answers may be among the lost bytes.
      $0.text(.client, "a")
      $0.lose(7, .client)
      $0.text(.client, "b")
      $0.frame(.server, .pong, [2])
    },
  ]
}

@Suite struct SessionRuleTests {
  private func run(_ script: (inout SyntheticSession) -> Void) -> Heard {
    var session = SyntheticSession()
    script(&session)
    return analyze(session.packets)
  }

  @Test(
    "A broken rule is reported once, with its side, packet, offset and detail", arguments: SessionRuleCase.all
  )
  func broken(_ test: SessionRuleCase) {
    let heard = run(test.broken)
    #expect(heard.findings == test.finds)
    let found = heard.anomalies.filter { $0.anomaly.rule == test.rule }
    #expect(found.count == 1)
    #expect(found.first?.anomaly.side == test.side)
    #expect(found.first?.anomaly.position.packet ?? 0 > 5)
  }

  @Test("A session that only comes close is not reported", arguments: SessionRuleCase.all)
  func kept(_ test: SessionRuleCase) {
    #expect(!run(test.kept).rules.contains(test.rule.name))
  }

  @Test func whatIsShownOfControlFramesIsLimitedAndTheAnalysisIsNot() {
    var session = SyntheticSession()
    session.frame(.client, .ping, Array("0123456789".utf8))
    session.frame(.server, .pong, Array("0123456789".utf8))
    session.close(.client, 1001, "going away now")
    let heard = analyze(session.packets, needs: EventNeeds(payloadBytes: 16 << 20, controlBytes: 3))
    #expect(heard.shownControlBytes == [3, 3, 5])
    #expect(heard.controls[1].answers != nil)
    #expect(heard.controls[2].closeCode == 1001)
  }
}
