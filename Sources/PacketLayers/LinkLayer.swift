import WireBytes

/// What a link header says comes next.
enum NetworkProtocol {
  case ipv4
  case ipv6
  /// Nothing said so: the packet's own version field decides.
  case ipByVersion
  /// Decoded fine, and no IP.
  case other
  /// The capture ends within the link header.
  case truncated
}

/// EtherTypes that are read. https://www.iana.org/assignments/ieee-802-numbers
private enum EtherType {
  static let ipv4: UInt16 = 0x0800
  static let ipv6: UInt16 = 0x86dd
  /// Customer tag, IEEE 802.1Q.
  static let customerTag: UInt16 = 0x8100
  /// Service tag of stacked tags, IEEE 802.1ad.
  static let serviceTag: UInt16 = 0x88a8
  /// What switches used for stacked tags before 802.1ad.
  static let oldServiceTag: UInt16 = 0x9100
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
  guard extent.skip(14) else { return .truncated }
  return network(etherType: packet.uint16(at: 12), packet, &extent)
}

/// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html
/// ```
/// +--------+------------+------------------+-----------+------------+
/// | type 2 | ARPHRD   2 | address length 2 | address 8 | protocol 2 |
/// +--------+------------+------------------+-----------+------------+
/// ```
private func stripLinuxCooked(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  guard extent.skip(16) else { return .truncated }
  return network(cookedProtocol: packet.uint16(at: 14), packet, &extent)
}

/// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html
/// ```
/// +------------+------------+-----------------+----------+--------+------------------+-----------+
/// | protocol 2 | reserved 2 | interface     4 | ARPHRD 2 | type 1 | address length 1 | address 8 |
/// +------------+------------+-----------------+----------+--------+------------------+-----------+
/// ```
private func stripLinuxCooked2(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  guard extent.skip(20) else { return .truncated }
  return network(cookedProtocol: packet.uint16(at: 0), packet, &extent)
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
  guard extent.skip(4) else { return .truncated }
  let field = packet.uint32(at: 0)
  return switch field > 0xffff ? field.byteSwapped : field {
  case 2: .ipv4
  // AF_INET6 of Linux, of NetBSD and OpenBSD, of FreeBSD, of Darwin.
  case 10, 24, 28, 30: .ipv6
  default: .other
  }
}

/// The one place that tells EtherTypes apart: a further encapsulation (MPLS, PPPoE) is a further case.
@inline(__always)
private func network(etherType: UInt16, _ packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  switch etherType {
  case EtherType.ipv4: .ipv4
  case EtherType.ipv6: .ipv6
  default: networkBehindTags(etherType, packet, &extent)
  }
}

/// Any number of tags, each followed by the type of what it tags:
/// ```
/// +---------------------+--------+
/// | priority, VLAN id 2 | type 2 |
/// +---------------------+--------+
/// ```
@inline(never)
private func networkBehindTags(
  _ etherType: UInt16, _ packet: Span<UInt8>, _ extent: inout Extent
) -> NetworkProtocol {
  var etherType = etherType
  while true {
    switch etherType {
    case EtherType.ipv4: return .ipv4
    case EtherType.ipv6: return .ipv6
    case EtherType.customerTag, EtherType.serviceTag, EtherType.oldServiceTag:
      guard extent.skip(4) else { return .truncated }
      etherType = packet.uint16(at: extent.start - 2)
    case ...EtherType.longestLength:
      extent.limit(to: Int(etherType))
      return networkBehindLLC(packet, &extent)
    default: return .other
    }
  }
}

/// IEEE 802.2 LLC with a SNAP header (RFC 1042); only the encapsulation of EtherTypes is read.
/// ```
/// +---------+---------+------------+--------------+--------+
/// | DSAP aa | SSAP aa | control 03 | OUI 00 00 00 | type 2 |
/// +---------+---------+------------+--------------+--------+
/// ```
private func networkBehindLLC(_ packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.count >= 3 else { return extent.isWhole ? .other : .truncated }
  guard packet.uint16(at: start) == 0xaaaa, packet[start + 2] == 3 else { return .other }
  guard extent.skip(8) else { return .truncated }
  guard packet.uint32(at: start + 2) & 0xff_ffff == 0 else { return .other }
  return switch packet.uint16(at: start + 6) {
  case EtherType.ipv4: .ipv4
  case EtherType.ipv6: .ipv6
  default: .other
  }
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
