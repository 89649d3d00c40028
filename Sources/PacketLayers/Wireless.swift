import WireBytes

// IEEE 802.11, and the headers that capturing hosts put before it. Their numbers are little-endian.

/// Data of a frame of 802.11 that are in the clear (IEEE 802.11 §9.2, §9.3.2).
/// ```
/// +-----------------+------------+--------------+------------+-----------+-----------+
/// | frame control 2 | duration 2 | 3 addresses  | sequence 2 | address 4 | QoS, HT … |
/// +-----------------+------------+--------------+------------+-----------+-----------+
/// ```
struct WirelessData {
  /// What stands behind the header.
  let body: Extent
  /// An A-MSDU: several packets.
  let isAggregate: Bool
  /// Which fragment this is, 0 for the first one, and whether more follow.
  let fragment: UInt8
  let hasMore: Bool
  /// Who sent it, to whom, and as which frame: the same in all fragments.
  let key: WirelessKey

  var isFragment: Bool { hasMore || fragment > 0 }

  /// What a frame may be instead.
  enum Absence: Error {
    case truncated
    case noData
  }

  /// Reads a header at the begin of `extent`. `isPadded`: the driver put bytes behind the header so that data begin
  /// at a multiple of 4.
  init(_ packet: Span<UInt8>, _ extent: Extent, isPadded: Bool) throws(Absence) {
    let start = extent.start
    guard extent.count >= 2 else { throw .truncated }
    let (kind, flags) = (packet[start], packet[start + 1])
    // Version 0, type 2 (data), and a subtype that has data; not encrypted.
    guard kind & 0x0f == 0x08, kind & 0x40 == 0, flags & 0x40 == 0 else { throw .noData }
    let hasQoS = kind & 0x80 != 0
    let addresses = flags & 0x03 == 0x03 ? 30 : 24
    var length = addresses
    if hasQoS { length += flags & 0x80 != 0 ? 6 : 2 }
    if isPadded { length = (length + 3) & ~3 }
    var body = extent
    guard body.skip(length) else { throw .truncated }
    self.body = body
    let sequence = packet.uint16(at: start + 22).byteSwapped
    let qos = hasQoS ? packet[start + addresses] : 0
    isAggregate = qos & 0x80 != 0
    (fragment, hasMore) = (UInt8(sequence & 0x0f), flags & 0x04 != 0)
    key = WirelessKey(
      receiver: packet.uint48(at: start + 4), transmitter: packet.uint48(at: start + 10),
      sequence: sequence >> 4, priority: hasQoS ? qos & 0x0f : 0xff)
  }
}

/// Which frame a fragment belongs to.
struct WirelessKey: Equatable {
  let receiver: UInt64
  let transmitter: UInt64
  let sequence: UInt16
  let priority: UInt8
}

/// What stands in a frame of 802.11; fragments and aggregates are left to the decoder, which knows of other packets.
func stripWireless(
  from packet: Span<UInt8>, _ extent: inout Extent, isPadded: Bool
) -> NetworkProtocol {
  do throws(WirelessData.Absence) {
    let frame = try WirelessData(packet, extent, isPadded: isPadded)
    if frame.isFragment || frame.isAggregate { return isPadded ? .wirelessPadded : .wireless }
    extent = frame.body
    return networkBehindLLC(packet, &extent)
  } catch {
    return error == .truncated ? .truncated : .other
  }
}

/// A frame behind a header of a known length.
func stripWireless(
  from packet: Span<UInt8>, _ extent: inout Extent, behind length: Int
) -> NetworkProtocol {
  extent.skip(length) ? stripWireless(from: packet, &extent, isPadded: false) : .truncated
}

/// https://www.radiotap.org. Of the fields only the flags are read, which say whether data are aligned, and whether
/// a check sequence follows them.
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
  if flags & 0x10 != 0 { extent.limit(to: max(0, extent.wireEnd - extent.start - 4)) }
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

extension Span<UInt8> {
  /// An address of Ethernet's kind.
  fileprivate func uint48(at offset: Int) -> UInt64 {
    UInt64(uint16(at: offset)) << 32 | UInt64(uint32(at: offset + 2))
  }
}

/// AVS: a version, then the length, both big-endian.
func stripAVS(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  guard extent.count >= 8 else { return .truncated }
  let length = packet.uint32(at: extent.start + 4)
  guard length >= 8, length <= 4096 else { return .other }
  return stripWireless(from: packet, &extent, behind: Int(length))
}
