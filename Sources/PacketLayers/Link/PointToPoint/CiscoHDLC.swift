import WireBytes

/// ```
/// +-----------+-----------+--------+
/// | address 1 | control 1 | type 2 |   https://www.tcpdump.org/linktypes.html, LINKTYPE_C_HDLC
/// +-----------+-----------+--------+
/// ```
func stripCiscoHDLC(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.skip(4) else { return .truncated }
  // Captures of synchronous lines may hold PPP under the same link type.
  if packet.uint16(at: start) == 0xff03 {
    return packet.uint16(at: start + 2) == 0x0057
      ? .ipv6 : packet.uint16(at: start + 2) == 0x0021 ? .ipv4 : .other
  }
  let type = packet.uint16(at: start + 2)
  return type > EtherType.longestLength ? walkEncapsulations(from: type, packet, &extent) : .other
}
