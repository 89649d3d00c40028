import WireBytes

/// What began the end of one leg: its first Close frame, FIN or RST.
public struct LegAct: Sendable {
  /// What was sent.
  public enum Kind: Sendable, Hashable {
    /// A Close frame, with its status code if it has one.
    case close(UInt16?)
    /// A FIN.
    case fin
    /// A RST.
    case reset
  }

  /// What.
  public let kind: Kind
  /// Who sent it, on this leg: to the client's leg the proxy is the server.
  public let side: Side
  /// The first packet of it.
  public let packet: UInt64
  /// When that was captured.
  public let time: CaptureTime
  /// Both ends of the leg sent a Close before they had received the other's.
  public let isCrossing: Bool

  /// An act from its parts.
  package init(_ kind: Kind, by side: Side, at position: StreamPosition, isCrossing: Bool = false) {
    (self.kind, self.side, self.isCrossing) = (kind, side, isCrossing)
    (packet, time) = (position.packet, position.time)
  }
}
