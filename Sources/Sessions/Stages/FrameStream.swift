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
  /// The longest time in which neither side sent a byte and that bytes of this side ended, in nanoseconds; at least a second,
  /// because no timeout is shorter, and every session begins with short ones that each are the longest so far.
  private var longestPause: Int64 = 1_000_000_000
  let session: SessionIndex
  /// False for drafts whose frames are not those of RFC 6455: their bytes stay unexplained.
  private(set) var readsFrames: Bool
  /// How often it is still asked whether a draft's bytes are frames of RFC 6455 after all. Each look may be wrong.
  private var looksForFrames: UInt8 = 4

  private static var never: CaptureTime { CaptureTime(nanoseconds: .min) }

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
      lastOpcode: decoder.lastOpcode, largestMessage: decoder.largestMessage,
      packetOfLargest: decoder.packetOfLargest)
  }

  /// Whether a draft's bytes may be looked at once more.
  mutating func takeLookForFrames() -> Bool {
    guard looksForFrames > 0 else { return false }
    looksForFrames -= 1
    return true
  }

  /// The frames are those of RFC 6455 after all.
  mutating func beginFrames() { readsFrames = true }

  /// Notes a packet that brought bytes. Returns since when this side had been silent if that may have been the longest time
  /// without a byte.
  @inline(__always)
  mutating func note(_ position: StreamPosition) -> CaptureTime? {
    guard last.packet != position.packet else { return nil }
    let before = last.time
    if last.packet > 0 { timeBeforeLast = before }
    last = position
    return position.time.nanoseconds &- before.nanoseconds > longestPause ? before : nil
  }

  /// Neither side had sent a byte for so many nanoseconds. What is shorter is not asked about any more.
  mutating func notePause(ofBoth: Int64) { longestPause = max(longestPause, ofBoth) }
}
