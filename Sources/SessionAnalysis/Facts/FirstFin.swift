import TCPReassembly
import WebSocketDecoding
import WireBytes

/// Who sent the first FIN of a connection, and where.
struct FirstFin: Sendable {
  var side: Side
  var position: StreamPosition
  /// Its sender's pings that no pong had answered by then; one may come later.
  var openPings: OpenPings?
}
