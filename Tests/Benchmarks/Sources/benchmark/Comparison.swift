/// A command that is measured.
struct Contender {
  let name: String
  let command: [String]
}

/// The runs of several contenders on one capture, one after the other in every round: the machine's drift
/// meets them all alike, so the ratio within a round means more than the times.
struct Comparison {
  let capture: GeneratedCapture
  let contenders: [Contender]
  private var rounds: [[ProcessRun]] = []

  init(_ contenders: [Contender], on capture: GeneratedCapture, rounds count: Int, warmUp: Bool = true) {
    self.capture = capture
    self.contenders = contenders
    if warmUp { _ = contenders.map { run($0.command) } }
    for _ in 0..<count { rounds.append(contenders.map { run($0.command) }) }
  }

  func wallSeconds(_ contender: Int) -> Double { median(rounds.map { $0[contender].wallSeconds }) }

  func cpuSeconds(_ contender: Int) -> Double { median(rounds.map { $0[contender].cpuSeconds }) }

  func peakMiB(_ contender: Int) -> Double {
    Double(rounds.map { $0[contender].peakBytes }.max() ?? 0) / 1_048_576
  }

  /// How many times longer the first takes than the second.
  func ratio(_ contender: Int, to reference: Int) -> Double { ratio(contender, toSumOf: [reference]) }

  /// How many times longer the first takes than the others together.
  func ratio(_ contender: Int, toSumOf references: [Int]) -> Double {
    median(
      rounds.map { runs in
        runs[contender].wallSeconds / references.reduce(0) { $0 + runs[$1].wallSeconds }
      })
  }

  /// How many times longer the first takes beyond what the second takes. Of processor time: it is a difference, which what
  /// else runs would disturb more than a ratio.
  func ratio(of contender: Int, less other: Int, to reference: Int) -> Double {
    median(
      rounds.map {
        ($0[contender].cpuSeconds - $0[other].cpuSeconds) / $0[reference].cpuSeconds
      })
  }
}

private func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
