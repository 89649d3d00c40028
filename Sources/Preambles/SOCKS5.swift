import PacketLayers
import WireBytes

/// SOCKS 5 (RFC 1928), without authentication or with a user name and password (RFC 1929).
///
///     client   5, number of methods, methods                  §3
///     server   5, method
///     client   1, length, name, length, password              RFC 1929 §2, if that is the method
///     server   1, status
///     client   5, 1 (connect), 0, type, address, port         §4
///     server   5, reply, 0, type, address, port               §6
///
/// A client need not wait for the server before it goes on.
enum SOCKS5 {
  static let version: UInt8 = 5
  private static let connect: UInt8 = 1
  private static let noAuthentication: UInt8 = 0
  private static let userAndPassword: UInt8 = 2
  private static let noMethod: UInt8 = 0xFF

  static func mayBegin(_ bytes: Span<UInt8>) -> Bool {
    bytes[0] == version && (bytes.count < 2 || bytes[1] > 0)
  }

  static func parse(client: Span<UInt8>, server: Span<UInt8>) -> PreambleParse {
    guard mayBegin(client) else { return .other }
    guard client.count >= 2, client.count >= 2 + Int(client[1]) else {
      return server.isEmpty ? .more : .other
    }
    var (sent, answered) = (2 + Int(client[1]), 2)
    guard server.count >= 1, server[0] == version else { return server.isEmpty ? .more : .other }
    guard server.count >= answered else { return .more }
    let method = server[1]
    guard method != noMethod else {
      // What was to be asked for is not said any more.
      return .refused(Preamble(.socks5, to: ""))
    }
    guard (2..<sent).contains(where: { client[$0] == method }) else { return .other }
    switch method {
    case noAuthentication: break
    case userAndPassword:
      let step = authentication(client.dropping(sent), server.dropping(answered))
      guard case .passed(let bytes) = step else {
        return if case .refused = step {
          .refused(Preamble(.socks5, to: "", isAuthenticated: true))
        } else if case .more = step { .more } else { .other }
      }
      (sent, answered) = (sent + bytes, answered + 2)
    default: return .other
    }
    let request = client.dropping(sent)
    guard request.count >= 3 else { return .more }
    guard request[0] == version, request[1] == connect else { return .other }
    guard let (target, bytes) = place(in: request) else { return isPlausible(request) ? .more : .other }
    sent += bytes
    let preamble = Preamble(.socks5, to: target, isAuthenticated: method == userAndPassword)
    let reply = server.dropping(answered)
    guard reply.count >= 2 else { return reply.isEmpty || reply[0] == version ? .more : .other }
    guard reply[0] == version else { return .other }
    guard reply[1] == 0 else { return .refused(preamble) }
    // The address that the server uses: some leave a name of no length.
    guard let length = length(of: reply) else { return isPlausible(reply) ? .more : .other }
    guard reply.count >= length else { return .more }
    return .read(preamble, clientBytes: sent, serverBytes: answered + length)
  }

  private enum Authentication {
    case more
    /// So many bytes of the client belong to it.
    case passed(bytes: Int)
    case refused
    case other
  }

  private static func authentication(_ client: Span<UInt8>, _ server: Span<UInt8>) -> Authentication {
    guard client.count >= 1 else { return .more }
    guard client[0] == 1 else { return .other }
    guard client.count >= 2 else { return .more }
    let name = Int(client[1])
    guard client.count >= 3 + name else { return .more }
    let bytes = 3 + name + Int(client[2 + name])
    guard client.count >= bytes, server.count >= 2 else { return .more }
    // Some servers answer with the version of SOCKS.
    guard server[0] == 1 || server[0] == version else { return .other }
    return server[1] == 0 ? .passed(bytes: bytes) : .refused
  }

  /// What a request asks for, and its length; nil while it is not all there, or of an unknown type.
  private static func place(in request: Span<UInt8>) -> (target: String, bytes: Int)? {
    guard let length = length(of: request), request.count >= length else { return nil }
    let port = request.uint16(at: length - 2)
    switch request[3] {
    case 1: return (AddressText.hostAndPort(IPAddress(ipv4: request.uint32(at: 4)), port), length)
    case 4:
      let address = IPAddress(high: request.uint64(at: 4), low: request.uint64(at: 12))
      return (AddressText.hostAndPort(address, port), length)
    default:
      guard let host = AddressText.host(request.extracting(5..<length - 2)) else { return nil }
      return ("\(host):\(port)", length)
    }
  }

  /// The bytes of a request or reply; nil if that is not known yet, or the type of its address is none.
  private static func length(of message: Span<UInt8>) -> Int? {
    guard message.count >= 5 else { return nil }
    switch message[3] {
    case 1: return 10
    case 3: return 7 + Int(message[4])
    case 4: return 22
    default: return nil
    }
  }

  /// Whether a request or reply that is not all there can be one.
  private static func isPlausible(_ message: Span<UInt8>) -> Bool {
    guard message.count >= 4 else { return true }
    guard [1, 3, 4].contains(message[3]) else { return false }
    return length(of: message).map { message.count < $0 } ?? true
  }
}
