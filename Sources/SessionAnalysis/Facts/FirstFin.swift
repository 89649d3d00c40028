import WireBytes

/// Who sent the first FIN of a connection, and where.
package struct FirstFin: Sendable {
  package var side: Side
  package var position: StreamPosition
  /// Its sender's pings that no pong had answered by then; one may come later.
  var openPings: OpenPings?

  package init(side: Side, position: StreamPosition, openPings: OpenPings?) {
    (self.side, self.position, self.openPings) = (side, position, openPings)
  }
}
