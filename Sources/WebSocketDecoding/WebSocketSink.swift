import WireBytes

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
  /// A rule was broken, or something happened that is worth knowing. `peer` is what the side knew of its peer.
  func anomaly(_ anomaly: Anomaly, in session: SessionIndex, peer: PeerState)
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
