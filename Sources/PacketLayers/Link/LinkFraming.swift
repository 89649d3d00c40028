import WireBytes

/// The link headers that can be read.
enum LinkFraming: UInt8, Sendable {
  case ethernet
  case linuxCooked
  case linuxCooked2
  /// An address family before the packet, in a byte order that may be anyone's.
  case loopback
  /// No link header: the IP version says which.
  case rawIP
  case ipv4
  case ipv6
  /// MPLS.
  case labels
  case ppp
  /// PPP over Ethernet without the Ethernet header.
  case pppoe
  /// PPP behind one byte that says who sent it.
  case pppWithDirection
  case ciscoHDLC
  /// IEEE 802.11, and with four kinds of headers before it.
  case wireless
  case radiotap
  case prism
  case avs
  case perPacketInformation
  /// Of Linux's firewall.
  case netfilterLog
  /// Of BSD's firewall.
  case packetFilterLog
  /// BSD's view of what IPsec unpacked.
  case encapsulating
  /// macOS's tap on all interfaces.
  case packetTap
}

extension LinkFraming {
  /// Moves `extent` behind the link header.
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
    case .labels: networkBehind(EtherType.mpls, packet, &extent)
    case .ppp: networkBehind(EtherType.ppp, packet, &extent)
    case .pppoe: networkBehind(EtherType.pppoeSession, packet, &extent)
    default: stripUnusual(from: packet, &extent)
    }
  }

  @inline(never)
  private func stripUnusual(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
    switch self {
    case .pppWithDirection:
      extent.skip(1) ? networkBehind(EtherType.ppp, packet, &extent) : .truncated
    case .ciscoHDLC: stripCiscoHDLC(from: packet, &extent)
    case .wireless: stripWireless(from: packet, &extent, isPadded: false)
    case .radiotap: stripRadiotap(from: packet, &extent)
    case .prism: stripWireless(from: packet, &extent, behind: 144)
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
