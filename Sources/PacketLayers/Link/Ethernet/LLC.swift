import WireBytes

/// What follows an LLC header.
enum LLCContent {
  case etherType(UInt16)
  case network(NetworkProtocol)
}

/// IEEE 802.2 LLC with a SNAP header (RFC 1042); only encapsulated EtherTypes are decoded.
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
  // 00 00 f8: the bridge tunnel encapsulation (IEEE 802.1H), with the same layout.
  let organization = packet.uint32(at: start + 2) & 0xff_ffff
  guard organization == 0 || organization == 0xf8 else { return .network(.other) }
  return .etherType(packet.uint16(at: start + 6))
}

/// What follows an LLC header that has no length before it.
func networkAfterLLC(_ packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  switch stripLLC(from: packet, &extent) {
  case .etherType(let etherType) where etherType > EtherType.longestLength:
    walkEncapsulations(from: etherType, packet, &extent)
  case .etherType: .other
  case .network(let network): network
  }
}
