/// A limit on how long a connection may last, whatever is sent on it.
package struct Lifetime: Sendable {
  /// Seconds from its beginning.
  package let seconds: Int64
  /// What has this limit, in a few words.
  package let name: String
  /// Where its maker says so.
  let source: String

  static let known: [Lifetime] = [
    Lifetime(
      seconds: 30, name: "Google Cloud load balancers' backend service timeout",
      source: "Google Cloud documentation, Backend services overview: WebSockets, timeoutSec 30"),
    Lifetime(
      seconds: 300, name: "Google Cloud Run request timeout",
      source: "Google Cloud documentation, Cloud Run: request timeout 5 minutes by default"),
    Lifetime(
      seconds: 3600, name: "the longest Google Cloud Run request timeout",
      source: "Google Cloud documentation, Cloud Run: request timeout up to 60 minutes"),
    Lifetime(
      seconds: 7200, name: "AWS API Gateway WebSocket",
      source: "AWS documentation, API Gateway quotas: connection duration 2 hours"),
    Lifetime(
      seconds: 86_400, name: "AWS AppSync",
      source: "AWS documentation, AppSync quotas: WebSocket connections last 24 hours"),
  ]

  /// The limits that a connection of this age, in nanoseconds, may have reached: it is within a hundredth.
  package static func matching(_ age: Int64) -> [Lifetime] {
    known.filter { abs(age &- $0.nanoseconds) <= $0.nanoseconds / 100 }
  }

  /// Whether a limit is so near to this age, in nanoseconds, that it is hardly by chance: within a thousandth, or noticed a
  /// little later.
  static func isReached(at age: Int64) -> Bool {
    known.contains {
      let (late, thousandth) = (age &- $0.nanoseconds, $0.nanoseconds / 1000)
      return late >= -thousandth && late <= max(thousandth, min(latest, $0.nanoseconds / 300))
    }
  }

  /// How much later than at its limit a timer is looked at, in nanoseconds.
  private static let latest: Int64 = 1_000_000_000

  private var nanoseconds: Int64 { seconds * 1_000_000_000 }
}
