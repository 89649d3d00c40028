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

  @Test("What came after the end of a leg is not compared", arguments: [(3, 0, 2), (4, 1, 1), (9, 2, 0)])
  func afterTheEnd(end: UInt64, different: UInt64, notCompared: UInt64) {
    var alignment = LegAlignment(side: .client, mayStartLate: false)
    for number in [1, 2] as [UInt64] {
      alignment.receive(packet(number, at: number), onFront: true)
      alignment.receive(packet(number, at: number), onFront: false)
    }
    alignment.receive(packet(3, at: 4), onFront: true)
    alignment.receive(packet(4, at: 5), onFront: true)
    alignment.finish(isWhole: true, end: end)
    #expect((alignment.matched, alignment.differenceCount) == (2, different))
    #expect(alignment.notCompared == notCompared)
  }

  private func packet(_ hash: UInt64, at packet: UInt64) -> MessageFingerprint {
    MessageFingerprint(
      number: packet, hash: hash, bytes: 20, at: .testStart.advanced(milliseconds: Int(packet)))
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
