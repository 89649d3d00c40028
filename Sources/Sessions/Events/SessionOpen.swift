import HTTP1
import Preambles
import SessionAnalysis
import TCPReassembly
import WireBytes

/// A session begins.
public struct SessionOpen: Sendable {
  /// Which one.
  public var session: SessionReference
  /// Where it was found out: the end of the response, or the first frame.
  public var position: StreamPosition
  /// Who asked for the upgrade: the client that the PROXY protocol tells of, or else the end of the TCP connection.
  public var client: Endpoint
  /// Who was asked.
  public var server: Endpoint
  /// The client's end of the TCP connection.
  public var tcpClient: Endpoint
  /// What came before the handshake on the connection: the PROXY protocol, SOCKS, CONNECT.
  public var via: [Preamble]
  /// Wireshark's `tcp.stream`.
  public var tcpStream: UInt64
  /// The request, the response and what was found wrong with them; nil when not captured.
  public var handshake: Handshake?
  /// What became of it.
  public var outcome: HandshakeOutcome
  /// What reports are not to show of it; nothing where secrets were asked for.
  public var hidden: Secrets
  /// The session that this one follows, if the same client lost one to the same place before.
  public var reconnect: Reconnect?
  /// The session that is the other leg of this one, around a proxy; said of the leg that was found second.
  public var leg: ProxyLeg?

  /// `ws://host/target`, as it may be shown.
  public var url: String? { (handshake?.url()).map { hidden.redacted(target: $0) } }

  /// The request target, as it may be shown.
  public func target(of head: HTTPHead) -> String { hidden.redacted(target: head.target) }

  /// A field's value, as it may be shown.
  public func shown(header name: String, _ value: String) -> String {
    hidden.isEmpty ? value : hidden.redacted(header: name, value: value)
  }

  /// Subprotocols, as they may be shown.
  public func shown(subprotocols: [String]) -> [String] {
    hidden.isEmpty ? subprotocols : subprotocols.map { hidden.redacted(subprotocol: $0) }
  }

  /// Elements of Sec-WebSocket-Extensions, as they may be shown.
  public func shown(extensions: [String]) -> [String] {
    hidden.isEmpty ? extensions : extensions.map { hidden.redacted(extension: $0) }
  }

  /// The reason of a status line, as it may be shown.
  public func reason(of head: HTTPHead) -> String { hidden.redacted(sentence: head.reason) }

  /// Community ID v1 of the connection.
  public var communityID: String { CommunityID.of(tcpClient, server) }
}
