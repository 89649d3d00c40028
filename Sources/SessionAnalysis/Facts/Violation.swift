import WireBytes

/// A rule that a side of a session broke, and where.
package struct Violation: Sendable {
  var rule: Rule
  /// Who broke it.
  package var side: Side
  /// The first byte concerned.
  package var position: StreamPosition
  /// The last packet before it with bytes of the other side; nil when unknown, and when that had sent nothing.
  var afterPacket: UInt64?

  /// The packet that the byte came in.
  var packet: UInt64 { position.packet }

  /// A violation from its parts.
  package init(rule: Rule, side: Side, position: StreamPosition, afterPacket: UInt64? = nil) {
    (self.rule, self.side, self.position, self.afterPacket) = (rule, side, position, afterPacket)
  }
}
