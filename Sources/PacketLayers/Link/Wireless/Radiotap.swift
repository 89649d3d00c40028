import WireBytes

/// https://www.radiotap.org. Of the fields only the flags are read. They say whether the data is aligned, and whether a
/// check sequence follows it.
/// ```
/// +-----------+-------+----------+----------------------+----------------------------+
/// | version 0 | pad 1 | length 2 | present 4, or more   | time 8, flags 1, …         |
/// +-----------+-------+----------+----------------------+----------------------------+
/// ```
func stripRadiotap(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.count >= 8 else { return .truncated }
  guard packet[start] == 0 else { return .other }
  let length = Int(packet.uint16(at: start + 2).byteSwapped)
  guard length >= 8 else { return .other }
  guard extent.skip(length) else { return .truncated }
  let flags = radiotapFlags(packet.extracting(start..<start + length))
  if flags & 0x10 != 0 { extent.limit(to: max(0, extent.wireEnd - extent.start - 4)) }
  return stripWireless(from: packet, &extent, isPadded: flags & 0x20 != 0)
}

/// The flags field; 0 without one.
private func radiotapFlags(_ header: Span<UInt8>) -> UInt8 {
  let present = header.uint32(at: 4).byteSwapped
  guard present & 2 != 0 else { return 0 }
  var offset = 4
  // The highest bit of a word of the bitmap announces another one.
  while offset + 4 <= header.count {
    let word = header.uint32(at: offset).byteSwapped
    offset += 4
    if word >> 31 == 0 { break }
  }
  if present & 1 != 0 { offset = ((offset + 7) & ~7) + 8 }
  return offset < header.count ? header[offset] : 0
}
