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
  /// Whether bytes of each side may wait until it is known where frames begin: what they say is told later.
  /// A bit for each.
  private var searches: UInt8 = 0
  /// The last packet with bytes of each side, once frames are read; 0 before the first. Here, because for each segment the
  /// other side's is asked for, and its stream would have to be fetched from memory.
  private var lastPackets: InlineArray<2, UInt64> = [0, 0]

  /// The last packet with bytes of the side whose stream has this index; nil before the first.
  @inline(__always)
  func lastPacket(of stream: Int) -> UInt64? {
    let packet = lastPackets[stream & 1]
    return packet > 0 ? packet : nil
  }

  /// Notes a packet with bytes of the side whose stream has this index.
  @inline(__always)
  mutating func note(packet: UInt64, of stream: Int) { lastPackets[stream & 1] = packet }

  /// Whether frames are searched for in the side's stream that has this index.
  @inline(__always)
  func isSearching(_ stream: Int) -> Bool { searches & Self.bit(stream) != 0 }

  /// Notes whether frames are searched for in a stream.
  @inline(__always)
  mutating func note(isSearching: Bool, of stream: Int) {
    if isSearching { searches |= Self.bit(stream) } else { searches &= ~Self.bit(stream) }
  }

  @inline(__always)
  private static func bit(_ stream: Int) -> UInt8 { 1 << UInt8(truncatingIfNeeded: stream & 1) }

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
    Int(streams) &+ (direction.rawValue ^ (clientIsInitiator ? 0 : 1))
  }
}
