import TestSupport
import Testing

@testable import SessionAnalysis

@Suite struct DistributionTests {
  private func distribution(_ values: [Int64]) -> Distribution {
    var result = Distribution()
    for value in values { result.add(value) }
    return result
  }

  @Test func fewValuesAreSummedUpExactly() {
    let found = distribution([50, 10, 30, 20, 40])
    #expect(found.count == 5)
    #expect((found.minimum, found.maximum, found.average) == (10, 50, 30))
    #expect(found.deviation == 16)
    #expect(found.quantile(perMille: 500) == 30)
    #expect(found.quantile(perMille: 950) == 50)
    #expect(found.quantile(perMille: 0) == 10)
  }

  @Test func nothingHasNoQuantile() {
    #expect(Distribution().quantile(perMille: 500) == nil)
    #expect(Distribution().deviation == 0)
  }

  @Test func manyValuesAreWithinASixteenth() {
    var random = SeededRandom.fresh()
    for scale in [1, 10, 1000, 1_000_000, 1_000_000_000_000] as [Int64] {
      let values = (0..<5000).map { _ in Int64.random(in: 0...100 * scale, using: &random) }
      let found = distribution(values)
      let sorted = values.sorted()
      for perMille: UInt64 in [1, 500, 950, 1000] {
        let expected = sorted[max(1, Int(perMille) * 5) - 1]
        let seen = found.quantile(perMille: perMille) ?? -1
        #expect(abs(seen - expected) <= max(1, expected / 16), "\(random), \(perMille) of \(scale)")
      }
      #expect(found.minimum == sorted[0])
      #expect(found.maximum == sorted[4999])
    }
  }

  @Test func theExtremesOfTimeDoNotTrap() {
    let found = distribution([.min, .max, 0, .max] + Array(repeating: .max, count: 100))
    #expect(found.minimum == 0)
    #expect(found.maximum == .max)
    #expect(found.average > 0)
    #expect(found.quantile(perMille: 999) != nil)
  }
}
