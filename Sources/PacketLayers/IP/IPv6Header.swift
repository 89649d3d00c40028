import WireBytes

/// RFC 8200 §3.
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------+---------------+---------------------------------------+
/// |version| traffic class |              flow label               |
/// +-------+---------------+-------+---------------+---------------+
/// |        payload length         |  next header  |   hop limit   |
/// +-------------------------------+---------------+---------------+
/// |                   source address, 16 bytes                    |
/// +---------------------------------------------------------------+
/// |                 destination address, 16 bytes                 |
/// +---------------------------------------------------------------+
/// ```
struct IPv6Header {
  let source: IPAddress
  let destination: IPAddress
  /// The type of the extension header, or the protocol, that follows.
  let nextHeader: UInt8
  /// What follows the header, limited by the payload length.
  let payload: Extent
  /// Whether all bytes that the payload length announces were captured.
  let isWhole: Bool

  /// Reads the header at the start of `extent`.
  @inline(__always)
  init(_ packet: Span<UInt8>, _ extent: Extent) throws(UndecodableReason) {
    var payload = extent
    guard payload.skip(40) else { throw .truncatedIPHeader }
    let header = packet.window(at: extent.start, length: 40)
    guard header[0] >> 4 == 6 else { throw .badIPVersion }
    let payloadLength = Int(header.uint16(at: 4))
    // 0 means a jumbogram (RFC 2675 §3), or a large send that the network card is still to segment: no limit.
    if payloadLength != 0 { payload.limit(to: payloadLength) }
    self.payload = payload
    isWhole = payload.count >= payloadLength && payload.isWhole
    nextHeader = header[6]
    (source, destination) = (header.ipv6Address(at: 8), header.ipv6Address(at: 24))
  }
}
