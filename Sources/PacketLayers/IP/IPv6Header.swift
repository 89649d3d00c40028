import WireBytes

extension PacketDecoder {
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
  @inline(__always)
  mutating func decodeIPv6(
    _ packet: Span<UInt8>, _ extent: Extent, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    let start = extent.start
    var payload = extent
    guard payload.skip(40) else { return .undecodable(.truncatedIPHeader) }
    let header = packet.window(at: start, length: 40)
    guard header[0] >> 4 == 6 else { return .undecodable(.badIPVersion) }

    let payloadLength = Int(header.uint16(at: 4))
    // 0: a jumbogram (RFC 2675 §3), or the network card cuts a large send. All that is there counts.
    if payloadLength != 0 { payload.limit(to: payloadLength) }
    let source = header.ipv6Address(at: 8)
    let destination = header.ipv6Address(at: 24)
    let next = header[6]
    if next == IPProtocol.tcp {
      return decodeTCP(packet, payload, from: source, to: destination, in: .packet, &segment)
    }
    return decodeBehindExtensions(
      packet, payload, isWhole: payload.end - start - 40 >= payloadLength && payload.isWhole,
      next, from: source, to: destination, time, &segment)
  }

  @inline(never)
  private mutating func decodeBehindExtensions(
    _ packet: Span<UInt8>, _ payload: Extent, isWhole: Bool, _ next: UInt8,
    from source: IPAddress, to destination: IPAddress, _ time: CaptureTime,
    _ segment: inout TCPSegment
  ) -> PacketOutcome {
    var payload = payload
    switch walkIPv6Extensions(packet, &payload, from: next) {
    case .tcp: return decodeTCP(packet, payload, from: source, to: destination, in: .packet, &segment)
    case .fragment(let header):
      return joinFragment(
        packet, payload, isWhole: isWhole,
        FragmentPlace(
          key: FragmentKey(
            source: source, destination: destination,
            identification: header.identification, isIPv6: true, number: 0),
          offset: header.offset, isLast: header.isLast, nextHeader: header.nextHeader),
        time, &segment)
    case .other(let next): return decodeTunnel(next, packet, payload, time, &segment)
    case .truncated: return .undecodable(.truncatedExtensionHeader)
    }
  }
}
