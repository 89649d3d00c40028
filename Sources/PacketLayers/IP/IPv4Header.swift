import WireBytes

extension PacketDecoder {
  /// RFC 791 §3.1. The checksum is not looked at: captures on the sending host have none yet.
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
  @inline(__always)
  mutating func decodeIPv4(
    _ packet: Span<UInt8>, _ extent: Extent, _ time: CaptureTime, _ segment: inout TCPSegment
  ) -> PacketOutcome {
    let start = extent.start
    guard extent.count >= 20 else { return .undecodable(.truncatedIPHeader) }
    let header = packet.window(at: start, length: 20)
    let versionAndLength = header[0]
    guard versionAndLength >> 4 == 4 else { return .undecodable(.badIPVersion) }
    let headerLength = Int(versionAndLength & 0xf) * 4
    guard headerLength >= 20 else { return .undecodable(.badIPHeaderLength) }

    let totalLength = Int(header.uint16(at: 2))
    var datagram = extent
    // The network card fills the length in where it cuts large sends: such a capture has 0 there.
    if totalLength != 0 {
      guard totalLength >= headerLength else { return .undecodable(.badIPTotalLength) }
      datagram.limit(to: totalLength)
    }
    guard datagram.skip(headerLength) else { return .undecodable(.truncatedIPHeader) }
    let isFragment = header.uint16(at: 6) & 0x3fff != 0
    guard header[9] == IPProtocol.tcp, !isFragment else {
      return isFragment
        ? decodeIPv4Fragment(packet, datagram, headerAt: start, time, &segment)
        : decodeTunnel(header[9], packet, datagram, time, &segment)
    }
    let source = header.ipv4Address(at: 12)
    let destination = header.ipv4Address(at: 16)
    return decodeTCP(packet, datagram, from: source, to: destination, in: .packet, &segment)
  }

  @inline(never)
  private mutating func decodeIPv4Fragment(
    _ packet: Span<UInt8>, _ datagram: Extent, headerAt start: Int, _ time: CaptureTime,
    _ segment: inout TCPSegment
  ) -> PacketOutcome {
    let header = packet.window(at: start, length: 20)
    let (number, totalLength) = (header[9], Int(header.uint16(at: 2)))
    guard number == IPProtocol.tcp || FragmentTable.mayCarryTunnel(number) else { return .notTCP }
    let fragment = header.uint16(at: 6)
    return joinFragment(
      packet, datagram, isWhole: datagram.end - start >= totalLength && datagram.isWhole,
      FragmentPlace(
        key: FragmentKey(
          source: header.ipv4Address(at: 12), destination: header.ipv4Address(at: 16),
          identification: UInt32(header.uint16(at: 4)), isIPv6: false, number: number),
        offset: Int(fragment & 0x1fff) * 8, isLast: fragment & 0x2000 == 0, nextHeader: number),
      time, &segment)
  }
}
