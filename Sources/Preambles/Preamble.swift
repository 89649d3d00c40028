import PacketLayers

/// What an intermediary, or a client that asks one, says at the start of a connection before the protocol that is carried.
public struct Preamble: Sendable, Hashable {
  /// Which protocol says it.
  public enum Kind: String, Sendable {
    /// The PROXY protocol of HAProxy, which tells whose connection is passed on.
    case proxyProtocol = "proxy_protocol"
    /// An HTTP CONNECT that was granted (RFC 9110 §9.3.6).
    case connect
    /// SOCKS 4, to an address.
    case socks4
    /// SOCKS 4A, to a name.
    case socks4a
    /// SOCKS 5 (RFC 1928).
    case socks5
  }

  /// One end of a connection that a preamble tells of.
  public struct End: Sendable, Hashable {
    /// Its address.
    public var address: IPAddress
    /// Its TCP port.
    public var port: UInt16

    /// An end from its parts.
    public init(address: IPAddress, port: UInt16) { (self.address, self.port) = (address, port) }
  }

  /// Which protocol says it.
  public var kind: Kind
  /// Of the PROXY protocol, 1 or 2; nil of others.
  public var version: Int?
  /// Whose connection it is, as the PROXY protocol tells; nil where it does not.
  public var client: End?
  /// Where that client connected to, as the PROXY protocol tells.
  public var server: End?
  /// `host:port` that CONNECT or SOCKS asks for.
  public var target: String?
  /// Whether the client gave a name or a password. They are not kept.
  public var isAuthenticated = false

  /// A header of the PROXY protocol.
  package init(proxyVersion: Int, client: End?, server: End?) {
    (kind, version) = (.proxyProtocol, proxyVersion)
    (self.client, self.server) = (client, server)
  }

  /// A tunnel to a target.
  package init(_ kind: Kind, to target: String, isAuthenticated: Bool = false) {
    self.kind = kind
    // What stands before an at sign is credentials.
    self.target = target.split(separator: "@", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    self.isAuthenticated = isAuthenticated
  }
}
