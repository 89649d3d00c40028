import WireBytes

// What carries packets between two ends: PPP, labels, Cisco's HDLC.

/// What PPP carries.
enum PPPContent {
  case labels
  case network(NetworkProtocol)
}

/// RFC 1661 §2, RFC 1662 §3.1. Address and control may be left out, and of a protocol below 256 the first byte.
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
  // The lowest bit is set in the last byte of the number, and in no other.
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

/// What is behind a stack of labels.
enum LabelContent {
  case ethernet
  case network(NetworkProtocol)
}

/// RFC 3032 §2.1: entries of 4 bytes, the lowest one marked; what follows is not named. IP is told by its version.
/// A first half-byte of 0 is the control word of a pseudowire (RFC 4385 §3), and that of Ethernet is read.
/// ```
/// +-------------+-----+---+-----+
/// | label    20 | TC  | S | TTL |
/// +-------------+-----+---+-----+
/// ```
func stripLabels(from packet: Span<UInt8>, _ extent: inout Extent) -> LabelContent {
  while true {
    let start = extent.start
    guard extent.skip(4) else { return .network(.truncated) }
    if packet[start + 2] & 1 == 1 { break }
  }
  guard extent.count > 0 else { return .network(.truncated) }
  switch packet[extent.start] >> 4 {
  case 4: return .network(.ipv4)
  case 6: return .network(.ipv6)
  case 0: return extent.skip(4) ? .ethernet : .network(.truncated)
  default: return .network(.other)
  }
}

/// ```
/// +-----------+-----------+--------+
/// | address 1 | control 1 | type 2 |   https://www.tcpdump.org/linktypes.html, LINKTYPE_C_HDLC
/// +-----------+-----------+--------+
/// ```
func stripCiscoHDLC(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.skip(4) else { return .truncated }
  // Synchronous lines are PPP now and then, under the same number.
  if packet.uint16(at: start) == 0xff03 {
    return packet.uint16(at: start + 2) == 0x0057
      ? .ipv6 : packet.uint16(at: start + 2) == 0x0021 ? .ipv4 : .other
  }
  let type = packet.uint16(at: start + 2)
  return type > EtherType.longestLength ? networkBehind(type, packet, &extent) : .other
}
