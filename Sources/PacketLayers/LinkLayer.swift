import WireBytes

/// What a link header says comes next.
enum NetworkProtocol {
  case ipv4
  case ipv6
  /// Nothing said so: the packet's own version field decides.
  case ipByVersion
  /// Decoded fine, and no IP.
  case other
  /// A frame of 802.11 that is a part of another, or holds several: `extent` begins with its header.
  case wireless
  /// The same, with bytes behind its header that align the data.
  case wirelessPadded
  /// The capture ends within the link header.
  case truncated
}

/// EtherTypes that are read. https://www.iana.org/assignments/ieee-802-numbers
enum EtherType {
  static let ipv4: UInt16 = 0x0800
  static let ipv6: UInt16 = 0x86dd
  /// Customer tag, IEEE 802.1Q.
  static let customerTag: UInt16 = 0x8100
  /// Service tag of stacked tags, IEEE 802.1ad.
  static let serviceTag: UInt16 = 0x88a8
  /// What switches used for stacked tags before 802.1ad.
  static let oldServiceTag: UInt16 = 0x9100
  /// Multiprotocol label switching (RFC 5332).
  static let mpls: UInt16 = 0x8847
  /// The same, multicast or with labels of the upstream's choice.
  static let mplsMulticast: UInt16 = 0x8848
  /// PPP over Ethernet, session stage (RFC 2516 §4).
  static let pppoeSession: UInt16 = 0x8864
  /// An Ethernet frame, within GRE and GENEVE (RFC 7637 §3.2).
  static let transparentEthernet: UInt16 = 0x6558
  /// PPP within GRE (RFC 2637 §4.1), and of Cisco's HDLC.
  static let ppp: UInt16 = 0x880b
  /// IEEE 802.3 §3.2.6: up to here the field is not a type but the length of an LLC frame.
  static let longestLength: UInt16 = 1500
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

/// ```
/// +----------------+----------------+--------+
/// | destination  6 | source       6 | type 2 |
/// +----------------+----------------+--------+
/// ```
@inline(__always)
private func stripEthernet(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.skip(14) else { return .truncated }
  return network(etherType: packet.uint16(at: start + 12), packet, &extent)
}

/// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html
/// ```
/// +--------+------------+------------------+-----------+------------+
/// | type 2 | ARPHRD   2 | address length 2 | address 8 | protocol 2 |
/// +--------+------------+------------------+-----------+------------+
/// ```
private func stripLinuxCooked(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.skip(16) else { return .truncated }
  return network(cookedProtocol: packet.uint16(at: start + 14), packet, &extent)
}

/// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html
/// ```
/// +------------+------------+-----------------+----------+--------+------------------+-----------+
/// | protocol 2 | reserved 2 | interface     4 | ARPHRD 2 | type 1 | address length 1 | address 8 |
/// +------------+------------+-----------------+----------+--------+------------------+-----------+
/// ```
private func stripLinuxCooked2(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.skip(20) else { return .truncated }
  return network(cookedProtocol: packet.uint16(at: start), packet, &extent)
}

/// LINKTYPE_NULL writes the address family in the byte order of the capturing host, LINKTYPE_LOOP in
/// network order. Families are small numbers, so the order shows; that also reads LOOP files whose writer
/// got it wrong.
/// ```
/// +------------------+
/// | address family 4 |
/// +------------------+
/// ```
private func stripLoopback(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.skip(4) else { return .truncated }
  let field = packet.uint32(at: start)
  return switch field > 0xffff ? field.byteSwapped : field {
  case 2: .ipv4
  // AF_INET6 of Linux, of NetBSD and OpenBSD, of FreeBSD, of Darwin.
  case 10, 24, 28, 30: .ipv6
  default: .other
  }
}

/// The common EtherTypes; all others are told apart in `networkBehind`.
@inline(__always)
private func network(etherType: UInt16, _ packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  switch etherType {
  case EtherType.ipv4: .ipv4
  case EtherType.ipv6: .ipv6
  default: networkBehind(etherType, packet, &extent)
  }
}

/// What stands between a link header and IP: tags, labels, PPP, another Ethernet header, in any order and number.
/// A further encapsulation is a further case. Each turn takes bytes, so the walk ends.
@inline(never)
func networkBehind(
  _ etherType: UInt16, _ packet: Span<UInt8>, _ extent: inout Extent
) -> NetworkProtocol {
  var etherType = etherType
  while true {
    let start = extent.start
    switch etherType {
    case EtherType.ipv4: return .ipv4
    case EtherType.ipv6: return .ipv6
    case EtherType.customerTag, EtherType.serviceTag, EtherType.oldServiceTag:
      // Priority and VLAN id in 2 bytes, then the type of what is tagged.
      guard extent.skip(4) else { return .truncated }
      etherType = packet.uint16(at: start + 2)
    case EtherType.transparentEthernet:
      guard extent.skip(14) else { return .truncated }
      etherType = packet.uint16(at: start + 12)
    case EtherType.mpls, EtherType.mplsMulticast:
      switch stripLabels(from: packet, &extent) {
      case .ethernet: etherType = EtherType.transparentEthernet
      case .network(let network): return network
      }
    case EtherType.pppoeSession:
      guard extent.skip(6) else { return .truncated }
      // RFC 2516 §4: version 1, type 1, code 0 for a session's data.
      guard packet.uint16(at: start) == 0x1100 else { return .other }
      extent.limit(to: Int(packet.uint16(at: start + 4)))
      etherType = EtherType.ppp
    case EtherType.ppp:
      switch stripPPP(from: packet, &extent) {
      case .labels: etherType = EtherType.mpls
      case .network(let network): return network
      }
    case ...EtherType.longestLength:
      extent.limit(to: Int(etherType))
      switch stripLLC(from: packet, &extent) {
      case .etherType(let inner) where inner > EtherType.longestLength: etherType = inner
      case .etherType: return .other
      case .network(let network): return network
      }
    default: return .other
    }
  }
}

/// What is behind an LLC header.
enum LLCContent {
  case etherType(UInt16)
  case network(NetworkProtocol)
}

/// IEEE 802.2 LLC with a SNAP header (RFC 1042); only the encapsulation of EtherTypes is read.
/// ```
/// +---------+---------+------------+--------------+--------+
/// | DSAP aa | SSAP aa | control 03 | OUI 00 00 00 | type 2 |
/// +---------+---------+------------+--------------+--------+
/// ```
func stripLLC(from packet: Span<UInt8>, _ extent: inout Extent) -> LLCContent {
  let start = extent.start
  guard extent.count >= 3 else { return .network(extent.isWhole ? .other : .truncated) }
  guard packet.uint16(at: start) == 0xaaaa, packet[start + 2] == 3 else { return .network(.other) }
  guard extent.skip(8) else { return .network(.truncated) }
  // 00 00 f8: the same of the tunnel that bridges used (IEEE 802.1H).
  let organisation = packet.uint32(at: start + 2) & 0xff_ffff
  guard organisation == 0 || organisation == 0xf8 else { return .network(.other) }
  return .etherType(packet.uint16(at: start + 6))
}

/// Cooked headers have an EtherType, or a small number of Linux's own (linux/if_ether.h).
private func network(
  cookedProtocol: UInt16, _ packet: Span<UInt8>, _ extent: inout Extent
) -> NetworkProtocol {
  /// ETH_P_802_2: an LLC frame follows.
  let llc: UInt16 = 4
  if cookedProtocol == llc { return networkBehindLLC(packet, &extent) }
  return cookedProtocol <= EtherType.longestLength
    ? .other : network(etherType: cookedProtocol, packet, &extent)
}

/// What is behind an LLC header that has no length before it.
func networkBehindLLC(_ packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  switch stripLLC(from: packet, &extent) {
  case .etherType(let etherType) where etherType > EtherType.longestLength:
    networkBehind(etherType, packet, &extent)
  case .etherType: .other
  case .network(let network): network
  }
}
