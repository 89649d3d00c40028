import WireBytes

/// RFC 791 §3.1. The checksum is not verified: packets captured on the sending host do not have one yet.
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------+-------+---------------+-------------------------------+
/// |version|  IHL  |type of service|         total length          |
/// +-------+-------+---------------+-----+-------------------------+
/// |        identification         |0 D M|     fragment offset     |
/// +---------------+---------------+-----+-------------------------+
/// | time to live  |   protocol    |        header checksum        |
/// +---------------+---------------+-------------------------------+
/// |                        source address                         |
/// +---------------------------------------------------------------+
/// |                      destination address                      |
/// +---------------------------------------------------------------+
/// |                    options, 0 to 40 bytes                     |
/// +---------------------------------------------------------------+
/// ```
struct IPv4Header {
  let source: IPAddress
  let destination: IPAddress
  /// The protocol of what follows the header.
  let number: UInt8
  /// Where the header begins.
  private let start: Int
  /// Flags and fragment offset.
  private let fragmentField: UInt16
  /// What follows the header and its options, limited by the total length.
  let payload: Extent
  /// Reads the header at the start of `extent`.
  @inline(__always)
  init(_ packet: Span<UInt8>, _ extent: Extent) throws(UndecodableReason) {
    guard extent.count >= 20 else { throw .truncatedIPHeader }
    let header = packet.window(at: extent.start, length: 20)
    let versionAndLength = header[0]
    guard versionAndLength >> 4 == 4 else { throw .badIPVersion }
    let headerLength = Int(versionAndLength & 0xf) * 4
    guard headerLength >= 20 else { throw .badIPHeaderLength }

    let totalLength = Int(header.uint16(at: 2))
    var payload = extent
    // Network cards that segment large sends also fill in the length: a capture made before that has 0 there.
    if totalLength != 0 {
      guard totalLength >= headerLength else { throw .badIPTotalLength }
      payload.limit(to: totalLength)
    }
    guard payload.skip(headerLength) else { throw .truncatedIPHeader }
    (start, self.payload) = (extent.start, payload)
    number = header[9]
    fragmentField = header.uint16(at: 6)
    (source, destination) = (header.ipv4Address(at: 12), header.ipv4Address(at: 16))
  }

  @inline(__always)
  var isFragment: Bool { fragmentField & 0x3fff != 0 }

  /// The payload as a fragment of a datagram. `packet` is where the header was read from.
  func fragment(in packet: Span<UInt8>) -> Fragment {
    let header = packet.window(at: start, length: 20)
    let (totalLength, identification) = (Int(header.uint16(at: 2)), header.uint16(at: 4))
    return Fragment(
      key: FragmentKey(
        source: source, destination: destination, identification: UInt32(identification), isIPv6: false,
        number: number),
      offset: Int(fragmentField & 0x1fff) * 8, isLast: fragmentField & 0x2000 == 0, nextHeader: number,
      bytes: payload,
      isWhole: payload.end - start >= totalLength && payload.isWhole)
  }
}
