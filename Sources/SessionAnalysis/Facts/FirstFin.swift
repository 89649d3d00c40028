import WireBytes

/// Who sent the first FIN of a connection, and where.
package struct FirstFin: Sendable {
  /// Who sent it.
  package var side: Side
  /// The packet, and the offset that it ends the stream at.
  package var position: StreamPosition
  /// Its sender's pings that no pong had answered by then; one may come later.
  package var openPings: OpenPings?

  /// A FIN from its parts.
  package init(side: Side, position: StreamPosition, openPings: OpenPings? = nil) {
    (self.side, self.position, self.openPings) = (side, position, openPings)
  }
}
