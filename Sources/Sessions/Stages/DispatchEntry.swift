import TCPReassembly
import WireBytes

/// What every segment of a connection looks at before anything else: where its bytes go.
///
/// The rest of a connection (`ConnectionStack`) is touched only while frames cannot be read yet, and when something rare
/// happens.
struct DispatchEntry {
  /// The client's index in the table of frame streams once the bytes of both sides go straight to their decoders; -1
  /// before. The server's stream follows.
  var streams: Int32 = -1
  /// Whether the end that opened the connection is the client.
  var clientIsInitiator = true

  /// Who sends in this direction.
  @inline(__always)
  func side(_ direction: FlowDirection) -> Side {
    (direction == .fromInitiator) == clientIsInitiator ? .client : .server
  }

  /// The direction in which a side sends.
  func direction(of side: Side) -> FlowDirection {
    (side == .client) == clientIsInitiator ? .fromInitiator : .fromResponder
  }

  /// The stream of a direction. Only where `streams` is set.
  @inline(__always)
  func stream(_ direction: FlowDirection) -> Int {
    Int(streams) &+ (side(direction) == .client ? 0 : 1)
  }
}
