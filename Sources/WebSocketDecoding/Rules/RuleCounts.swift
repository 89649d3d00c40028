import WireBytes

/// How often each rule of framing was broken.
struct RuleCounts: Sendable {
  /// By the rule's raw value; empty until the first one.
  private var counts: [UInt32] = []

  /// By the rule's raw value, where a rule that is only counted was broken last; empty until one is.
  private var last: [StreamPosition] = []

  /// A hostile stream can break a rule in every frame: after this many reports a rule is only counted.
  static let reportLimit = 64

  /// How often the rule was broken.
  subscript(rule: FramingRule) -> Int { counts.isEmpty ? 0 : Int(counts[Int(rule.rawValue)]) }

  /// Counts the rule once more. Returns how often it was broken, this time included.
  mutating func count(_ rule: FramingRule) -> Int {
    if counts.isEmpty { counts = Array(repeating: 0, count: FramingRule.allCases.count) }
    let index = Int(rule.rawValue)
    if counts[index] < .max { counts[index] &+= 1 }
    return Int(counts[index])
  }

  /// Notes where a rule was broken that is only counted.
  mutating func noteUnreported(_ rule: FramingRule, at position: StreamPosition) {
    if last.isEmpty {
      let never = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
      last = Array(repeating: never, count: FramingRule.allCases.count)
    }
    last[Int(rule.rawValue)] = position
  }

  /// The rules that were broken more often than reported, with where that was last.
  var lastUnreported: [(rule: Rule, position: StreamPosition)] {
    guard !last.isEmpty else { return [] }
    return FramingRule.allCases.compactMap {
      let position = last[Int($0.rawValue)]
      return position.packet > 0 ? ($0.rule, position) : nil
    }
  }

  /// The rules that were broken more often than reported, with how often.
  var suppressed: [(rule: Rule, count: Int)] {
    guard !counts.isEmpty else { return [] }
    return FramingRule.allCases.compactMap { self[$0] > Self.reportLimit ? ($0.rule, self[$0]) : nil }
  }
}
