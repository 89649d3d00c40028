import SessionTestSupport
import Testing

@testable import SessionAnalysis

@Suite("What one side of a session came to")
struct SideSummaryTests {
  @Test(
    "Only a side of which all was captured and read is blamed for what it did not send",
    arguments: [(0, 0, true), (1, 0, false), (0, 1, false), (1, 1, false)] as [(UInt64, UInt64, Bool)])
  func whole(lost: UInt64, unexplained: UInt64, isWhole: Bool) {
    var side = SideSummary()
    side.counts.lostBytes = lost
    side.counts.unexplainedBytes = unexplained
    #expect(side.isWhole == isWhole)
  }
}
