import WireBytes

// Headers of firewalls and taps, which say in their own way what follows.

/// https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html. The fields are in the byte order of the host that
/// captured; their lengths and types are small, so the order shows.
/// ```
/// +----------+-----------+---------------+
/// | family 1 | version 1 | resource id 2 |
/// +----------+-----------+---------------+
/// | length 2 | type    2 | value …       |   as often as there are fields, each to 32 bits
/// +----------+-----------+---------------+
/// ```
func stripNetfilterLog(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let payloadType: UInt16 = 9
  guard extent.skip(4) else { return .truncated }
  while extent.count >= 4 {
    let start = extent.start
    var (length, type) = (packet.uint16(at: start), packet.uint16(at: start + 2))
    // Types are below 256.
    if type & 0xff == 0 || type > 0xff { (length, type) = (length.byteSwapped, type.byteSwapped) }
    guard length >= 4 else { return .other }
    // The upper bits say how a value is nested or ordered.
    if type & 0x3fff == payloadType {
      _ = extent.skip(4)
      extent.limit(to: Int(length) - 4)
      return .ipByVersion
    }
    guard extent.skip((Int(length) + 3) & ~3) else { return .truncated }
  }
  return extent.isWhole ? .other : .truncated
}

/// https://www.tcpdump.org/linktypes/LINKTYPE_PFLOG.html: the first byte is the header's length without padding.
func stripPacketFilterLog(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  guard extent.count >= 1 else { return .truncated }
  let length = (Int(packet[extent.start]) + 3) & ~3
  guard length >= 4 else { return .other }
  return extent.skip(length) ? .ipByVersion : .truncated
}

/// LINKTYPE_PPI: what follows is named by a link type. Little-endian.
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
    behind: UInt32(packet.uint16(at: start + 2).byteSwapped),
    from: packet, &extent)
}

/// LINKTYPE_PKTAP, as macOS writes it: what follows is named by a link type. Little-endian.
/// ```
/// +----------+----------+-------------+
/// | length 4 | record 4 | link type 4 | …
/// +----------+----------+-------------+
/// ```
func stripPacketTap(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.count >= 12 else { return .truncated }
  return strip(
    linkType: packet.uint32(at: start + 8).byteSwapped, behind: packet.uint32(at: start).byteSwapped,
    from: packet, &extent)
}

private func strip(
  linkType: UInt32, behind length: UInt32, from packet: Span<UInt8>, _ extent: inout Extent
) -> NetworkProtocol {
  guard length >= 8, length <= 4096 else { return .other }
  guard extent.skip(Int(length)) else { return .truncated }
  guard let framing = LinkType.framing(of: Int32(truncatingIfNeeded: linkType)) else { return .other }
  // One such header within another would be a way to nest without end.
  if framing == .perPacketInformation || framing == .packetTap { return .other }
  return framing.strip(from: packet, &extent)
}
