import SessionTestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import Sessions

@Suite("What outputs need")
struct EventNeedsTests {
  /// Messages in one piece, in several frames, in several packets, cut off, and with a gap.
  private static var session: SyntheticSession {
    var session = SyntheticSession()
    session.text(.client, "one")
    session.text(.server, "")
    session.send(.server, [0x01, 2] + Array("tw".utf8) + [0x80, 1] + Array("o".utf8))
    let large = SyntheticSession.frame(.client, .binary, [UInt8](repeating: 7, count: 3000))
    session.send(.client, Array(large[..<1000]))
    session.send(.client, Array(large[1000...]))
    let torn = SyntheticSession.frame(.server, .binary, [UInt8](repeating: 8, count: 100))
    session.send(.server, Array(torn[..<40]))
    session.lose(30, .server)
    session.send(.server, Array(torn[70...]))
    session.frame(.client, .ping, [1])
    session.text(.server, "last")
    session.send(.server, [0x01, 50] + Array("never whole".utf8))
    session.end(.client)
    return session
  }

  @Test("Messages that nobody wants are decoded and counted all the same")
  func totals() throws {
    let wanted = analyze(Self.session.packets)
    let unwanted = analyze(Self.session.packets, needs: .totals)
    #expect(wanted.transports.count == 7)
    #expect(unwanted.transports.isEmpty)
    let (all, none) = (try #require(wanted.closed.first), try #require(unwanted.closed.first))
    #expect("\(none.client)" == "\(all.client)")
    #expect("\(none.server)" == "\(all.server)")
    #expect(none.verdict.ending == all.verdict.ending)
    #expect(unwanted.anomalies.map(\.anomaly.rule) == wanted.anomalies.map(\.anomaly.rule))
  }

  @Test("A stage in front of an output adds its needs, and takes none away")
  func union() {
    let text = EventNeeds(payloadBytes: 80, controlBytes: 20, transport: .remarkable)
    let all = EventNeeds(payloadBytes: 7, controlBytes: 125, frames: true, transport: .all, details: false)
    let both = EventNeeds(payloadBytes: 80, controlBytes: 125, frames: true, transport: .all)
    #expect(text.union(all) == both)
    #expect(all.union(text) == both)
    for needs in [text, all, .totals] {
      #expect(needs.union(needs) == needs)
      #expect(needs.union(.totals) == needs)
    }
  }
}
