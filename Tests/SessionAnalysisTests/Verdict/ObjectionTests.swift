import Output
import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis

@Suite("A Close that says that the peer did something wrong, where nothing of that was seen")
struct ObjectionTests {
  /// What the evidence says beside what was sent.
  private func line(_ code: UInt16, _ script: (inout SyntheticSession) -> Void) -> String? {
    var session = SyntheticSession()
    script(&session)
    session.close(.client, code)
    session.close(.server, code)
    session.end(.server)
    let lines = analyze(session.packets).closed.first?.verdict.evidenceLines ?? []
    return lines.first { !$0.hasPrefix("packet") && !$0.hasPrefix("FIN") }
  }

  private static func text(_ size: Int) -> [UInt8] {
    SyntheticSession.frame(.server, .text, [UInt8](repeating: 0x61, count: size))
  }

  @Test func oneThousandAndTwoAfterMessagesAsTheyShouldBe() {
    #expect(line(1002) { $0.text(.server, "a") } == "nothing that the server sent breaks a rule of framing")
    #expect(line(1002) { _ in } == "nothing that the server sent breaks a rule of framing")
  }

  @Test func theLastMessageThatCameInAnUnusualWayIsNamed() {
    let frame = Self.text(20)
    let inSegments = line(1002) {
      $0.text(.server, "a")
      $0.send(.server, Array(frame[..<5]))
      $0.send(.server, Array(frame[5...]))
    }
    #expect(
      inSegments
        == "nothing that the server sent breaks a rule of framing; its frame in packet 7 came in two segments"
    )
    let fragmented = line(1002) {
      $0.send(.server, [0x01, 0x01, 0x61, 0x00, 0x01, 0x62, 0x80, 0x01, 0x63])
    }
    #expect(
      fragmented
        == "nothing that the server sent breaks a rule of framing; its message in packet 6 came in 3 frames")
    let earlier = line(1002) {
      $0.send(.server, Array(frame[..<5]))
      $0.send(.server, Array(frame[5...]))
      $0.text(.server, "a")
    }
    #expect(
      earlier
        == "nothing that the server sent breaks a rule of framing; its frame in packet 6 came in two segments"
    )
  }

  @Test func whatMayBeTheReasonSpeaksForTheCode() {
    #expect(line(1002) { $0.send(.server, [0xB1, 0x01, 0x61]) } == nil)
    #expect(line(1007) { $0.send(.server, [0x81, 0x01, 0xFF]) } == nil)
    #expect(line(1000) { $0.text(.server, "a") } == nil)
    #expect(line(1008) { $0.text(.server, "a") } == nil)
  }

  @Test func whatIsMissingMayHaveBeenWrong() {
    let lost = line(1002) {
      $0.text(.server, "a")
      $0.lose(30, .server)
      $0.text(.server, "b")
    }
    #expect(lost == nil)
  }

  @Test func otherCodes() {
    #expect(
      line(1003) {
        $0.text(.server, "a")
        $0.frame(.server, .binary, [1, 2])
      } == "the last message from the server is binary")
    #expect(line(1003) { _ in } == "the server sent no message")
    #expect(line(1007) { $0.text(.server, "é") } == "all text that the server sent is valid UTF-8")
    #expect(
      line(1009) {
        $0.send(.server, Self.text(100))
        $0.text(.server, "a")
      } == "the largest message from the server has 100 bytes")
  }
}
