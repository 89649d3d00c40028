import WireBytes

/// What follows a stack of labels.
enum LabelContent {
  case ethernet
  case network(NetworkProtocol)
}

/// RFC 3032 §2.1: entries of 4 bytes, of which the last is marked. Nothing names what follows, so IP is recognized by
/// its version. A first half-byte of 0 is the control word of a pseudowire (RFC 4385 §3); Ethernet is assumed in it.
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
