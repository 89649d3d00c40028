internal import Preambles
internal import TCPReassembly

/// One end of a TCP connection.
public struct TCPEndpoint: Sendable, Hashable, CustomStringConvertible {
  /// An IPv4 or IPv6 address as text: `10.0.0.1`, `2001:db8::1`.
  public let ip: String
  /// The TCP port.
  public let port: UInt16

  /// `10.0.0.1:80`, `[2001:db8::1]:80`
  public var description: String {
    ip.utf8.contains(UInt8(ascii: ":")) ? "[\(ip)]:\(port)" : "\(ip):\(port)"
  }
}

extension TCPEndpoint {
  init(_ end: Endpoint) { (ip, port) = (end.address.description, end.port) }
  init(_ end: Preamble.End) { (ip, port) = (end.address.description, end.port) }
}
