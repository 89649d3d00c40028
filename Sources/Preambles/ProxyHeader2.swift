import PacketLayers
import WireBytes

/// Version 2 of the PROXY protocol (haproxy.org, proxy-protocol.txt §2.2): a signature, version and command, family and
/// transport, the length of what follows, the addresses, and values of other types (TLV), which are passed over.
enum ProxyHeader2 {
  static let signature: InlineArray<12, UInt8> = [
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
  ]
  private static let fixedBytes = 16

  static func mayBegin(_ bytes: Span<UInt8>) -> Bool {
    for index in 0..<min(bytes.count, signature.count) where bytes[index] != signature[index] { return false }
    return true
  }

  static func parse(_ bytes: Span<UInt8>) -> PreambleParse {
    guard mayBegin(bytes) else { return .other }
    guard bytes.count >= fixedBytes else { return .more }
    let (version, command) = (bytes[12] >> 4, bytes[12] & 15)
    guard version == 2, command <= 1 else { return .other }
    let length = Int(bytes.uint16(at: 14))
    let addressBytes: Int? =
      switch bytes[13] >> 4 {
      case 1: 12
      case 2: 36
      default: nil
      }
    guard command == 1, let addressBytes else {
      // LOCAL is a connection of the proxy itself. Unix sockets and unknown families have no addresses of interest.
      return .read(
        Preamble(proxyVersion: 2, client: nil, server: nil), clientBytes: fixedBytes + length, serverBytes: 0)
    }
    guard length >= addressBytes else { return .other }
    guard bytes.count >= fixedBytes + addressBytes else { return .more }
    let each = (addressBytes - 4) / 2
    func address(_ place: Int) -> IPAddress {
      each == 4
        ? IPAddress(ipv4: bytes.uint32(at: place))
        : IPAddress(high: bytes.uint64(at: place), low: bytes.uint64(at: place + 8))
    }
    let ports = fixedBytes + each * 2
    return .read(
      Preamble(
        proxyVersion: 2,
        client: Preamble.End(address: address(fixedBytes), port: bytes.uint16(at: ports)),
        server: Preamble.End(address: address(fixedBytes + each), port: bytes.uint16(at: ports + 2))),
      clientBytes: fixedBytes + length, serverBytes: 0)
  }
}
