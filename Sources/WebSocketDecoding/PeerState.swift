/// What a sender knew of its peer's stream when it sent the bytes at hand.
public struct PeerState: Sendable, Hashable {
  /// The offset in the peer's stream up to which the sender had acknowledged it; nil when that is not known.
  public var acknowledged: UInt64?
  /// The last packet before with bytes of the peer; nil when there was none.
  public var lastPacket: UInt64?
  /// Whether all that was captured of the peer before was read: nothing is told later that it said earlier. False when
  /// that is not known.
  public var isRead: Bool

  /// Nothing is known of the peer.
  public static var unknown: PeerState { PeerState(acknowledged: nil, lastPacket: nil) }

  /// The facts that are known of the peer.
  @inlinable public init(acknowledged: UInt64?, lastPacket: UInt64?, isRead: Bool = false) {
    (self.acknowledged, self.lastPacket, self.isRead) = (acknowledged, lastPacket, isRead)
  }
}
