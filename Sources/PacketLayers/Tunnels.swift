import WireBytes

/// Ports of UDP that carry other packets. https://www.iana.org/assignments/service-names-port-numbers
private enum TunnelPort {
  static let gtpUser: UInt16 = 2152
  static let vxlan: UInt16 = 4789
  static let vxlanGPE: UInt16 = 4790
  static let geneve: UInt16 = 6081
  /// What Linux takes for VXLAN unless told otherwise.
  static let oldVXLAN: UInt16 = 8472
}

extension PacketDecoder {
  /// Whether a datagram of UDP that begins with these bytes goes to or comes from a tunnel's port.
  static func isOfTunnel(_ datagram: Span<UInt8>) -> Bool {
    guard datagram.count >= 4 else { return false }
    switch datagram.uint16(at: 2) {
    case TunnelPort.vxlan, TunnelPort.oldVXLAN, TunnelPort.vxlanGPE, TunnelPort.geneve, TunnelPort.gtpUser:
      return true
    default: return datagram.uint16(at: 0) == TunnelPort.gtpUser
    }
  }

  /// How deep packets may lie in packets.
  static var mostTunnels: Int { 8 }

  /// Opens what IP carries instead of TCP, if it is a tunnel: the segment is that of the innermost packet.
  @inline(never)
  mutating func decodeTunnel(
    _ number: UInt8, _ packet: Span<UInt8>, _ payload: Extent, _ time: CaptureTime,
    _ segment: inout TCPSegment
  ) -> PacketOutcome {
    var payload = payload
    let network: NetworkProtocol
    switch number {
    case IPProtocol.ipv4: network = .ipv4
    case IPProtocol.ipv6: network = .ipv6
    case IPProtocol.gre: network = stripGRE(from: packet, &payload)
    case IPProtocol.udp: network = stripUDPTunnel(from: packet, &payload)
    default: return .notTCP
    }
    guard tunnels < Self.mostTunnels else { return .undecodable(.tooManyTunnels) }
    tunnels += 1
    defer { tunnels -= 1 }
    switch network {
    case .ipv4: return decodeIPv4(packet, payload, time, &segment)
    case .ipv6: return decodeIPv6(packet, payload, time, &segment)
    case .ipByVersion: return decodeIPByVersion(packet, payload, time, &segment)
    // 802.11 does not stand in tunnels that are opened.
    case .other, .wireless, .wirelessPadded: return .notTCP
    case .truncated: return .undecodable(.truncatedTunnelHeader)
    }
  }
}

/// RFC 2784 §2.1, RFC 2890 §2; version 1 is that of PPTP (RFC 2637 §4.1), which has an acknowledgment too.
/// ```
/// +-------------------+------------+------------+-------+------------+------------------+
/// | C R K S … version | protocol 2 | checksum 4 | key 4 | sequence 4 | acknowledgment 4 |
/// +-------------------+------------+------------+-------+------------+------------------+
/// ```
private func stripGRE(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.skip(4) else { return .truncated }
  let (flags, type) = (packet.uint16(at: start), packet.uint16(at: start + 2))
  // Source routes (R) were given up; versions above 1 do not exist.
  guard flags & 0x4000 == 0, flags & 7 <= 1 else { return .other }
  var length = (flags & 0x8000 != 0 ? 4 : 0) + (flags & 0x2000 != 0 ? 4 : 0) + (flags & 0x1000 != 0 ? 4 : 0)
  if flags & 7 == 1, flags & 0x0080 != 0 { length += 4 }
  guard extent.skip(length) else { return .truncated }
  switch type {
  // ERSPAN, a switch's copy of what it forwards: type II has a header of 8 bytes and a sequence number, type I none.
  case 0x88be:
    guard flags & 0x1000 == 0 || extent.skip(8) else { return .truncated }
    return networkBehind(EtherType.transparentEthernet, packet, &extent)
  // ERSPAN type III: 12 bytes, and 8 more when the lowest bit says so.
  case 0x22eb:
    let header = extent.start
    guard extent.skip(12), packet[header + 11] & 1 == 0 || extent.skip(8) else { return .truncated }
    return networkBehind(EtherType.transparentEthernet, packet, &extent)
  case ...EtherType.longestLength: return .other
  default: return networkBehind(type, packet, &extent)
  }
}

/// A tunnel by its port, and by a header that looks like its own. Anything else is UDP.
/// ```
/// +---------------+--------------------+----------+------------+
/// | source port 2 | destination port 2 | length 2 | checksum 2 |   RFC 768
/// +---------------+--------------------+----------+------------+
/// ```
private func stripUDPTunnel(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.skip(8) else { return .other }
  let length = Int(packet.uint16(at: start + 4))
  if length >= 8 { extent.limit(to: length - 8) }
  // The destination names the tunnel; its answers come from any port. Only GTP's answer from theirs.
  switch packet.uint16(at: start + 2) {
  case TunnelPort.vxlan, TunnelPort.oldVXLAN: return stripVXLAN(from: packet, &extent)
  case TunnelPort.vxlanGPE: return stripVXLANGPE(from: packet, &extent)
  case TunnelPort.geneve: return stripGENEVE(from: packet, &extent)
  case TunnelPort.gtpUser: return stripGTP(from: packet, &extent)
  default:
    return packet.uint16(at: start) == TunnelPort.gtpUser ? stripGTP(from: packet, &extent) : .other
  }
}

/// RFC 7348 §5. The bit that says that the identifier counts must be set.
/// ```
/// +---------+------------+----------------+------------+
/// | flags 1 | reserved 3 | identifier   3 | reserved 1 |
/// +---------+------------+----------------+------------+
/// ```
private func stripVXLAN(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.count >= 8, packet[start] & 0x08 != 0 else { return .other }
  _ = extent.skip(8)
  return networkBehind(EtherType.transparentEthernet, packet, &extent)
}

/// The generic protocol extension: the reserved byte before the identifier says what follows.
private func stripVXLANGPE(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.count >= 8, packet[start] & 0x0c == 0x0c else { return .other }
  _ = extent.skip(8)
  return switch packet[start + 3] {
  case 1: .ipv4
  case 2: .ipv6
  case 3: networkBehind(EtherType.transparentEthernet, packet, &extent)
  default: .other
  }
}

/// RFC 8926 §3.4.
/// ```
/// +-----------+------------------+---------+------------+--------------+------------+---------+
/// | version 2 | options' words 6 | flags 8 | protocol 2 | identifier 3 | reserved 1 | options |
/// +-----------+------------------+---------+------------+--------------+------------+---------+
///   bits                                     bytes
/// ```
private func stripGENEVE(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.count >= 8, packet[start] >> 6 == 0 else { return .other }
  let type = packet.uint16(at: start + 2)
  guard extent.skip(8 + Int(packet[start] & 0x3f) * 4) else { return .truncated }
  return type > EtherType.longestLength ? networkBehind(type, packet, &extent) : .other
}

/// 3GPP TS 29.281 §5.1: version 1, and of the messages only the one that carries a packet of a subscriber.
/// ```
/// +---------------------+-------------+----------+---------------+--------------------------------+
/// | version, PT, E S PN | message 255 | length 2 | endpoint id 4 | sequence 2, number 1, next 1   |
/// +---------------------+-------------+----------+---------------+--------------------------------+
/// ```
private func stripGTP(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.count >= 8, packet[start] & 0xf0 == 0x30, packet[start + 1] == 255 else { return .other }
  let flags = packet[start] & 7
  let length = Int(packet.uint16(at: start + 2))
  _ = extent.skip(8)
  extent.limit(to: length)
  guard flags != 0 else { return .ipByVersion }
  guard extent.skip(4) else { return .truncated }
  var next = flags & 4 != 0 ? packet[extent.start - 1] : 0
  // Extension headers: their length in words of 4 bytes first, the next one's type last.
  while next != 0 {
    guard extent.count >= 1 else { return .truncated }
    let words = Int(packet[extent.start])
    guard words > 0 else { return .other }
    guard extent.skip(words * 4) else { return .truncated }
    next = packet[extent.start - 1]
  }
  return .ipByVersion
}
