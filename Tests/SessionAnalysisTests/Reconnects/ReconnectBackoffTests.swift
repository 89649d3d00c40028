import TestSupport
import Testing

@testable import SessionAnalysis

@Suite struct ReconnectBackoffTests {
  private func backoff(_ milliseconds: [Int64]) -> ReconnectBackoff? {
    ReconnectBackoff(milliseconds.map { $0 * 1_000_000 })
  }

  @Test(
    "The shape of pauses, in milliseconds",
    arguments: [
      ([1000, 1001, 1003], ReconnectBackoff.Shape.fixed), ([1000, 1080, 990, 1010], .fixed),
      ([5000, 5000, 5004, 5001], .fixed),
      ([1000, 2000, 3000], .linear), ([500, 1010, 1505, 2003], .linear),
      ([1000, 1500, 2001, 2500, 3000], .linear),
      ([200, 401, 801, 1600], .exponential), ([1000, 2003, 4001], .exponential),
      ([300, 450, 676, 1013], .exponential),
      ([1000, 2000, 4000, 8000, 8000, 8001], .exponential), ([1000, 2000, 3000, 3001, 3000], .growing),
      ([700, 2600, 3100, 9800, 12_000], .growing), ([800, 1900, 1700, 6100], .growing),
      ([1500, 800, 1900, 1100], .jittered), ([1000, 3000, 900, 2000, 1200], .jittered),
    ] as [([Int64], ReconnectBackoff.Shape)])
  func shapes(_ pauses: [Int64], _ shape: ReconnectBackoff.Shape) {
    #expect(backoff(pauses)?.shape == shape)
  }

  @Test func anExponentialOneSaysItsFactorAndItsLimit() {
    #expect(backoff([200, 400, 800, 1600])?.factorHundredths == 200)
    #expect(backoff([200, 400, 800, 1600])?.limit == nil)
    let limited = backoff([1000, 2000, 4000, 8000, 8000, 8000])
    #expect(limited?.factorHundredths == 200 && limited?.limit == 8_000_000_000)
    // Two alike are a limit, one is the next step.
    let twice = backoff([1000, 2000, 4000, 8000, 8001])
    #expect(twice?.shape == .exponential && twice?.factorHundredths == 200 && twice?.limit == 8_001_000_000)
    #expect(backoff([1000, 2000, 4000, 8000])?.limit == nil)
    #expect(backoff([1000, 2000, 3000, 3000])?.shape == .growing)
  }

  @Test(
    "Too few pauses, or too short ones, have no shape",
    arguments: [[], [1000], [1000, 2000], [1, 2, 4]] as [[Int64]])
  func none(_ pauses: [Int64]) {
    #expect(backoff(pauses) == nil)
  }

  @Test func anyPausesHaveSomeShapeOrNone() {
    var random = SeededRandom(seed: 6)
    for _ in 0..<10_000 {
      let count = Int.random(in: 0...16, using: &random)
      let pauses = (0..<count).map { _ in
        Int64.random(in: 0 ... .max, using: &random) >> Int64.random(in: 0...63, using: &random)
      }
      _ = ReconnectBackoff(pauses)
    }
  }
}
