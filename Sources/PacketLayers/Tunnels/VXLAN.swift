import WireBytes

/// RFC 7348 §5. The flag that the network identifier is valid must be set; nil without it.
/// ```
/// +---------+------------+----------------+------------+
/// | flags 1 | reserved 3 | identifier   3 | reserved 1 |
/// +---------+------------+----------------+------------+
/// ```
func stripVXLAN(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol? {
  let start = extent.start
  guard extent.count >= 8, packet[start] & 0x08 != 0 else { return nil }
  _ = extent.skip(8)
  return walkEncapsulations(from: EtherType.transparentEthernet, packet, &extent)
}

/// The generic protocol extension (draft-ietf-nvo3-vxlan-gpe §3): the last of the three reserved bytes says what
/// follows. Nil without the flags for the identifier and for that byte.
func stripVXLANGPE(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol? {
  let start = extent.start
  guard extent.count >= 8, packet[start] & 0x0c == 0x0c else { return nil }
  _ = extent.skip(8)
  return switch packet[start + 3] {
  case 1: .ipv4
  case 2: .ipv6
  case 3: walkEncapsulations(from: EtherType.transparentEthernet, packet, &extent)
  default: .other
  }
}
