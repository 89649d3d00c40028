import WireBytes

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

/// A tunnel by its port, and by a header that looks like its own. Anything else is UDP.
/// ```
/// +---------------+--------------------+----------+------------+
/// | source port 2 | destination port 2 | length 2 | checksum 2 |   RFC 768
/// +---------------+--------------------+----------+------------+
/// ```
func stripUDPTunnel(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
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
