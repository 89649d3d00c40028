import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis

@Suite("Pongs that do not repeat their pings")
struct MistakenPongTests {
  private func rules(_ script: (inout SyntheticSession) -> Void) -> [String] {
    var session = SyntheticSession()
    script(&session)
    return analyze(session.packets).rules
  }

  @Test(
    "The two payloads are compared",
    arguments: [
      ([1, 2], [9, 9], "the ping in packet 8 has 2 bytes, the pong as many, but others"),
      ([1], [], "the ping in packet 8 has 1 byte, the pong 0 bytes"),
      (
        [1, 2], [7, 7, 7, 7, 1, 2],
        "the ping in packet 8 has 2 bytes, the pong 4 before these, as many as a masking key has"
      ),
      ([1, 2], [7, 1, 2], "the ping in packet 8 has 2 bytes, the pong 1 before these"),
      ([1, 2], [1], "the ping in packet 8 has 2 bytes, the pong 1 byte"),
    ] as [([UInt8], [UInt8], String)])
  func detail(ping: [UInt8], pong: [UInt8], detail: String) {
    #expect(MistakenPong.detail(pong: pong.span, ping: ping.span, in: 8) == detail)
  }

  @Test func eachIsReportedUpToALimitAndThenCounted() {
    var session = SyntheticSession()
    for round in 0..<70 {
      session.frame(.client, .ping, [UInt8(round)])
      session.frame(.server, .pong, [UInt8(round), 0])
    }
    let heard = analyze(session.packets)
    #expect(heard.rules.filter { $0 == "pong_payload_differs" }.count == 64)
    #expect(heard.closed.first?.suppressed.map(\.count) == [70])
  }

  @Test func aPongThatRepeatsAnAnsweredPingOrALaterOneIsNone() {
    #expect(
      rules {
        for payload: [UInt8] in [[1], [2]] { $0.frame(.client, .ping, payload) }
        for payload: [UInt8] in [[2], [1]] { $0.frame(.server, .pong, payload) }
        $0.frame(.client, .ping, [3])
        $0.frame(.server, .pong, [2])
        $0.frame(.server, .pong, [3])
      } == ["unsolicited_pong"])
  }

  @Test func pongsAsAHeartbeatAnswerNothing() {
    // As .NET sends them, while a ping of the other side is on its way.
    #expect(
      rules {
        $0.frame(.client, .pong)
        $0.frame(.server, .ping, [1])
        $0.frame(.client, .pong)
        $0.frame(.client, .pong, [1])
      } == ["unsolicited_pong"])
  }

  @Test func thePingMayBeMissing() {
    #expect(
      rules {
        $0.frame(.client, .ping, [1])
        $0.lose(7, .client)
        $0.frame(.server, .pong, [2])
        $0.text(.client, "a")
        $0.frame(.server, .pong, [1])
      } == ["lost_frame_sync", "resynchronised"])
  }

  @Test func aLatePongIsCounted() {
    var session = SyntheticSession()
    for round in 0..<3 {
      session.frame(.client, .ping, [UInt8(round)])
      session.wait(seconds: 1)
    }
    for round in 0..<3 { session.frame(.server, .pong, [UInt8(round)]) }
    let beat = analyze(session.packets).closed.first?.heartbeats.first
    #expect(beat?.answered == 3 && beat?.late == 2)
  }
}
