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

/// RFC 8200 §4.5.
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------+---------------+-------------------------+---+-+
/// |  next header  |   reserved    |     fragment offset     |res|M|
/// +---------------+---------------+-------------------------+---+-+
/// |                        identification                         |
/// +---------------------------------------------------------------+
/// ```
struct IPv6FragmentHeader {
  let nextHeader: UInt8
  let offset: Int
  let isLast: Bool
  let identification: UInt32

  init(_ packet: Span<UInt8>, at start: Int) {
    nextHeader = packet[start]
    let field = packet.uint16(at: start + 2)
    // The offset counts units of 8 bytes and stands 3 bits up: masked, it is in bytes.
    offset = Int(field & 0xfff8)
    isLast = field & 1 == 0
    identification = packet.uint32(at: start + 4)
  }

  /// RFC 6946: a fragment header on a datagram that is all there.
  var isAtomic: Bool { offset == 0 && isLast }
}

/// Where a chain of extension headers ends.
enum IPv6ChainEnd {
  case tcp
  case fragment(IPv6FragmentHeader)
  /// Another protocol, by its number.
  case other(UInt8)
  case truncated
}

/// Moves `payload` behind the extension headers (RFC 8200 §4) from the one numbered `first` on. The order
/// that the RFC recommends is not asked for. Each turn takes at least 8 bytes, so the walk ends.
/// ```
/// +---------------+---------------+------------
/// |  next header  |    length     |  contents …
/// +---------------+---------------+------------
/// ```
func walkIPv6Extensions(
  _ packet: Span<UInt8>, _ payload: inout Extent, from first: UInt8
) -> IPv6ChainEnd {
  var next = first
  while true {
    let start = payload.start
    switch next {
    case IPProtocol.tcp: return .tcp
    case IPProtocol.hopByHop, IPProtocol.routing, IPProtocol.destinationOptions:
      // The length counts units of 8 bytes after the first one.
      guard payload.count >= 8, payload.skip((Int(packet[start + 1]) + 1) * 8) else { return .truncated }
    case IPProtocol.authentication:
      // RFC 4302 §2.2: the length counts units of 4 bytes, less 2.
      guard payload.count >= 8, payload.skip((Int(packet[start + 1]) + 2) * 4) else { return .truncated }
    case IPProtocol.fragment:
      guard payload.skip(8) else { return .truncated }
      let header = IPv6FragmentHeader(packet, at: start)
      guard header.isAtomic else { return .fragment(header) }
    default: return .other(next)
    }
    next = packet[start]
  }
}
