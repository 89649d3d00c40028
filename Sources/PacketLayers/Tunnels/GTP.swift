import WireBytes

/// 3GPP TS 29.281 §5.1: version 1, and of its messages only the one that carries a subscriber's packet. Nil for others.
/// ```
/// +---------------------+-------------+----------+---------------+--------------------------------+
/// | version, PT, E S PN | message 255 | length 2 | endpoint id 4 | sequence 2, number 1, next 1   |
/// +---------------------+-------------+----------+---------------+--------------------------------+
/// ```
func stripGTP(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol? {
  let start = extent.start
  guard extent.count >= 8, packet[start] & 0xf0 == 0x30, packet[start + 1] == 255 else { return nil }
  let flags = packet[start] & 7
  let length = Int(packet.uint16(at: start + 2))
  _ = extent.skip(8)
  extent.limit(to: length)
  guard flags != 0 else { return .ipByVersion }
  guard extent.skip(4) else { return .truncated }
  var next = flags & 4 != 0 ? packet[extent.start - 1] : 0
  // Extension headers begin with their length in words of 4 bytes and end with the type of the next one.
  while next != 0 {
    guard extent.count >= 1 else { return .truncated }
    let words = Int(packet[extent.start])
    guard words > 0 else { return .other }
    guard extent.skip(words * 4) else { return .truncated }
    next = packet[extent.start - 1]
  }
  return .ipByVersion
}
