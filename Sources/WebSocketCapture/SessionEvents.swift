extension WebSocketCapture {
  /// A session begins.
  public struct SessionOpened: Sendable {
    /// The session's number, counted from 1 in the order in which sessions were found.
    public let session: UInt64
    /// When it was found out: the end of the response, or the first frame.
    public let time: Time
    /// The packet that showed it, counted from 1 as Wireshark's `frame.number`.
    public let packet: UInt64
    /// Who asked for the upgrade.
    public let client: Endpoint
    /// Who was asked.
    public let server: Endpoint
    /// `ws://host/target`; nil when the request was not captured or names no host.
    public let url: String?
    /// Wireshark's `tcp.stream`.
    public let tcpStream: UInt64
    /// Community ID v1 of the connection, by which Zeek, Suricata and Arkime name it too.
    public let communityID: String
    /// What became of the handshake.
    public let outcome: HandshakeOutcome
    /// The upgrade request; nil when it was not captured.
    public let request: Request?
    /// The answer to it; nil when it was not captured or never came.
    public let response: Response?
    /// What the two sides said to each other; nil when not captured.
    public let handshake: Handshake?
  }

  /// What became of a handshake.
  public enum HandshakeOutcome: String, Sendable, Hashable {
    /// Answered with 101, and a client may go on.
    case upgraded
    /// Answered with another status.
    case rejected
    /// Answered with 101, but with something that a client must refuse; an `anomaly` says what.
    case invalid
    /// Never answered in the capture.
    case incomplete
    /// The session was recognised by its frames.
    case notCaptured = "not_captured"
  }

  /// An HTTP header field, as it was sent.
  public struct Header: Sendable, Hashable {
    /// The field's name in the letter case in which it was sent.
    public let name: String
    /// Its value; a folded one is joined with one space.
    public let value: String
  }

  /// The upgrade request.
  public struct Request: Sendable, Hashable {
    /// When its first byte was captured.
    public let time: Time
    /// The packet of its first byte.
    public let packet: UInt64
    /// `GET`
    public let method: String
    /// The request target as sent: `/chat?room=1`
    public let target: String
    /// The version of HTTP: `1.1`; nil where it was cut off.
    public let httpVersion: String?
    /// The rest of the head is not in the capture: the target may go on, and there may be more fields.
    public let isCut: Bool
    /// All fields in the order in which they were sent.
    public let headers: [Header]
  }

  /// The answer to an upgrade request.
  public struct Response: Sendable, Hashable {
    /// When its head was complete.
    public let time: Time
    /// The packet that completed it.
    public let packet: UInt64
    /// 101 when the upgrade was granted.
    public let status: Int
    /// `Switching Protocols`
    public let reason: String
    /// The rest of the head is not in the capture: there may be more fields.
    public let isCut: Bool
    /// All fields in the order in which they were sent.
    public let headers: [Header]
  }

  /// What an upgrade request and its answer agree on.
  public struct Handshake: Sendable, Hashable {
    /// Sec-WebSocket-Key as sent.
    public let key: String?
    /// Sec-WebSocket-Accept as sent.
    public let accept: String?
    /// What Sec-WebSocket-Accept has to be for this key.
    public let expectedAccept: String?
    /// Whether the two agree; nil where the answer is no 101 or the key is not known.
    public let isAcceptValid: Bool?
    /// Sec-WebSocket-Version of the request as sent.
    public let version: String?
    /// Origin of the request.
    public let origin: String?
    /// Subprotocols in the client's order.
    public let subprotocolsOffered: [String]
    /// The server's choice; several only if it wrongly sent several.
    public let subprotocolsSelected: [String]
    /// Elements of the client's Sec-WebSocket-Extensions as sent.
    public let extensionsOffered: [String]
    /// Elements of the server's Sec-WebSocket-Extensions as sent.
    public let extensionsSelected: [String]
  }

  /// A session ends.
  public struct SessionClosed: Sendable {
    /// Which one.
    public let session: UInt64
    /// When the packet that ended it was captured.
    public let time: Time
    /// The packet that ended it.
    public let packet: UInt64
    /// From `SessionOpened.time` to here.
    public let duration: Duration
    /// How it ended.
    public let how: SessionEnd
    /// Who began the end; nil when nobody did, or it is not known.
    public let closedBy: Side?
    /// The status code of the first Close frame; nil when it has none, or there is no Close frame.
    public let code: UInt16?
    /// How it ended, in one sentence.
    public let verdict: String
    /// What the sentence rests on, one line each.
    public let evidence: [String]
    /// What the client sent after the upgrade.
    public let client: Counts
    /// What the server sent after the upgrade.
    public let server: Counts
    /// Anomalies that happened more often than they were reported.
    public let anomaliesNotListed: [AnomaliesNotListed]
  }

  /// How a session ended.
  public enum SessionEnd: String, Sendable, Hashable {
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

  /// What one side sent after the upgrade. Every byte is in exactly one of `wireBytes`, `lostBytes` and
  /// `unexplainedBytes`.
  public struct Counts: Sendable, Hashable {
    /// Text and binary messages, incomplete ones included.
    public let messages: UInt64
    /// Frames of any kind.
    public let frames: UInt64
    /// Payload bytes of messages, after inflation.
    public let bytes: UInt64
    /// Captured bytes that belong to frames, headers included.
    public let wireBytes: UInt64
    /// Ping frames.
    public let pings: UInt64
    /// Pong frames.
    public let pongs: UInt64
    /// All bytes after the upgrade.
    public let streamBytes: UInt64
    /// Bytes of the stream that the capture does not hold.
    public let lostBytes: UInt64
    /// Captured bytes that could not be assigned to a frame.
    public let unexplainedBytes: UInt64
  }

  /// A rule that one side broke more often than anomalies were given for.
  public struct AnomaliesNotListed: Sendable, Hashable {
    /// The rule's name, as `Anomaly.rule`.
    public let rule: String
    /// Who broke it.
    public let from: Side
    /// How many more times.
    public let count: Int
  }

  /// The capture was read to its end, or as far as it can be read.
  public struct CaptureEnded: Sendable {
    /// Packets read.
    public let packets: UInt64
    /// Their bytes on the wire.
    public let bytes: UInt64
    /// The earliest packet; nil without packets.
    public let firstTime: Time?
    /// The latest packet; nil without packets.
    public let lastTime: Time?
    /// Packets that stand behind one with a later time.
    public let packetsOutOfTimeOrder: UInt64
    /// TCP connections.
    public let connections: UInt64
    /// WebSocket sessions, rejected handshakes included.
    public let sessions: UInt64
    /// TCP connections that carried TLS and stayed closed.
    public let tlsConnections: UInt64
    /// Packets of other protocols than TCP.
    public let notTCP: UInt64
    /// Packets that could not be decoded, by reason (`truncated_ip_header`); only reasons that occurred.
    public let undecodable: [String: UInt64]
    /// What was noticed, and let go, while TCP streams were put together.
    public let reassembly: ReassemblyCounts
    /// Why the capture could not be read to its end, one line each: empty when it could.
    public let damage: [String]
  }

  /// What was noticed, and let go, while TCP streams were put together.
  public struct ReassemblyCounts: Sendable, Hashable {
    /// Segments whose bytes had all come before.
    public let retransmissions: UInt64
    /// Segments that came before their turn.
    public let outOfOrder: UInt64
    /// Segments so far ahead that they cannot belong to the stream; ignored.
    public let outOfWindow: UInt64
    /// Segments that came after the end of their connection; ignored.
    public let afterEnd: UInt64
    /// Bytes from before the first captured one of a connection without a SYN, which came behind it; ignored.
    public let bytesBeforeStart: UInt64
    /// RST segments outside the window; ignored.
    public let invalidResets: UInt64
    /// Holes given up because too many bytes waited behind them.
    public let holesOverLimit: UInt64
    /// Connections let go because there were too many, or because they were idle too long.
    public let connectionsGivenUp: UInt64
    /// IP datagrams of which some fragments were not captured.
    public let incompleteDatagrams: Int
  }
}
