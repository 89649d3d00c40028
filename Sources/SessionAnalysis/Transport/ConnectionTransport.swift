import TCPReassembly
import WireBytes

/// What TCP did to a connection: made with the first thing that is worth noting.
package final class ConnectionTransport {
  /// By `FlowDirection`.
  private var directions: InlineArray<2, TransportNotes> {
    @inline(__always) _read { yield unsafe uncheckedDirections }
    @inline(__always) _modify { yield unsafe &uncheckedDirections }
  }
  // Notes of one direction are made and read without anything that looks at the other one.
  @exclusivity(unchecked) private var uncheckedDirections: InlineArray<2, TransportNotes> = [
    TransportNotes(), TransportNotes(),
  ]

  /// Nothing happened yet.
  package init() {}

  /// What it came to in the end.
  func summary(_ direction: FlowDirection) -> TransportSummary { directions[direction.rawValue].summary }

  /// What happened to the bytes of one direction.
  package subscript(direction: FlowDirection) -> TransportNotes {
    _read { yield directions[direction.rawValue] }
    _modify { yield &directions[direction.rawValue] }
  }
}
