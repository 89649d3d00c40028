import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis

@Suite struct LegAlignmentTests {
  private func message(_ number: Int, _ hash: UInt64?) -> MessageFingerprint {
    MessageFingerprint(number: UInt64(number), hash: hash, at: CaptureTime(nanoseconds: Int64(number)))
  }

  @Test(
    "Messages in order, front and back: how many match, how many differ",
    arguments: [
      ("abc", "abc", 3, 0), ("abc", "ac", 2, 1), ("abc", "xabc", 3, 1), ("abc", "axc", 2, 1),
      ("aab", "ab", 2, 1),
      ("abcd", "", 0, 4), ("abc", "xyz", 0, 3), ("a", "aaaa", 1, 3),
    ])
  func differences(_ front: String, _ back: String, _ matched: UInt64, _ different: UInt64) {
    // How the two legs interleave in the capture does not matter.
    for seed in 0..<20 {
      var random = SeededRandom(seed: UInt64(seed))
      var alignment = LegAlignment(side: .client, mayStartLate: false)
      var (fronts, backs) = (Array(front.utf8.enumerated()), Array(back.utf8.enumerated()))
      while !fronts.isEmpty || !backs.isEmpty {
        let isFront = backs.isEmpty || !fronts.isEmpty && Bool.random(using: &random)
        let next = isFront ? fronts.removeFirst() : backs.removeFirst()
        alignment.receive(message(next.offset + 1, UInt64(next.element)), onFront: isFront)
      }
      alignment.finish(isWhole: true)
      #expect(alignment.matched == matched && alignment.differenceCount == different, "seed \(seed)")
    }
  }

  @Test func whatWaitsAndWhatIsListedIsBounded() {
    var alignment = LegAlignment(side: .server, mayStartLate: false)
    for number in 1...10_000 { alignment.receive(message(number, UInt64(number)), onFront: true) }
    #expect(alignment.waiting == LegAlignment.waitingLimit)
    #expect(alignment.differenceCount == UInt64(10_000 - LegAlignment.waitingLimit))
    #expect(alignment.differences.count == LegAlignment.differenceLimit)
  }

  @Test func beforeTheFirstMatchALegThatWasJoinedMidstreamLacksNothing() {
    var alignment = LegAlignment(side: .client, mayStartLate: true)
    for number in 1...3 { alignment.receive(message(number, UInt64(number)), onFront: true) }
    for number in 3...5 { alignment.receive(message(number, UInt64(number)), onFront: false) }
    alignment.finish(isWhole: true)
    #expect((alignment.matched, alignment.differenceCount) == (1, 2))
  }
}
