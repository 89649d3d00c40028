import WireBytes

/// The end of the last packet that a frame went beyond although it had room for more: what a sender writes in one piece fills its
/// packets. If the frame turns out to be none, other frames may be in there, which were read as its payload.
struct PacketTail: ~Copyable {
  private var buffer = PayloadBuffer()
  /// Where the bytes begin, and their packet.
  private(set) var start = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
  private(set) var packetStart: UInt64 = 0
  /// What their sender knew of its peer.
  private(set) var peer = PeerState.unknown
  /// Bytes of the largest packet that a frame went beyond, or that every path can carry (RFC 8200 §5).
  private var fullPacket: UInt64 = 1200

  /// Bytes that are kept.
  static let limit = 2048

  /// A packet of this many bytes ends within a frame. Returns whether it could have carried more.
  @inline(__always)
  mutating func hasRoom(_ packetBytes: UInt64) -> Bool {
    if packetBytes < fullPacket { return true }
    fullPacket = packetBytes
    return false
  }

  /// Keeps the end of `bytes`, payload of a frame that goes beyond its packet.
  @inline(never)
  mutating func keep(_ bytes: Span<UInt8>, at position: StreamPosition, packetStart: UInt64, peer: PeerState)
  {
    let skipped = max(0, bytes.count &- Self.limit)
    buffer.clear(keeping: Self.limit)
    buffer.append(bytes.dropping(skipped))
    (start, self.packetStart, self.peer) = (position.advanced(by: skipped), packetStart, peer)
  }

  /// The bytes, if they end where the byte at `offset` follows.
  @_lifetime(borrow self)
  func bytes(before offset: UInt64) -> Span<UInt8> {
    let isNext = start.offset &+ UInt64(buffer.count) == offset
    return buffer.bytes.extracting(..<(isNext ? buffer.count : 0))
  }
}
