import WireBytes

/// Who sent the first FIN of a connection, and where.
package struct FirstFin: Sendable {
  /// Who sent it.
  package var side: Side
  /// The packet, and the offset that it ends the stream at.
  package var position: StreamPosition

  /// A FIN from its parts.
  package init(side: Side, position: StreamPosition) {
    (self.side, self.position) = (side, position)
  }
}
