import SessionAnalysis
import WebSocketDecoding
import WireBytes

/// One direction of a session after the upgrade: all that the message path touches. It must not grow beyond 128 bytes
/// (`AlignedSlab`).
struct FrameStream: ~Copyable {
  var decoder: WebSocketDecoder
  /// Where its last bytes were captured; packet 0 before the first. What the peer sends asks for it: `Dispatcher.prefetch`.
  private(set) var last = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
  /// When the packet before the last one brought bytes; `never` if there was none.
  private var timeBeforeLast = Self.never
  /// The longest times without a byte that bytes of this side ended, of this side and of both, in units of 2²⁰ ns; at least a second,
  /// because no timeout is shorter, and every session begins with short ones that each are the longest so far.
  private var longestPause = Self.shortestTold
  private var longestPauseOfBoth = Self.shortestTold
  let session: SessionIndex
  /// False for drafts whose frames are not those of RFC 6455: their bytes stay unexplained.
  private(set) var readsFrames: Bool
  /// How often it is still asked whether a draft's bytes are frames of RFC 6455 after all. Each look may be wrong.
  private var looksForFrames: UInt8 = 4

  private static var never: CaptureTime { CaptureTime(nanoseconds: .min) }

  /// A unit is 1.05 ms: 52 days fit into 32 bits.
  private static var unitBits: Int64 { 20 }
  private static var shortestTold: UInt32 { 953 }

  /// `since`: when the session was opened.
  init(
    _ decoder: consuming WebSocketDecoder, of session: SessionIndex, since: CaptureTime, readsFrames: Bool
  ) {
    self.decoder = decoder
    last.time = since
    (self.session, self.readsFrames) = (session, readsFrames)
  }

  var summary: SideSummary {
    SideSummary(
      counts: decoder.counts, compression: decoder.compressionCounts,
      lastBytes: last.packet > 0 ? last : nil,
      timeBeforeLast: timeBeforeLast == Self.never ? nil : timeBeforeLast,
      lastInPieces: decoder.lastMessageInPieces, lastInPiecesPackets: decoder.packetsOfLastInPieces,
      lastOpcode: decoder.lastOpcode, largestMessage: decoder.largestMessage)
  }

  /// Whether a draft's bytes may be looked at once more.
  mutating func takeLookForFrames() -> Bool {
    guard looksForFrames > 0 else { return false }
    looksForFrames -= 1
    return true
  }

  /// The frames are those of RFC 6455 after all.
  mutating func beginFrames() { readsFrames = true }

  /// Notes a packet that brought bytes; `peerLast` is when the peer's last one did. Returns the time without a byte that it
  /// ended, of this side and of both, if one of them is the longest so far.
  @inline(__always)
  mutating func note(_ position: StreamPosition, peerLast: CaptureTime) -> (ofSide: Int64, ofBoth: Int64)? {
    guard last.packet != position.packet else { return nil }
    let ofSide = position.time.nanoseconds &- last.time.nanoseconds
    let ofBoth = min(ofSide, position.time.nanoseconds &- peerLast.nanoseconds)
    if last.packet > 0 { timeBeforeLast = last.time }
    last = position
    guard ofSide >> Self.unitBits > Int64(longestPause) || ofBoth >> Self.unitBits > Int64(longestPauseOfBoth)
    else {
      return nil
    }
    longestPause = max(longestPause, UInt32(clamping: ofSide >> Self.unitBits))
    longestPauseOfBoth = max(longestPauseOfBoth, UInt32(clamping: ofBoth >> Self.unitBits))
    return (ofSide, ofBoth)
  }
}
