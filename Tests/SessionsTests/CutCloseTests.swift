import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis

@Suite("Close frames that the snapshot length cut")
struct CutCloseTests {
  /// A server's Close 1011 "bye" of which so many bytes were captured, header included, answered by the client.
  private func run(captured: Int) -> Heard {
    var session = SyntheticSession()
    session.text(.server, "a")
    session.close(.server, 1011, "bye")
    let close = session.packets.count - 1
    session.close(.client, 1011)
    session.end(.server)
    var packets = session.packets
    packets[close].bytes.removeLast(7 - captured)
    return analyze(packets)
  }

  @Test(
    "The code is known if it was captured, and the reason as far as it was",
    arguments: [
      (2, nil, ""), (3, nil, ""), (4, 1011, ""), (5, 1011, "b"), (6, 1011, "by"), (7, 1011, "bye"),
    ] as [(Int, UInt16?, String)])
  func code(captured: Int, code: UInt16?, reason: String) throws {
    let heard = run(captured: captured)
    let closes = heard.controls.filter { $0.frame.opcode == Opcode.close }
    #expect(closes.map(\.closeCode) == [code, 1011])
    #expect(closes.first?.isCodeLost == (code == nil))
    let verdict = try #require(heard.closed.first?.verdict)
    #expect(
      verdict.ending
        == .closeHandshake(SentClose(side: .server, code: code, isCodeLost: code == nil), objection: nil))
    let reasons = verdict.evidence.compactMap {
      if case .close(_, let reason, _) = $0 { reason } else { nil }
    }
    #expect(reasons == [reason, ""])
  }
}
