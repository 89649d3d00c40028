internal import HTTP1
internal import SessionAnalysis
internal import Sessions

/// What an upgrade request and its response negotiate.
public struct OpeningHandshake: Sendable, Hashable {
  /// How it ended.
  public enum Outcome: String, Sendable, Hashable {
    /// Answered with 101, and the client may go on.
    case upgraded
    /// Answered with another status.
    case rejected
    /// Answered with a 101 that a client must refuse; an `anomaly` says why.
    case invalid
    /// Not answered in the capture.
    case incomplete
    /// Not captured; the session was recognised by its frames.
    case notCaptured = "not_captured"
  }

  /// Sec-WebSocket-Key as sent.
  public let key: String?
  /// Sec-WebSocket-Accept as sent.
  public let accept: String?
  /// The Sec-WebSocket-Accept that this key requires.
  public let expectedAccept: String?
  /// Whether the two are equal; nil if the status is not 101 or the key is not known.
  public let isAcceptValid: Bool?
  /// Sec-WebSocket-Version of the request as sent.
  public let version: String?
  /// Origin of the request, with secrets redacted unless they were asked for.
  public let origin: String?
  /// Subprotocols in the client's order; tokens in them are redacted unless they were asked for.
  public let subprotocolsOffered: [String]
  /// The server's choice; more than one only if it wrongly sent several.
  public let subprotocolsSelected: [String]
  /// Elements of the client's Sec-WebSocket-Extensions as sent.
  public let extensionsOffered: [String]
  /// Elements of the server's Sec-WebSocket-Extensions as sent.
  public let extensionsSelected: [String]
}

extension OpeningHandshake {
  init(_ handshake: Handshake, in event: SessionOpen) {
    (key, accept) = (handshake.key, handshake.accept)
    (expectedAccept, isAcceptValid) = (handshake.expectedAccept, handshake.acceptValid)
    version = handshake.version
    origin = handshake.origin.map { event.shown(header: "Origin", $0) }
    subprotocolsOffered = event.shown(subprotocols: handshake.subprotocolsOffered)
    subprotocolsSelected = event.shown(subprotocols: handshake.subprotocolsSelected)
    extensionsOffered = event.shown(extensions: handshake.extensionsOffered)
    extensionsSelected = event.shown(extensions: handshake.extensionsSelected)
  }
}

extension OpeningHandshake.Outcome {
  init(_ outcome: HandshakeOutcome) {
    switch outcome {
    case .upgraded: self = .upgraded
    case .rejected: self = .rejected
    case .invalid: self = .invalid
    case .incomplete: self = .incomplete
    case .notCaptured: self = .notCaptured
    }
  }
}
