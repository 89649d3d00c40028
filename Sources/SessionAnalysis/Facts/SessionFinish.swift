import TCPReassembly
import WireBytes

/// How the connection under a session ended, and what it had carried.
package struct SessionFinish {
  /// How the connection ended.
  package var end: ConnectionEnd
  /// Who sent the RST or the first FIN.
  package var tcpSide: Side?
  /// The packet that ended it, or the connection's last.
  package var position: StreamPosition
  /// The first FIN; nil without one.
  package var firstFin: FirstFin?
  /// What the client sent.
  package var client: SideSummary
  /// What the server sent.
  package var server: SideSummary
  /// Rules that were broken more often than reported.
  package var suppressed: [(rule: Rule, side: Side, count: Int)]
  /// What TCP did; nil when not observed, or not worth telling.
  package var transport: SessionTransport?
  /// A host on the way sent the RST in the name of the side.
  package var isResetOnTheWay: Bool

  /// What a side sent, where it is.
  package subscript(side: Side) -> SideSummary {
    @inline(__always) _read { if side == .client { yield client } else { yield server } }
  }

  /// An end from its parts; by default of a session that never had frames.
  package init(
    end: ConnectionEnd, tcpSide: Side? = nil, position: StreamPosition, firstFin: FirstFin? = nil,
    client: SideSummary = SideSummary(), server: SideSummary = SideSummary(),
    suppressed: [(rule: Rule, side: Side, count: Int)] = [], transport: SessionTransport? = nil,
    isResetOnTheWay: Bool = false
  ) {
    (self.end, self.tcpSide, self.position, self.firstFin) = (end, tcpSide, position, firstFin)
    (self.client, self.server, self.suppressed, self.transport) = (client, server, suppressed, transport)
    self.isResetOnTheWay = isResetOnTheWay
  }
}
