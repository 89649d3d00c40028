import HTTP1
import Preambles
import WebSocketDecoding

/// What a connection carries at present: who reads its next bytes.
///
/// `Dispatcher.move` is the only function that replaces it. A stage that ends hands over what it still held, and the bytes
/// that it did not take go to the next one.
enum Stage {
  /// Nothing was seen yet of what it carries, or a tunnel was just opened in it.
  case detecting
  /// Perhaps what an intermediary says before the protocol that is carried.
  case preamble(PreambleReader)
  /// HTTP/1.x, until a connection is something else.
  case http1(HTTP1Exchange)
  /// Perhaps frames without a captured handshake.
  case midstream(MidstreamDetector)
  /// Frames, because the user says so (`PortOptions.asWebSocket`); the session begins with the next byte. `isAtStart`: nothing
  /// but preambles came before it.
  case forced(isAtStart: Bool)
  /// Frames of a session.
  case webSocket(FrameReading)
  /// An unknown protocol, in which an upgrade request would be worth a line.
  case unrecognized(UpgradeSearch)
  /// A copy of the connection of a session, captured before or after address translation; its number among them.
  case copy(of: ConnectionCopies, number: Int)
  /// Nothing that is of interest, and nothing will be.
  case ignored

  /// The session whose frames are read, with what is still open about the client's side.
  struct FrameReading {
    let session: SessionRecord
    /// The client's index in the table of frame streams; the server's follows.
    let streams: Int
    /// Where the client's frames begin.
    var client: ClientStart
    /// The server's frames begin with its next byte. False where the rest of its 101 is not in the capture.
    var isServerStartKnown = true

    /// Whether it is known where the frames of both sides begin.
    var isSettled: Bool { if case .known = client { isServerStartKnown } else { false } }
  }
}
