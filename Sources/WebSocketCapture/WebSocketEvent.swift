/// Something that a capture shows.
///
/// A later version may add cases for what it learns to read: give a `switch` a `default`.
public enum WebSocketEvent: Sendable {
  /// The response to an upgrade request was read, or a session was recognised without its handshake.
  indirect case sessionOpened(SessionOpened)
  /// A whole text or binary message: fragments joined, unmasked, inflated.
  case message(WebSocketMessage)
  /// A Ping frame.
  case ping(WebSocketPing)
  /// A Pong frame.
  case pong(WebSocketPong)
  /// A Close frame.
  case close(WebSocketClose)
  /// A frame as it was sent; only with `WebSocketEvents.Options.includesFrames`.
  case frame(WebSocketFrame)
  /// Bytes of a session that were not captured.
  case gap(WebSocketGap)
  /// A broken rule, or something worth knowing.
  case anomaly(WebSocketAnomaly)
  /// A session ended, or the capture ended while it was open.
  indirect case sessionClosed(SessionClosed)
  /// The last event.
  indirect case captureEnded(CaptureEnded)

  /// The session that the event belongs to; nil for `captureEnded`.
  public var session: UInt64? {
    switch self {
    case .sessionOpened(let event): event.session
    case .message(let event): event.session
    case .ping(let event): event.session
    case .pong(let event): event.session
    case .close(let event): event.session
    case .frame(let event): event.session
    case .gap(let event): event.session
    case .anomaly(let event): event.session
    case .sessionClosed(let event): event.session
    case .captureEnded: nil
    }
  }
}
