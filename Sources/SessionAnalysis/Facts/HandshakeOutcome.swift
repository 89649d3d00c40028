import HTTP1
import WireBytes

/// What became of the handshake, as reports name it.
public enum HandshakeOutcome: String, Sendable {
  /// Answered with 101, and a client may go on.
  case upgraded
  /// Answered with another status.
  case rejected
  /// Answered with 101, but with something that a client must refuse.
  case invalid
  /// Never answered in the capture.
  case incomplete
  /// The session was recognised by its frames.
  case notCaptured = "not_captured"

  /// Whether frames follow.
  package var readsFrames: Bool {
    switch self {
    case .upgraded, .invalid, .notCaptured: true
    case .rejected, .incomplete: false
    }
  }

  /// What became of a handshake of which something was captured.
  package init(_ outcome: Handshake.Outcome) {
    switch outcome {
    case .upgraded: self = .upgraded
    case .rejected: self = .rejected
    case .invalid: self = .invalid
    case .incomplete: self = .incomplete
    }
  }
}
