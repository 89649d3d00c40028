import WireBytes

/// What PPP carries.
enum PPPContent {
  case labels
  case network(NetworkProtocol)
}

/// RFC 1661 §2, RFC 1662 §3.1. The sender may omit address and control, and the first byte of a protocol below 256.
/// ```
/// +------------+------------+------------------+
/// | address ff | control 03 | protocol, 1 or 2 |
/// +------------+------------+------------------+
/// ```
func stripPPP(from packet: Span<UInt8>, _ extent: inout Extent) -> PPPContent {
  guard extent.count >= 2 else { return .network(.truncated) }
  if packet.uint16(at: extent.start) == 0xff03 { _ = extent.skip(2) }
  guard extent.count >= 1 else { return .network(.truncated) }
  let first = packet[extent.start]
  // The lowest bit is set in the last byte of the number and clear in the one before.
  guard first & 1 == 0 else {
    _ = extent.skip(1)
    return content(ofPPP: UInt16(first))
  }
  let start = extent.start
  guard extent.skip(2) else { return .network(.truncated) }
  return content(ofPPP: packet.uint16(at: start))
}

private func content(ofPPP number: UInt16) -> PPPContent {
  switch number {
  case 0x0021: .network(.ipv4)
  case 0x0057: .network(.ipv6)
  case 0x0281, 0x0283: .labels
  default: .network(.other)
  }
}
