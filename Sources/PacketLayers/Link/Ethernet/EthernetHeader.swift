import WireBytes

/// IEEE 802.3 §3.1.1.
/// ```
/// +----------------+----------------+--------+
/// | destination  6 | source       6 | type 2 |
/// +----------------+----------------+--------+
/// ```
@inline(__always)
func stripEthernet(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.skip(14) else { return .truncated }
  return network(etherType: packet.uint16(at: start + 12), packet, &extent)
}

/// What follows an EtherType. Here the common ones; `walkEncapsulations` knows the others.
@inline(__always)
func network(etherType: UInt16, _ packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  switch etherType {
  case EtherType.ipv4: .ipv4
  case EtherType.ipv6: .ipv6
  default: walkEncapsulations(from: etherType, packet, &extent)
  }
}
