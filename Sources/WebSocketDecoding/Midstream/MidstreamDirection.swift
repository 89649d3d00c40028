import WireBytes

/// What one direction of a connection has shown so far for and against being WebSocket frames, in bits.
struct MidstreamDirection {
  /// Bits from which the place of a direction's first frame is believed once the other direction has shown what the
  /// connection carries.
  static let bitsOfStart = 9.0
  /// The same for a frame that begins the first packet, if that is a short one.
  static let bitsOfStartOfPacket = 4.5
  /// A packet below this many bytes was not full: its sender had no more to send. The smallest segments in common use
  /// are those of the default MSS (RFC 9293 §3.7.1), 524 bytes beside the timestamps option; for others see `PacketSizes`.
  private static let shortPacket = 512
  /// A sender ends its stream right after a Close frame (RFC 6455 §7.1.1); of what looks like one by chance, little is the
  /// last of its stream.
  private static let bitsOfLastClose = 4.0
  /// Bits that a packet costs which does not begin with a frame where one is due.
  private static let bitsOfFalseStart = 8.0

  private let search = FrameSearch(ofUnknownSide: ())
  private var sizes = PacketSizes()
  private var first: StreamPosition?
  private var hasGap = false
  private var firstBytes = 0
  /// The latest packet; 0 before the first one.
  private(set) var lastPacket: UInt64 = 0
  private var lastPacketBytes = 0
  /// Stream offset of its end, once that is known.
  private var end: UInt64?
  /// What speaks for HTTP/2 instead.
  private(set) var http2 = HTTP2Frames()

  /// Bytes of memory that it takes, roughly.
  var cost: Int { search.cost }

  /// Takes captured bytes, at least one.
  mutating func receive(_ bytes: Span<UInt8>, at position: StreamPosition) {
    noteStart(of: bytes, at: position)
    _ = search.receive(bytes, at: position)
  }

  /// Bytes of it are missing here. Only a frame of which just the end is missing leads across.
  mutating func gap(_ bytes: UInt64 = 0) {
    hasGap = true
    _ = search.endOfPackets(lost: bytes)
    _ = search.takeGivenUp()
    lastPacketBytes = 0
  }

  /// It ends at this offset.
  mutating func finish(at offset: UInt64) { end = offset }

  /// The best chain of frames with this mask bit.
  func lead(masked: Bool) -> FrameSearch.Lead? { search.lead(masked: masked) }

  /// Where the first frame of a believed chain is. A search that tries many places believes a chain before its beginning;
  /// but a capture that begins between two frames is no surprise, and that other bytes lead to frames is.
  func start(of lead: FrameSearch.Lead) -> StreamPosition {
    if lead.beginsWithAll, !hasGap, let first { first } else { lead.first }
  }

  /// What speaks for frames, in bits.
  var score: MidstreamReading.Score {
    MidstreamReading.Score(unmasked: score(masked: false), masked: score(masked: true))
  }

  private func score(masked: Bool) -> Double {
    let lead = lead(masked: masked)
    let bits = max(0, lead?.bits ?? 0) + (endsWithClose(lead) ? Self.bitsOfLastClose : 0)
    let falseStarts = sizes.falseStarts(masked: masked)
    if falseStarts >= 2, falseStarts * 2 > sizes.due { return -.infinity }
    // Other protocols carry whole frames of a WebSocket, after a header of their own. Until a packet begins with a frame nothing tells
    // that these are not carried.
    let isWithin = lead.map { $0.headers == 1 && !$0.startsPacket } ?? false
    let mayBeCarried = falseStarts == sizes.due && (falseStarts > 0 || isWithin)
    return (mayBeCarried ? 0 : bits) - Double(falseStarts) * Self.bitsOfFalseStart
  }

  /// Packets that begin neither with a masked nor with an unmasked frame where one is due.
  var falseStarts: Int { min(sizes.falseStarts(masked: false), sizes.falseStarts(masked: true)) }

  /// The most bits of any chain of frames.
  var mostBits: Double { max(lead(masked: false)?.bits ?? 0, lead(masked: true)?.bits ?? 0) }

  /// Bits from which the place where this chain begins is believed.
  func bitsToBelieve(startOf lead: FrameSearch.Lead) -> Double {
    let beginsShortPacket = lead.first.offset == first?.offset && firstBytes < Self.shortPacket
    return beginsShortPacket ? Self.bitsOfStartOfPacket : Self.bitsOfStart
  }

  private func endsWithClose(_ lead: FrameSearch.Lead?) -> Bool {
    guard let lead, let end else { return false }
    return lead.end == end && lead.lastFirstByte == 0x80 | Opcode.close.rawValue
  }

  /// Whether a frame with this mask bit may begin with these bytes. Their first two tell: a fragment may be empty.
  private static func mayBeginFrame(_ bytes: Span<UInt8>, masked: Bool) -> Bool {
    let evidence = FrameEvidence(side: masked ? .client : .server, allowsCompression: true)
    return evidence.isPlausible(bytes[0], bytes.count > 1 ? bytes[1] : masked ? 0x80 : 0)
  }

  /// Whether a frame that is believed, or of which the last packet was the header, has its payload here.
  private static func expectsPayload(_ search: FrameSearch, masked: Bool, at offset: UInt64) -> Bool {
    if let lead = search.lead(masked: masked), lead.bits >= bitsOfStart, lead.end > offset { return true }
    return search.awaitsPayload(masked: masked)
  }

  /// A sender that has paused begins with a new frame, if it sends frames. So a packet that begins with something else
  /// speaks against them, unless it belongs to a frame that was begun.
  private mutating func noteStart(of bytes: Span<UInt8>, at position: StreamPosition) {
    let isNew = position.packet != lastPacket
    let before = lastPacketBytes
    if lastPacket == 0 { (first, firstBytes) = (position, bytes.count) }
    if isNew, before > 0 { sizes.ended(before) }
    // The first packet may be the end of a frame, but a short one rarely is.
    let isDue = before > 0 ? before < Self.shortPacket : bytes.count < Self.shortPacket
    if isNew, isDue {
      let search = search
      sizes.due(after: before) { masked in
        if Self.expectsPayload(search, masked: masked, at: position.offset) { return false }
        return !Self.mayBeginFrame(bytes, masked: masked)
      }
    }
    // What a WebSocket carries may be HTTP/2, too.
    let isPayload =
      Self.expectsPayload(search, masked: false, at: position.offset)
      || Self.expectsPayload(search, masked: true, at: position.offset)
    if isNew, !isPayload {
      let isFrame = Self.mayBeginFrame(bytes, masked: false) || Self.mayBeginFrame(bytes, masked: true)
      http2.receive(packet: bytes, at: position.offset, isFrame: isFrame)
    }
    lastPacket = position.packet
    lastPacketBytes = isNew ? bytes.count : before + bytes.count
  }
}
