import WireBytes

/// A rule that a side of a session broke, and where.
package struct Violation: Sendable {
  var rule: Rule
  /// Who broke it.
  package var side: Side
  var packet: UInt64

  /// A violation from its parts.
  package init(rule: Rule, side: Side, packet: UInt64) {
    (self.rule, self.side, self.packet) = (rule, side, packet)
  }
}
