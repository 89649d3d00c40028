internal import Sessions
internal import WireBytes

/// Bytes of a session that were not captured.
public struct WebSocketGap: Sendable, Hashable {
  /// The session's number.
  public let session: UInt64
  /// The side that sent them.
  public let from: WebSocketSide
  /// When the packet that showed the gap was captured.
  public let time: PacketTime
  /// The packet that showed it.
  public let packet: UInt64
  /// The offset of the first missing byte in the TCP stream of its sender.
  public let streamOffset: UInt64
  /// How many bytes are missing.
  public let bytes: UInt64
}

extension WebSocketGap {
  init(_ gap: Gap, in session: UInt64) {
    (self.session, from) = (session, WebSocketSide(gap.side))
    (time, packet) = (PacketTime(gap.position.time), gap.position.packet)
    (streamOffset, bytes) = (gap.position.offset, gap.bytes)
  }
}
