import WireBytes

/// https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html
/// ```
/// +--------+------------+------------------+-----------+------------+
/// | type 2 | ARPHRD   2 | address length 2 | address 8 | protocol 2 |
/// +--------+------------+------------------+-----------+------------+
/// ```
func stripLinuxCooked(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
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
func stripLinuxCooked2(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.skip(20) else { return .truncated }
  return network(cookedProtocol: packet.uint16(at: start), packet, &extent)
}

/// The protocol of a cooked header is an EtherType or one of Linux's own small numbers (linux/if_ether.h).
private func network(
  cookedProtocol: UInt16, _ packet: Span<UInt8>, _ extent: inout Extent
) -> NetworkProtocol {
  /// ETH_P_802_2: an LLC frame follows.
  let llc: UInt16 = 4
  if cookedProtocol == llc { return networkAfterLLC(packet, &extent) }
  return cookedProtocol <= EtherType.longestLength
    ? .other : network(etherType: cookedProtocol, packet, &extent)
}
