import TCPReassembly
import WireBytes

/// An upgrade request that was seen and not read, because of what comes before it on its connection.
public struct UnreadRequest: Sendable {
  /// Why it was not read.
  public enum Reason: Sendable, Equatable {
    /// It comes after bytes of a protocol that is not known.
    case unknownProtocol
    /// A SOCKS server refused to connect; the target, if it was asked for.
    case refused(target: String)
  }

  /// The end that sent it.
  public var client: Endpoint
  /// The other end.
  public var server: Endpoint
  /// Wireshark's `tcp.stream`.
  public var tcpStream: UInt64
  /// Where it begins, as far as that can be told.
  public var position: StreamPosition
  /// Why it was not read.
  public var reason: Reason
}
