import PacketLayers
import WireBytes

/// SOCKS 4 and 4A: one request, one answer.
///
///     client   4, 1 (connect), port, address, user id, 0; with the address 0.0.0.x a name and 0
///     server   0, code, port, address
enum SOCKS4 {
  static let version: UInt8 = 4
  private static let connect: UInt8 = 1
  private static let fixedBytes = 8
  private static let answerBytes = 8
  private static let granted: UInt8 = 90
  /// Bytes of a user id or name.
  private static let longestText = 255

  static func mayBegin(_ bytes: Span<UInt8>) -> Bool {
    bytes[0] == version && (bytes.count < 2 || bytes[1] == connect)
  }

  static func parse(client: Span<UInt8>, server: Span<UInt8>) -> PreambleParse {
    guard mayBegin(client) else { return .other }
    guard client.count >= fixedBytes else { return server.isEmpty ? .more : .other }
    let (port, address) = (client.uint16(at: 2), client.uint32(at: 4))
    guard port > 0 else { return .other }
    let hasName = address > 0 && address < 256
    var place = fixedBytes
    guard let user = text(in: client, from: place) else {
      return client.count - place > longestText ? .other : .more
    }
    place = user.upperBound + 1
    var target = AddressText.hostAndPort(IPAddress(ipv4: address), port)
    if hasName {
      guard let name = text(in: client, from: place) else {
        return client.count - place > longestText ? .other : .more
      }
      guard let host = AddressText.host(client.extracting(name)) else { return .other }
      target = "\(host):\(port)"
      place = name.upperBound + 1
    }
    let preamble = Preamble(hasName ? .socks4a : .socks4, to: target, isAuthenticated: !user.isEmpty)
    guard server.count >= 2 else { return server.isEmpty || server[0] == 0 ? .more : .other }
    // Some servers answer with their version instead of 0.
    guard server[0] == 0 || server[0] == version, (granted...93).contains(server[1]) else { return .other }
    guard server.count >= answerBytes else { return .more }
    return server[1] == granted
      ? .read(preamble, clientBytes: place, serverBytes: answerBytes) : .refused(preamble)
  }

  /// A text up to the byte 0 that ends it.
  private static func text(in bytes: Span<UInt8>, from start: Int) -> Range<Int>? {
    for index in start..<max(start, min(bytes.count, start + longestText + 1)) where bytes[index] == 0 {
      return start..<index
    }
    return nil
  }
}
