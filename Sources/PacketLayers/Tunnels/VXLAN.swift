import WireBytes

/// RFC 7348 §5. The bit that says that the identifier counts must be set.
/// ```
/// +---------+------------+----------------+------------+
/// | flags 1 | reserved 3 | identifier   3 | reserved 1 |
/// +---------+------------+----------------+------------+
/// ```
func stripVXLAN(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.count >= 8, packet[start] & 0x08 != 0 else { return .other }
  _ = extent.skip(8)
  return networkBehind(EtherType.transparentEthernet, packet, &extent)
}

/// The generic protocol extension: the reserved byte before the identifier says what follows.
func stripVXLANGPE(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.count >= 8, packet[start] & 0x0c == 0x0c else { return .other }
  _ = extent.skip(8)
  return switch packet[start + 3] {
  case 1: .ipv4
  case 2: .ipv6
  case 3: networkBehind(EtherType.transparentEthernet, packet, &extent)
  default: .other
  }
}
