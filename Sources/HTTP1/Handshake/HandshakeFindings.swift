import WireBytes

/// What is wrong with a handshake, as far as it is reported. A hostile head can break a rule in each of thousands of elements:
/// beyond a limit a rule is only counted, as rules of framing are.
struct HandshakeFindings {
  /// A rule that a side broke more often than reported, and how often in all.
  typealias Suppressed = (rule: Rule, side: Side, count: Int)

  /// In the order in which they were found.
  private(set) var reported: [Anomaly] = []
  private var counts: [Key: Int] = [:]
  /// Keys whose limit was passed, in the order in which that happened.
  private var passed: [Key] = []

  private struct Key: Hashable {
    let rule: Rule
    let side: Side
  }

  /// After so many reports of a rule that a side broke, the others are only counted.
  static let reportLimit = 64

  /// The rules that were broken more often than reported, with how often.
  var suppressed: [Suppressed] { passed.map { ($0.rule, $0.side, counts[$0] ?? 0) } }

  /// Reports a broken rule, or counts it. `detail` is asked for only if it is reported.
  mutating func add(_ rule: Rule, by side: Side, at position: StreamPosition, _ detail: () -> String) {
    let key = Key(rule: rule, side: side)
    let count = counts[key, default: 0] + 1
    counts[key] = count
    if count <= Self.reportLimit {
      reported.append(Anomaly(rule, by: side, at: position, detail()))
    } else if count == Self.reportLimit + 1 {
      passed.append(key)
    }
  }

  /// Adds what the syntax of a head was found to break: a few at most.
  mutating func add(_ anomalies: [Anomaly]) { reported += anomalies }
}
