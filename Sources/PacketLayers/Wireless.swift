import WireBytes

// IEEE 802.11, and the headers that capturing hosts put before it. Their numbers are little-endian.

/// IEEE 802.11 §9.2: only frames that carry data in the clear are read, and of an aggregate (A-MSDU) nothing.
/// ```
/// +-----------------+------------+--------------+------------+-----------+-----------+
/// | frame control 2 | duration 2 | 3 addresses  | sequence 2 | address 4 | QoS, HT … |
/// +-----------------+------------+--------------+------------+-----------+-----------+
/// ```
/// `isPadded`: the driver put bytes behind the header so that data begin at a multiple of 4.
func stripWireless(
  from packet: Span<UInt8>, _ extent: inout Extent, isPadded: Bool
) -> NetworkProtocol {
  let start = extent.start
  guard extent.count >= 2 else { return .truncated }
  let (kind, flags) = (packet[start], packet[start + 1])
  // Version 0, type 2 (data), and a subtype that has data.
  guard kind & 0x0f == 0x08, kind & 0x40 == 0 else { return .other }
  let hasQoS = kind & 0x80 != 0
  // The frame is encrypted, or one of several fragments.
  guard flags & 0x40 == 0, flags & 0x04 == 0 else { return .other }
  var length = flags & 0x03 == 0x03 ? 30 : 24
  if hasQoS { length += flags & 0x80 != 0 ? 6 : 2 }
  if isPadded { length = (length + 3) & ~3 }
  guard extent.skip(length) else { return .truncated }
  guard packet[start + 22] & 0x0f == 0 else { return .other }
  let qos = start + (flags & 0x03 == 0x03 ? 30 : 24)
  if hasQoS, packet[qos] & 0x80 != 0 { return .other }
  return networkBehindLLC(packet, &extent)
}

/// A frame behind a header of a known length.
func stripWireless(
  from packet: Span<UInt8>, _ extent: inout Extent, behind length: Int
) -> NetworkProtocol {
  extent.skip(length) ? stripWireless(from: packet, &extent, isPadded: false) : .truncated
}

/// https://www.radiotap.org. Of the fields only the flags are read, which say whether data are aligned.
/// ```
/// +-----------+-------+----------+----------------------+----------------------------+
/// | version 0 | pad 1 | length 2 | present 4, may go on | 8 of time, 1 of flags, …   |
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
  return stripWireless(from: packet, &extent, isPadded: flags & 0x20 != 0)
}

/// The field of flags; 0 without one.
private func radiotapFlags(_ header: Span<UInt8>) -> UInt8 {
  let present = header.uint32(at: 4).byteSwapped
  guard present & 2 != 0 else { return 0 }
  var offset = 4
  // The highest bit announces another word of bits.
  while offset + 4 <= header.count {
    let word = header.uint32(at: offset).byteSwapped
    offset += 4
    if word >> 31 == 0 { break }
  }
  if present & 1 != 0 { offset = ((offset + 7) & ~7) + 8 }
  return offset < header.count ? header[offset] : 0
}

/// AVS: a version, then the length, both big-endian.
func stripAVS(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  guard extent.count >= 8 else { return .truncated }
  let length = packet.uint32(at: extent.start + 4)
  guard length >= 8, length <= 4096 else { return .other }
  return stripWireless(from: packet, &extent, behind: Int(length))
}
