import Preambles
import TCPReassembly

/// A connection that began with a preamble (the PROXY protocol, SOCKS, CONNECT) and carried no session.
public struct UnusedRoute: Sendable {
  /// The end that sent the preamble.
  public var client: Endpoint
  /// The other end.
  public var server: Endpoint
  /// Wireshark's `tcp.stream`.
  public var tcpStream: UInt64
  /// The preambles that were read, in their order.
  public var via: [Preamble]
  /// The last one that the server refused.
  public var refused: Preamble?
  /// The status of the refusal, if that was CONNECT.
  public var status: Int?
}
