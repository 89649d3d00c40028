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
  let session: SessionIndex
  /// False for drafts whose frames are not those of RFC 6455: their bytes stay unexplained.
  private(set) var readsFrames: Bool
  /// How often it is still asked whether a draft's bytes are frames of RFC 6455 after all. Each look may be wrong.
  private var looksForFrames: UInt8 = 4

  private static var never: CaptureTime { CaptureTime(nanoseconds: .min) }

  init(_ decoder: consuming WebSocketDecoder, of session: SessionIndex, readsFrames: Bool) {
    self.decoder = decoder
    (self.session, self.readsFrames) = (session, readsFrames)
  }

  var summary: SideSummary {
    SideSummary(
      counts: decoder.counts, compression: decoder.compressionCounts,
      lastBytes: last.packet > 0 ? last : nil,
      timeBeforeLast: timeBeforeLast == Self.never ? nil : timeBeforeLast,
      lastInPieces: decoder.lastMessageInPieces)
  }

  /// Whether a draft's bytes may be looked at once more.
  mutating func takeLookForFrames() -> Bool {
    guard looksForFrames > 0 else { return false }
    looksForFrames -= 1
    return true
  }

  /// The frames are those of RFC 6455 after all.
  mutating func beginFrames() { readsFrames = true }

  /// Notes a packet that brought bytes.
  @inline(__always)
  mutating func note(_ position: StreamPosition) {
    guard last.packet != position.packet else { return }
    if last.packet > 0 { timeBeforeLast = last.time }
    last = position
  }
}
