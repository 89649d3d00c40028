import WireBytes

/// How a session ended, as reports name it.
public enum SessionEnd: String, Sendable {
  /// Both sides sent a Close frame.
  case closeHandshake = "close_handshake"
  /// One side did, the other never answered.
  case closeUnanswered = "close_unanswered"
  /// A FIN without a Close frame: what a browser reports as 1006.
  case fin
  /// A RST without a closing handshake.
  case rst
  /// The capture ended first.
  case captureEnd = "capture_end"
  /// The analysis let it go: idle too long, or a limit was reached.
  case gaveUp = "gave_up"
}
