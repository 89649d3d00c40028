import Testing
import WireBytes

@testable import TCPReassembly

@Suite struct GapGraceTests {
  private var limits: ReassemblyLimits {
    var limits = ReassemblyLimits()
    (limits.segmentsOfGrace, limits.timeOfGrace) = (2, 100)
    (limits.segmentsOfGraceOneSided, limits.timeOfGraceOneSided) = (4, 1000)
    return limits
  }

  /// What is said of gaps after each segment: the first known offset after the first gap, the offset before which all is
  /// proven, and the time.
  private func judge(
    _ segments: [(first: UInt64, proven: UInt64, time: Int64)], isOneSided: Bool = false
  ) -> [UInt64?] {
    var grace = GapGrace()
    return segments.map {
      grace.judge(
        GapEvidence(firstKnown: $0.first, provenBefore: $0.proven, isOneSided: isOneSided),
        at: CaptureTime(nanoseconds: $0.time), limits)
    }
  }

  @Test("Without a proof nothing is lost, however long it takes")
  func unproven() {
    #expect(judge([(10, 5, 0), (10, 9, 1), (10, 9, 1_000_000)]) == [nil, nil, nil])
  }

  @Test("A gap is lost with the first segment after its grace, and with it those that were proven first")
  func segments() {
    #expect(judge([(10, 12, 0), (10, 15, 1), (10, 20, 2)]) == [nil, nil, 12])
  }

  @Test("It is lost when the time is over, too")
  func time() {
    #expect(judge([(10, 12, 0), (10, 12, 100)]) == [nil, nil])
    #expect(judge([(10, 12, 0), (10, 12, 101)]) == [nil, 12])
  }

  @Test("Where the receiver was not captured, the grace is longer")
  func oneSided() {
    let segments: [(UInt64, UInt64, Int64)] = [
      (10, 12, 0), (10, 12, 1), (10, 12, 2), (10, 12, 3), (10, 12, 4),
    ]
    #expect(judge(segments, isOneSided: true) == [nil, nil, nil, nil, 12])
    #expect(judge([(10, 12, 0), (10, 12, 1001)], isOneSided: true) == [nil, 12])
  }

  @Test("A gap after the proof is not the one that was proven: its grace is its own")
  func filled() {
    #expect(
      judge([(10, 12, 0), (10, 12, 1), (20, 12, 2), (20, 25, 3), (20, 25, 4), (20, 25, 5)])
        == [nil, nil, nil, nil, nil, 25])
  }

  @Test("After a loss the grace begins with the next proof")
  func again() {
    #expect(
      judge([(10, 12, 0), (10, 12, 1), (10, 12, 2), (20, 25, 3), (20, 25, 4), (20, 25, 5)])
        == [nil, nil, 12, nil, nil, 25])
  }

  @Test("When the first acknowledgment is captured, the grace of the one-sided capture counts no more")
  func becomesTwoSided() {
    var grace = GapGrace()
    func judge(_ isOneSided: Bool, _ proven: UInt64) -> UInt64? {
      grace.judge(
        GapEvidence(firstKnown: 10, provenBefore: proven, isOneSided: isOneSided),
        at: CaptureTime(nanoseconds: 0), limits)
    }
    for _ in 0..<4 { #expect(judge(true, 12) == nil) }
    for _ in 0..<2 { #expect(judge(false, 15) == nil) }
    #expect(judge(false, 15) == 15)
  }
}
