import TCPReassembly
import WireBytes

/// What every segment of a connection looks at before anything else: where its bytes go.
///
/// The rest of a connection (`ConnectionStack`) is touched only while frames cannot be read yet, and when something rare
/// happens.
struct DispatchEntry {
  /// The client's index in the table of frame streams once the bytes of both sides go straight to their decoders; -1
  /// before. The server's stream follows.
  private(set) var streams: Int32 = -1
  /// Where the table keeps their session; only where `streams` is set.
  private(set) var session: Int32 = 0
  /// Whether the end that opened the connection is the client.
  var clientIsInitiator = true
  /// Whether bytes of each side may wait until it is known where frames begin: what they say is told later.
  /// A bit for each.
  private var searches: UInt8 = 0

  /// From now on bytes of both sides go to the streams of a session, or to the connection's stage.
  mutating func lead(to reading: Stage.FrameReading?) {
    streams = reading.map { Int32($0.streams) } ?? -1
    session = reading.map { Int32($0.session.session.value) } ?? 0
  }

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
