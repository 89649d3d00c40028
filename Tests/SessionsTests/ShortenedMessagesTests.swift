import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis
@testable import Sessions

@Suite("Messages of which not all is shown")
struct ShortenedMessagesTests {
  @Test(
    "Are counted, in one packet or in several, where payloads are shown at all",
    arguments: [(0, 0), (99, 2), (100, 1), (3999, 1), (4000, 0)] as [(Int, UInt64)])
  func count(shown: Int, shortened: UInt64) {
    var session = SyntheticSession()
    session.text(.server, String(repeating: "x", count: 100))
    session.text(.server, String(repeating: "x", count: 4000))
    session.end(.server)
    let needs = EventNeeds(payloadBytes: shown, controlBytes: 0)
    #expect(analyze(session.packets, needs: needs).summary.messagesShortened == shortened)
  }

  @Test("What is shown of payloads does not change what is found", arguments: [0, 5, 127, 128, 1 << 20])
  func shownPayload(bytes: Int) {
    var session = SyntheticSession()
    for _ in 0..<4 {
      session.text(.server, "{\"type\":\"ping\",\"message\":1764316800}")
      session.wait(seconds: 3)
    }
    session.wait(seconds: 9)
    session.end(.client)
    let heard = analyze(session.packets, needs: EventNeeds(payloadBytes: bytes, controlBytes: 0))
    #expect(heard.closed.first?.verdict.cause?.name == "heartbeat_stopped")
    #expect(heard.shownBytes == Array(repeating: min(bytes, 36), count: 4))
    #expect(heard.summary.messagesShortened == (bytes == 5 ? 4 : 0))
  }
}
