import SessionTestSupport
import Sessions
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis
@testable import Sessions

@Suite("What is worth saying of the way that a message took")
struct MessageTransportTests {
  private func transports(_ session: SyntheticSession, _ transport: EventNeeds.Transport)
    -> [MessageTransport?]
  {
    analyze(
      session.packets, needs: EventNeeds(payloadBytes: 1 << 20, controlBytes: 1 << 20, transport: transport)
    ).transports
  }

  @Test("Of a message in several packets to which nothing happened, nothing") func undisturbed() throws {
    var session = SyntheticSession()
    session.text(.server, String(repeating: "x", count: 4000))
    session.end(.server)
    #expect(transports(session, .remarkable).map { $0 == nil } == [true])
    #expect(transports(session, .none).map { $0 == nil } == [true])
    let told = try #require(transports(session, .all).first ?? nil)
    #expect(!told.isRemarkable)
  }

  @Test("Each thing that may happen is worth it by itself") func remarkable() throws {
    var session = SyntheticSession()
    session.text(.server, "x")
    session.end(.server)
    let plain = try #require(transports(session, .all).first ?? nil)
    for change in [
      { $0.retransmittedBytes = 1 }, { $0.lateBytes = 1 }, { $0.waited = 1 }, { $0.zeroWindow = true },
    ] as [(inout MessageTransport) -> Void] {
      var changed = plain
      change(&changed)
      #expect(changed.isRemarkable)
    }
    #expect(!plain.isRemarkable)
  }
}
