/// What a sender knew of its peer's stream when it sent the bytes at hand.
///
/// One is made for each segment, so it is as small as it can be: numbers that no stream reaches mean nil.
public struct PeerState: Sendable, Hashable {
  @usableFromInline let acknowledgedOrMax: UInt64
  @usableFromInline let lastPacketOrZero: UInt64
  /// Whether all that was captured of the peer before was read: nothing is told later that it said earlier. False when
  /// that is not known.
  public let isRead: Bool

  /// Nothing is known of the peer.
  public static var unknown: PeerState { PeerState(acknowledged: nil, lastPacket: nil) }

  /// The facts that are known of the peer.
  @inlinable @inline(__always)
  public init(acknowledged: UInt64?, lastPacket: UInt64?, isRead: Bool = false) {
    (acknowledgedOrMax, lastPacketOrZero) = (acknowledged ?? .max, lastPacket ?? 0)
    self.isRead = isRead
  }

  /// The offset in the peer's stream up to which the sender had acknowledged it; nil when unknown.
  public var acknowledged: UInt64? { acknowledgedOrMax == .max ? nil : acknowledgedOrMax }

  /// The last packet before with bytes of the peer; nil when it had sent nothing. Packets are counted from 1.
  public var lastPacket: UInt64? { lastPacketOrZero == 0 ? nil : lastPacketOrZero }
}
