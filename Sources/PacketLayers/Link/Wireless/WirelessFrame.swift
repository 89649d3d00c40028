import WireBytes

/// A data frame of IEEE 802.11 that is not encrypted (§9.2, §9.3.2). Numbers are little-endian.
/// ```
/// +-----------------+------------+--------------+------------+-----------+-----------+
/// | frame control 2 | duration 2 | 3 addresses  | sequence 2 | address 4 | QoS, HT … |
/// +-----------------+------------+--------------+------------+-----------+-----------+
/// ```
struct WirelessFrame {
  /// What follows the header.
  let body: Extent
  /// Whether it is an A-MSDU, which holds several packets.
  let isAggregate: Bool
  /// The number of the fragment, 0 for the first one.
  let fragment: UInt8
  /// Whether further fragments follow.
  let hasMore: Bool
  /// The same in all fragments of a frame.
  let key: WirelessKey

  var isFragment: Bool { hasMore || fragment > 0 }

  /// Why there is no such frame.
  enum Absence: Error {
    case truncated
    case noData
  }

  /// Reads the header at the start of `extent`. `isPadded`: the driver inserted bytes after the header so that the data
  /// begins at a multiple of 4.
  init(_ packet: Span<UInt8>, _ extent: Extent, isPadded: Bool) throws(Absence) {
    let start = extent.start
    guard extent.count >= 2 else { throw .truncated }
    let (kind, flags) = (packet[start], packet[start + 1])
    // Version 0, type 2 (data), a subtype with data, and not encrypted.
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

/// What an 802.11 frame carries. Fragments and aggregates are left to the decoder, which keeps other frames.
func stripWireless(
  from packet: Span<UInt8>, _ extent: inout Extent, isPadded: Bool
) -> NetworkProtocol {
  do throws(WirelessFrame.Absence) {
    let frame = try WirelessFrame(packet, extent, isPadded: isPadded)
    if frame.isFragment || frame.isAggregate { return isPadded ? .wirelessPadded : .wireless }
    extent = frame.body
    return networkAfterLLC(packet, &extent)
  } catch {
    return error == .truncated ? .truncated : .other
  }
}

/// A frame after a header of a known length.
func stripWireless(
  from packet: Span<UInt8>, _ extent: inout Extent, after length: Int
) -> NetworkProtocol {
  extent.skip(length) ? stripWireless(from: packet, &extent, isPadded: false) : .truncated
}

extension Span<UInt8> {
  /// A MAC address.
  fileprivate func uint48(at offset: Int) -> UInt64 {
    UInt64(uint16(at: offset)) << 32 | UInt64(uint32(at: offset + 2))
  }
}
