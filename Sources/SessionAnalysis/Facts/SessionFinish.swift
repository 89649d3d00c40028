import TCPReassembly
import WebSocketDecoding
import WireBytes

/// How the connection under a session ended, and what it had carried.
struct SessionFinish {
  var end: ConnectionEnd
  /// Who sent the RST or the first FIN.
  var tcpSide: Side?
  /// The packet that ended it, or the connection's last.
  var position: StreamPosition
  var firstFin: FirstFin?
  var client = SideSummary()
  var server = SideSummary()
  /// Rules that were broken more often than reported.
  var suppressed: [(rule: Rule, side: Side, count: Int)] = []
  /// What TCP did; nil when that was not looked at, or nothing is worth it.
  var transport: SessionTransport?
}
