import Testing

@testable import TCPReassembly

@Suite("Round trips of one direction, summed up")
struct TimedRoundTripsTests {
  private func summary(_ durations: [Int64]) -> RoundTrips {
    var histograms = RoundTripHistograms()
    var times = TimedRoundTrips()
    for duration in durations { times.add(duration, &histograms) }
    let found = times.summary(&histograms)
    // Asked again it says the same, and gives back all that it used.
    #expect(times.summary(&histograms) == found)
    times.release(&histograms)
    #expect(histograms.held == 0)
    #expect(times.summary(&histograms) == RoundTrips())
    return found
  }

  @Test(
    "Quantiles are never outside of what was timed, however short or long that is",
    arguments: [
      ([0], 0, 0), ([10, 70], 10, 70), ([1, 63, 64], 1, 64), ([5, 5, 5], 5, 5), ([64], 64, 64),
      ([71, 72], 71, 72), ([1_000_000], 1_000_000, 1_000_000),
      ([60_000_000_000], 60_000_000_000, 60_000_000_000),
      ([1, 600_000_000_000], 1, 600_000_000_000),
    ] as [([Int64], Int64, Int64)])
  func bounds(durations: [Int64], minimum: Int64, maximum: Int64) {
    for durations in [durations, durations.reversed()] {
      let found = summary(durations)
      #expect((found.minimum, found.maximum) == (minimum, maximum))
      #expect(found.count == UInt64(durations.count))
      #expect((minimum...maximum).contains(found.median))
      #expect((found.median...maximum).contains(found.percentile95))
    }
  }

  /// As many as are kept beside the histogram, and around that.
  @Test(
    "Quantiles are within a sixteenth of the true ones", arguments: [1, 2, 14, 15, 16, 30, 31, 200, 1000])
  func quantiles(count: Int) {
    let durations = (1...count).map { Int64($0) * 1_000_000 }
    let found = summary(durations)
    #expect(found.count == UInt64(count))
    let (median, most) = (durations[(count - 1) / 2], durations[(count * 95 + 99) / 100 - 1])
    #expect(abs(found.median - median) <= median / 16)
    #expect(abs(found.percentile95 - most) <= most / 16)
    #expect((found.minimum, found.maximum) == (durations[0], durations[count - 1]))
  }

  @Test("Beyond what a bucket holds, the proportions stay") func many() {
    var histograms = RoundTripHistograms()
    let row = histograms.make()
    for _ in 0..<70_000 { histograms.add(10, to: row) }
    for _ in 0..<40_000 { histograms.add(20, to: row) }
    let (median, most) = histograms.quantiles(row, 0...239)
    let (ten, twenty) = histograms.quantiles(row, 10...20)
    #expect((median, most) == (ten, twenty))
    #expect(RoundTripHistograms.bucket(of: median) == 10 || RoundTripHistograms.bucket(of: median) == 20)
    #expect(RoundTripHistograms.bucket(of: most) == 20)
  }

  @Test(
    "A bucket is an eighth of an octave from 64 ns on",
    arguments: [
      (0, 0), (63, 0), (64, 0), (71, 0), (72, 1), (127, 7), (128, 8), (143, 8), (144, 9), (1 << 35, 232),
      (1 << 36 - 1, 239), (1 << 36, 239), (Int64.max, 239),
    ] as [(Int64, UInt8)])
  func buckets(duration: Int64, bucket: UInt8) {
    #expect(RoundTripHistograms.bucket(of: duration) == bucket)
  }
}
