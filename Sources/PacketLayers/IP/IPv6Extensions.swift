import WireBytes

/// Where a chain of IPv6 extension headers ends.
enum IPv6ChainEnd {
  case tcp
  case fragment(IPv6FragmentHeader)
  /// Another protocol, by its number.
  case other(UInt8)
  case truncated
}

/// Moves `payload` past the extension headers (RFC 8200 §4), from the one numbered `first` on. Headers may come in
/// any order, not only in the one that the RFC recommends. Each step takes at least 8 bytes, so the walk ends.
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
      // The length counts units of 8 bytes, without the first one.
      guard payload.count >= 8, payload.skip((Int(packet[start + 1]) + 1) * 8) else { return .truncated }
    case IPProtocol.authentication:
      // RFC 4302 §2.2: the length counts units of 4 bytes, minus 2.
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
