import WireBytes

/// RFC 8926 §3.4. Nil for any version but 0.
/// ```
/// +-----------+------------------+---------+------------+--------------+------------+---------+
/// | version 2 | options' words 6 | flags 8 | protocol 2 | identifier 3 | reserved 1 | options |
/// +-----------+------------------+---------+------------+--------------+------------+---------+
///   bits                                     bytes
/// ```
func stripGENEVE(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol? {
  let start = extent.start
  guard extent.count >= 8, packet[start] >> 6 == 0 else { return nil }
  let type = packet.uint16(at: start + 2)
  guard extent.skip(8 + Int(packet[start] & 0x3f) * 4) else { return .truncated }
  return type > EtherType.longestLength ? walkEncapsulations(from: type, packet, &extent) : .other
}
