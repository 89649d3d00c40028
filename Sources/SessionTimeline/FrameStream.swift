import WebSocketDecoding
import WireBytes

/// One direction of a session after the upgrade: all that the message path touches. It must not grow beyond 128 bytes
/// (`AlignedSlab`).
struct FrameStream: ~Copyable {
  var decoder: WebSocketDecoder
  /// Where its last bytes were captured; packet 0 before the first.
  private(set) var last = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
  /// When the packet before the last one brought bytes; `never` if there was none.
  private var timeBeforeLast = Self.never
  /// Bytes of it may wait until it is known where frames begin: what they say is told later. Here and not asked of the
  /// decoder, because the peer's packets look at it, and at nothing of the decoder.
  private(set) var isSearching = false
  let session: SessionIndex
  /// False for drafts whose frames are not those of RFC 6455: their bytes stay unexplained.
  let readsFrames: Bool

  private static var never: CaptureTime { CaptureTime(nanoseconds: .min) }

  init(_ decoder: consuming WebSocketDecoder, of session: SessionIndex, readsFrames: Bool) {
    self.decoder = decoder
    (self.session, self.readsFrames) = (session, readsFrames)
  }

  /// The last packet with bytes of this direction; nil before the first.
  @inline(__always) var lastPacket: UInt64? { last.packet > 0 ? last.packet : nil }

  var summary: SideSummary {
    SideSummary(
      counts: decoder.counts, compression: decoder.compressionCounts,
      lastBytes: last.packet > 0 ? last : nil,
      timeBeforeLast: timeBeforeLast == Self.never ? nil : timeBeforeLast,
      lastInPieces: decoder.lastMessageInPieces)
  }

  /// The decoder's state may have changed.
  @inline(__always)
  mutating func noteState() {
    isSearching = if case .outOfStep = decoder.state { true } else { false }
  }

  /// The first frame is to be searched for.
  mutating func startOutOfStep() {
    decoder.startOutOfStep()
    noteState()
  }

  /// Notes a packet that brought bytes.
  @inline(__always)
  mutating func note(_ position: StreamPosition) {
    guard last.packet != position.packet else { return }
    if last.packet > 0 { timeBeforeLast = last.time }
    last = position
  }
}
