import WireBytes

/// A rule that a side of a session broke, and where.
struct Violation: Sendable {
  var rule: Rule
  var side: Side
  var packet: UInt64
}
