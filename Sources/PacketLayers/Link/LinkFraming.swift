import WireBytes

/// The link headers that can be decoded.
enum LinkFraming: UInt8, Sendable {
  case ethernet
  case linuxCooked
  case linuxCooked2
  /// An address family before the packet, in either byte order.
  case loopback
  /// No link header; the IP version field says which IP it is.
  case rawIP
  case ipv4
  case ipv6
  /// MPLS.
  case labels
  case ppp
  /// PPP over Ethernet without the Ethernet header.
  case pppoe
  /// PPP after one byte for the direction.
  case pppWithDirection
  case ciscoHDLC
  /// IEEE 802.11.
  case wireless
  // IEEE 802.11 after a header that the capturing driver adds.
  case radiotap
  case prism
  case avs
  /// PPI: any link type, after fields of the capturing driver.
  case perPacketInformation
  /// NFLOG, written by Linux's firewall.
  case netfilterLog
  /// PFLOG, written by BSD's firewall.
  case packetFilterLog
  /// ENC, BSD's view of what IPsec decrypted.
  case encapsulating
  /// PKTAP, macOS's tap on all interfaces.
  case packetTap
}

extension LinkFraming {
  /// Moves `extent` past the link header.
  @inline(__always)
  func strip(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
    switch self {
    case .ethernet: stripEthernet(from: packet, &extent)
    case .linuxCooked: stripLinuxCooked(from: packet, &extent)
    case .linuxCooked2: stripLinuxCooked2(from: packet, &extent)
    case .loopback: stripLoopback(from: packet, &extent)
    case .rawIP: .ipByVersion
    case .ipv4: .ipv4
    case .ipv6: .ipv6
    case .labels: walkEncapsulations(from: EtherType.mpls, packet, &extent)
    case .ppp: walkEncapsulations(from: EtherType.ppp, packet, &extent)
    case .pppoe: walkEncapsulations(from: EtherType.pppoeSession, packet, &extent)
    default: stripUnusual(from: packet, &extent)
    }
  }

  @inline(never)
  private func stripUnusual(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
    switch self {
    case .pppWithDirection:
      extent.skip(1) ? walkEncapsulations(from: EtherType.ppp, packet, &extent) : .truncated
    case .ciscoHDLC: stripCiscoHDLC(from: packet, &extent)
    case .wireless: stripWireless(from: packet, &extent, isPadded: false)
    case .radiotap: stripRadiotap(from: packet, &extent)
    case .prism: stripWireless(from: packet, &extent, after: 144)
    case .avs: stripAVS(from: packet, &extent)
    case .perPacketInformation: stripPerPacketInformation(from: packet, &extent)
    case .netfilterLog: stripNetfilterLog(from: packet, &extent)
    case .packetFilterLog: stripPacketFilterLog(from: packet, &extent)
    case .encapsulating: extent.skip(12) ? .ipByVersion : .truncated
    case .packetTap: stripPacketTap(from: packet, &extent)
    case .ethernet, .linuxCooked, .linuxCooked2, .loopback, .rawIP, .ipv4, .ipv6, .labels, .ppp, .pppoe:
      strip(from: packet, &extent)
    }
  }
}
