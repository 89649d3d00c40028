import WireBytes

/// LINKTYPE_NULL has the address family in the byte order of the capturing host, LINKTYPE_LOOP in network order.
/// Families are small numbers, so the value shows the order. That also reads LOOP files with the wrong one.
/// ```
/// +------------------+
/// | address family 4 |
/// +------------------+
/// ```
func stripLoopback(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.skip(4) else { return .truncated }
  let field = packet.uint32(at: start)
  return switch field > 0xffff ? field.byteSwapped : field {
  case 2: .ipv4
  // AF_INET6 of Linux; of NetBSD and OpenBSD; of FreeBSD; of Darwin.
  case 10, 24, 28, 30: .ipv6
  default: .other
  }
}
