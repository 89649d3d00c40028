import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis
@testable import Sessions

@Suite("What only one copy of a translated connection has")
struct ConnectionCopiesTests {
  private func heard(_ script: (inout TranslatedSession) -> Void) -> Heard {
    var session = TranslatedSession()
    session.text(.client, "one")
    session.text(.server, "two")
    script(&session)
    return analyze(session.packets)
  }

  private func close(_ heard: Heard) throws -> SessionClose {
    #expect(heard.opened.count == 1)
    return try #require(heard.closed.first)
  }

  private func finding(_ heard: Heard) -> String? {
    heard.anomalies.first { $0.anomaly.rule == SessionRule.notForwarded }?.anomaly.detail
  }

  @Test func nothingIsSaidWhereBothHaveAll() throws {
    let heard = heard { session in
      session.both(.client) { $0.fin(from: .client) }
      session.both(.server) { $0.fin(from: .server) }
    }
    let closed = try close(heard)
    #expect(heard.rules == ["address_translated"])
    #expect((closed.client.messages, closed.server.messages) == (1, 1))
    #expect(closed.verdict.how == .fin && closed.verdict.closedBy == .client)
    // The last FIN is captured on the far side first.
    #expect(closed.position.packet == 17)
  }

  @Test func whatWasNotSentOnAndTheAnswerOfTheHostBelongToTheSession() throws {
    let heard = heard { session in
      session.wait(seconds: 400)
      session.onlyNear {
        $0.text(from: .client, "three")
        $0.rst(from: .server)
      }
    }
    let closed = try close(heard)
    #expect((closed.client.messages, closed.server.messages) == (2, 1))
    #expect(closed.verdict.how == .rst && closed.verdict.closedBy == .server)
    #expect(closed.verdict.cause?.name == "connection_forgotten")
    #expect(closed.position.packet == 16)
    #expect(
      finding(heard) == """
        packet 15 for 10.0.0.2:80 did not go on to 10.0.1.2:9000; the RST in packet 16 was captured only as \
        10.0.0.2:80 → 10.0.0.1:40000: most likely the translating host itself sent it
        """)
  }

  @Test func evenTheFirstMessage() throws {
    var session = TranslatedSession()
    session.onlyNear {
      $0.text(from: .client, "one")
      $0.rst(from: .server)
    }
    let closed = try close(analyze(session.packets))
    #expect(closed.client.messages == 1 && closed.client.streamBytes == 9)
  }

  @Test func aResetThatWasNotSentOnEndsTheSession() throws {
    let heard = heard { session in session.onlyNear { $0.rst(from: .client) } }
    let closed = try close(heard)
    #expect(closed.verdict.how == .rst && closed.verdict.closedBy == .client)
    #expect(finding(heard) == "the RST in packet 15 for 10.0.0.2:80 did not go on to 10.0.1.2:9000")
  }

  @Test func theEndOfTheCaptureIsNotBlamedOnTheHost() throws {
    let heard = heard { session in session.onlyNear { $0.text(from: .client, "three") } }
    let closed = try close(heard)
    #expect(closed.verdict.how == .captureEnd && closed.client.messages == 2)
    #expect(finding(heard) == "packet 15 for 10.0.0.2:80 was not captured going on to 10.0.1.2:9000")
  }

  @Test func whatTheCaptureMissedOnOneSideIsReadFromTheOther() throws {
    let heard = heard { session in
      let missed = Array(frame(0x81, Array("missed".utf8), isMasked: true))
      session.onlyNear { $0.send(from: .client, missed) }
      session.far.lose(missed.count, from: .client)
      session.text(.server, "answer")
      session.text(.client, "after it")
      session.text(.server, "answer")
      session.both(.client) { $0.fin(from: .client) }
      session.both(.server) { $0.fin(from: .server) }
    }
    let closed = try close(heard)
    // These messages are all masked with one key.
    #expect(heard.rules == ["address_translated", "constant_masking_key"])
    #expect((closed.client.messages, closed.server.messages) == (3, 3))
    #expect(closed.client.lostBytes == 0 && closed.client.unexplainedBytes == 0)
  }

  @Test func whatIsMoreThanCanBeKeptIsCounted() throws {
    let heard = heard { session in
      session.onlyNear { tcp in
        for _ in 0..<20 {
          tcp.send(from: .client, frame(0x82, Array(repeating: 7, count: 20_000), isMasked: true))
        }
        tcp.rst(from: .server)
      }
    }
    let closed = try close(heard)
    #expect(closed.client.messages > 10 && closed.client.lostBytes > 100_000)
    // 9 bytes of "one", and 8 of each header.
    #expect(closed.client.streamBytes == 9 + 20 * 20_008)
  }

  @Test("The session ends where one copy ended long before the other", arguments: [(2, 1), (0, 0)])
  func laterEnd(seconds: Int, isFirst: Int) throws {
    let heard = heard { session in
      session.onlyNear { $0.rst(from: .server) }
      session.wait(seconds: seconds)
      session.far.now = session.near.now
      session.far.rst(from: .client)
    }
    let closed = try close(heard)
    #expect(closed.verdict.closedBy == (isFirst == 1 ? .server : .client))
    #expect((finding(heard) != nil) == (isFirst == 1))
  }

  @Test(
    "Recorded: a host that had forgotten the translation, and one that rejects",
    arguments: [
      ("nat-forgotten", "connection_forgotten", 4, 3, 34), ("nat-reject", nil, 6, 5, 46),
    ] as [(String, String?, UInt64, UInt64, UInt64)])
  func recorded(name: String, cause: String?, client: UInt64, server: UInt64, packet: UInt64) throws {
    let heard = analyze(try packets(ofCase: "proxy/\(name)"))
    let closed = try close(heard)
    #expect((closed.client.messages, closed.server.messages) == (client, server))
    #expect(closed.verdict.how == .rst && closed.position.packet == packet)
    #expect(closed.closedBy == nil)
    #expect(closed.verdict.cause?.name == cause)
    #expect(
      finding(heard)?.hasPrefix("packet \(packet - 1) for 10.77.1.1:7998 did not go on to 10.77.2.2:9004; ")
        == true)
  }
}
