internal import Preambles

/// What an intermediary said, or was asked, on a connection before the handshake.
public struct Intermediary: Sendable, Hashable {
  /// Which protocol it spoke.
  public enum Kind: String, Sendable {
    /// The PROXY protocol, which tells whose connection is passed on.
    case proxyProtocol = "proxy_protocol"
    /// HTTP CONNECT.
    case connect
    /// SOCKS 4, to an address.
    case socks4
    /// SOCKS 4A, to a name.
    case socks4a
    /// SOCKS 5.
    case socks5
  }

  /// Which protocol it spoke.
  public let kind: Kind
  /// Of the PROXY protocol, 1 or 2; nil of others.
  public let version: Int?
  /// Whose connection it is, as the PROXY protocol tells.
  public let client: TCPEndpoint?
  /// Where that client connected to, as the PROXY protocol tells.
  public let server: TCPEndpoint?
  /// `host:port` that CONNECT or SOCKS asked for.
  public let target: String?
}

extension Intermediary {
  init(_ preamble: Preamble) {
    kind =
      switch preamble.kind {
      case .proxyProtocol: .proxyProtocol
      case .connect: .connect
      case .socks4: .socks4
      case .socks4a: .socks4a
      case .socks5: .socks5
      }
    (version, target) = (preamble.version, preamble.target)
    client = preamble.client.map { TCPEndpoint($0) }
    server = preamble.server.map { TCPEndpoint($0) }
  }
}
