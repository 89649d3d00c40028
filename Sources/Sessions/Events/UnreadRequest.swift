import TCPReassembly
import WireBytes

/// An upgrade request that was seen and not read.
public struct UnreadRequest: Sendable {
  /// Why it was not read.
  public enum Reason: Sendable, Equatable {
    /// It comes after bytes of a protocol that is not known.
    case unknownProtocol
    /// The server sent bytes of a protocol that is not known before it came.
    case unknownProtocolOfServer
    /// Its first line is not a request line; the line, shortened and without secrets of a URL.
    case requestLine(String)
    /// A SOCKS server refused to connect; the target, if it was asked for.
    case refused(target: String)
    /// It comes after more preambles than are read.
    case tooManyPreambles
    /// It comes after an upgrade to another protocol.
    case otherProtocol(String)
    /// Its head is larger than what is held of one.
    case headTooLarge(String)
    /// Its head was cut by the capture before its Upgrade field, so that it may have asked for another protocol; it has
    /// Connection: Upgrade, and was answered with this status.
    case cut(status: Int)
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
