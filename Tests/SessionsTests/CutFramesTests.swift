import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis

@Suite("Frames of which the snapshot length left the start")
struct CutFramesTests {
  /// Every packet cut to so many bytes after the TCP header.
  private func run(_ session: SyntheticSession, payload captured: Int) -> Heard {
    let headers = session.packets[2].bytes.count
    return analyze(
      session.packets.map { packet in
        var cut = packet
        cut.bytes = Array(packet.bytes.prefix(headers + captured))
        return cut
      })
  }

  @Test("A 101 that was cut does not keep fragments after it from being read", arguments: [14, 60, 120])
  func fragments(captured: Int) throws {
    var session = SyntheticSession()
    for _ in 0..<3 {
      let half = Array(repeating: UInt8(ascii: "x"), count: 150)
      session.send(.server, [0x01, 126, 0, 150] + half)
      session.send(.server, [0x80, 126, 0, 150] + half)
      session.text(.client, "ok")
    }
    session.close(.client, 1000)
    session.close(.server, 1000)
    session.end(.server)
    let close = try #require(run(session, payload: captured).closed.first)
    #expect(close.server.messages == 3)
    #expect(close.client.messages == 3)
    #expect(close.server.unexplainedBytes == 0)
    #expect(close.verdict.closedBy == .client)
  }

  @Test("The first six bytes of every packet tell what was said and who closed")
  func close() throws {
    var session = SyntheticSession()
    for _ in 0..<3 {
      session.text(.client, "{\"n\":0}")
      session.text(.server, "{\"ok\":0}")
    }
    session.close(.client, 1000)
    session.close(.server, 1000)
    session.end(.server)
    let close = try #require(run(session, payload: 6).closed.first)
    #expect(close.verdict.closedBy == .client)
    #expect(
      close.verdict.ending
        == .closeHandshake(SentClose(side: .client, code: nil, isCodeLost: true), objection: nil))
    #expect(close.client.messages == 3 && close.server.messages == 3)
    #expect(close.client.unexplainedBytes == 0 && close.server.unexplainedBytes == 0)
  }
}
