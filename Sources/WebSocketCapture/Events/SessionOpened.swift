internal import Sessions
internal import WireBytes

/// A session begins.
public struct SessionOpened: Sendable {
  /// The session's number, counted from 1 in the order in which sessions were found.
  public let session: UInt64
  /// When the session was recognised: at the end of the response, or at the first frame.
  public let time: PacketTime
  /// The packet that showed it, counted from 1 like Wireshark's `frame.number`.
  public let packet: UInt64
  /// The end that asked for the upgrade: the client that the PROXY protocol tells of, or else that of the TCP connection.
  public let client: TCPEndpoint
  /// The end that was asked.
  public let server: TCPEndpoint
  /// The client's end of the TCP connection.
  public let tcpClient: TCPEndpoint
  /// What came before the handshake on the connection: the PROXY protocol, SOCKS, CONNECT. Mostly empty.
  public let via: [Intermediary]
  /// `ws://host/target`, with secrets redacted unless they were asked for; nil when the request was not captured or
  /// names no host.
  public let url: String?
  /// Wireshark's `tcp.stream`.
  public let tcpStream: UInt64
  /// Community ID v1 of the connection, as Zeek, Suricata and Arkime print it too.
  public let communityID: String
  /// How the handshake ended.
  public let outcome: OpeningHandshake.Outcome
  /// The upgrade request; nil when it was not captured.
  public let request: UpgradeRequest?
  /// The response to it; nil when it was not captured or never came.
  public let response: UpgradeResponse?
  /// What the request and the response negotiate; nil when neither was captured.
  public let handshake: OpeningHandshake?
  /// The places where something was redacted, each once: `Cookie`, `query parameter token`. Empty when nothing was, or
  /// with `WebSocketEvents.Options.showsSecrets`.
  public let redacted: [String]
}

extension SessionOpened {
  init(_ event: SessionOpen) {
    session = event.session.number
    (time, packet) = (PacketTime(event.position.time), event.position.packet)
    (client, server) = (TCPEndpoint(event.client), TCPEndpoint(event.server))
    (tcpClient, via) = (TCPEndpoint(event.tcpClient), event.via.map { Intermediary($0) })
    url = event.url
    (tcpStream, communityID) = (event.tcpStream, event.communityID)
    outcome = OpeningHandshake.Outcome(event.outcome)
    request = event.handshake?.request.map { UpgradeRequest($0, in: event) }
    response = event.handshake?.response.map { UpgradeResponse($0, in: event) }
    handshake = event.handshake.map { OpeningHandshake($0, in: event) }
    redacted = event.hidden.places
  }
}
