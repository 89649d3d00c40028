import SessionTestSupport
import Testing

@testable import SessionAnalysis

@Suite("Words by which applications name their heartbeats")
struct HeartbeatWordsTests {
  @Test(
    "The member that says what kind of message it is, in any letter case",
    arguments: [
      "type", "event", "op", "action", "method", "msg", "cmd", "command", "kind", "t", "e", "result",
      "messagetype",
      "messageType", "message_type", "eventtype", "event_type", "eventType", "request", "TYPE",
    ])
  func members(name: String) {
    for (word, isQuestion) in [("ping", true), ("pong", false)] {
      let found = HeartbeatText(Array(#"{"id":1,"\#(name)":"\#(word)"}"#.utf8).span)
      #expect(found?.kind == .text)
      #expect(found?.role == (isQuestion ? .question : .answer))
    }
  }

  @Test("Another member says nothing", arguments: ["tt", "typ", "types", "name", "ee", "requests", "data"])
  func otherMembers(name: String) {
    #expect(HeartbeatText(Array(#"{"id":1,"\#(name)":"ping"}"#.utf8).span) == nil)
  }
}
