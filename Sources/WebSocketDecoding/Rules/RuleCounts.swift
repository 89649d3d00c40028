import WireBytes

/// How often each rule of framing was broken.
struct RuleCounts: Sendable {
  /// By the rule's raw value; empty until the first one.
  private var counts: [UInt32] = []

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

  /// The rules that were broken more often than reported, with how often.
  var suppressed: [(rule: Rule, count: Int)] {
    FramingRule.allCases.compactMap { self[$0] > Self.reportLimit ? ($0.rule, self[$0]) : nil }
  }
}
