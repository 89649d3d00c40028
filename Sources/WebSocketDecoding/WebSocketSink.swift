import WireBytes

/// The number under which a sink knows a session: decoders hand it back with everything they find.
public struct SessionIndex: Sendable, Hashable {
  /// Dense and reused: an index into the sink's own table.
  public let value: Int

  /// The session in this place of the sink's table.
  @inlinable public init(_ value: Int) { self.value = value }
}

/// What a sender knew of its peer's stream when it sent the bytes at hand.
public struct PeerState: Sendable, Hashable {
  /// The offset in the peer's stream up to which the sender had acknowledged it; nil when that is not known.
  public var acknowledged: UInt64?
  /// The last packet before with bytes of the peer; nil when there was none.
  public var lastPacket: UInt64?

  /// Nothing is known of the peer.
  public static var unknown: PeerState { PeerState(acknowledged: nil, lastPacket: nil) }

  /// The two facts that are known of the peer.
  @inlinable public init(acknowledged: UInt64?, lastPacket: UInt64?) {
    (self.acknowledged, self.lastPacket) = (acknowledged, lastPacket)
  }
}

/// Takes what decoders find, in stream order, with the session it belongs to.
///
/// The anomalies of a message or control frame come before it. Payloads are borrowed for the call.
public protocol WebSocketSink: AnyObject {
  /// A message ended. `payload` is its start: all of it up to `DecodingOptions.keptPayload` bytes. `missing` are
  /// the first thousand or so ranges that the capture does not hold.
  func message(
    _ message: borrowing Message, in session: SessionIndex, missing: [MissingRange], payload: Span<UInt8>)
  /// The same for a message whose payload has memory of its own: a sink that wants to keep it may take the buffer, and
  /// leave another one in its place.
  func message(
    _ message: borrowing Message, in session: SessionIndex, missing: [MissingRange],
    buffer payload: inout PayloadBuffer)
  /// A Close, Ping or Pong frame ended. `peer` is what its sender knew of its peer.
  func control(
    _ control: borrowing ControlFrame, in session: SessionIndex, peer: PeerState, payload: Span<UInt8>)
  /// A frame ended; only with `DecodingOptions.reportsFrames`. The payload is unmasked, not inflated.
  func frame(_ frame: borrowing Frame, in session: SessionIndex, payload: Span<UInt8>)
  /// A rule was broken, or something happened that is worth knowing.
  func anomaly(_ anomaly: Anomaly, in session: SessionIndex)
}

extension WebSocketSink {
  /// Most sinks read a payload and keep nothing of it.
  public func message(
    _ message: borrowing Message, in session: SessionIndex, missing: [MissingRange],
    buffer payload: inout PayloadBuffer
  ) {
    self.message(message, in: session, missing: missing, payload: payload.bytes)
  }
}
