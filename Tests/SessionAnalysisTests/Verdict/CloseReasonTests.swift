import Testing

@testable import SessionAnalysis

@Suite("Reasons of Close frames")
struct CloseReasonTests {
  @Test(
    "A reason that only has the words of its code is none, whatever their case and the signs between them",
    arguments: [
      ("", 1001, false), ("going away", 1001, false), ("Going-Away.", 1001, false),
      ("GOING_AWAY", 1001, false),
      ("going away", 1000, true), ("gone away", 1001, true), ("going  away!", 1001, false),
      ("going away now", 1001, true), ("1001", 1001, true), ("bye", 4000, true), ("Timeout", 3008, false),
      ("fermé", 1000, true), ("正常", 1000, true),
    ] as [(String, UInt16, Bool)])
  func words(text: String, code: UInt16, says: Bool) {
    #expect(CloseReason(text, code: code)?.text == (says ? text : nil))
  }

  @Test(
    "Words about time and heartbeats are found as words",
    arguments: [
      ("ping timeout", true), ("PingTimeout", true), ("Idle", true), ("timed out", true),
      ("heartbeats missed", true),
      ("keepalive", true), ("keep-alive lost", true), ("connection_age", true), ("max lifetime", true),
      ("no pongs", true), ("client inactivity", true), ("inactive", true), ("maximum duration", true),
      ("shopping", false), ("pinging", false), ("message", false), ("untimed", false), ("sometimes", false),
      ("token expired", false), ("…idle…", false), ("– idle –", true), ("idle", true),
    ])
  func time(text: String, isOfTime: Bool) {
    #expect(CloseReason(text, code: 4000)?.isOfTime == isOfTime)
  }
}
