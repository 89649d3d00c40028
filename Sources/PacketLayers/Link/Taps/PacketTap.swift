import WireBytes

/// LINKTYPE_PPI: a link type says what follows. Little-endian.
/// ```
/// +-----------+---------+----------+-------------+
/// | version 1 | flags 1 | length 2 | link type 4 |
/// +-----------+---------+----------+-------------+
/// ```
func stripPerPacketInformation(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.count >= 8 else { return .truncated }
  return strip(
    linkType: packet.uint32(at: start + 4).byteSwapped,
    after: UInt32(packet.uint16(at: start + 2).byteSwapped),
    from: packet, &extent)
}

/// LINKTYPE_PKTAP, as macOS writes it: a link type says what follows. Little-endian.
/// ```
/// +----------+----------+-------------+
/// | length 4 | record 4 | link type 4 | …
/// +----------+----------+-------------+
/// ```
func stripPacketTap(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.count >= 12 else { return .truncated }
  return strip(
    linkType: packet.uint32(at: start + 8).byteSwapped, after: packet.uint32(at: start).byteSwapped,
    from: packet, &extent)
}

/// Moves `extent` past a header of `length` bytes, and past the link header after it.
private func strip(
  linkType: UInt32, after length: UInt32, from packet: Span<UInt8>, _ extent: inout Extent
) -> NetworkProtocol {
  guard length >= 8, length <= 4096 else { return .other }
  guard extent.skip(Int(length)) else { return .truncated }
  guard let framing = LinkType.framing(of: Int32(truncatingIfNeeded: linkType)) else { return .other }
  // Headers of this kind within each other could be nested without end.
  if framing == .perPacketInformation || framing == .packetTap { return .other }
  return framing.strip(from: packet, &extent)
}
