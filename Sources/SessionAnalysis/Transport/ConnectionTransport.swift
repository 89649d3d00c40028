import TCPReassembly
import WebSocketDecoding
import WireBytes

/// What TCP did to a connection: made with the first thing that is worth noting.
final class ConnectionTransport {
  /// By `FlowDirection`.
  private var directions: InlineArray<2, TransportNotes> = [TransportNotes(), TransportNotes()]

  /// What it came to in the end.
  func summary(_ direction: FlowDirection) -> TransportSummary { directions[direction.rawValue].summary }

  subscript(direction: FlowDirection) -> TransportNotes {
    _read { yield directions[direction.rawValue] }
    _modify { yield &directions[direction.rawValue] }
  }
}
