import WireBytes

/// RFC 2784 §2.1, RFC 2890 §2. Version 1 is PPTP's (RFC 2637 §4.1), which adds an acknowledgment number.
/// ```
/// +-------------------+------------+------------+-------+------------+------------------+
/// | C R K S … version | protocol 2 | checksum 4 | key 4 | sequence 4 | acknowledgment 4 |
/// +-------------------+------------+------------+-------+------------+------------------+
/// ```
func stripGRE(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let start = extent.start
  guard extent.skip(4) else { return .truncated }
  let (flags, type) = (packet.uint16(at: start), packet.uint16(at: start + 2))
  // Source routes (R) are obsolete, and versions above 1 do not exist.
  guard flags & 0x4000 == 0, flags & 7 <= 1 else { return .other }
  var length = (flags & 0x8000 != 0 ? 4 : 0) + (flags & 0x2000 != 0 ? 4 : 0) + (flags & 0x1000 != 0 ? 4 : 0)
  if flags & 7 == 1, flags & 0x0080 != 0 { length += 4 }
  guard extent.skip(length) else { return .truncated }
  switch type {
  // ERSPAN, a switch's copy of the frames it forwards. Type II has a sequence number and a header of 8 bytes, type I
  // has neither.
  case 0x88be:
    guard flags & 0x1000 == 0 || extent.skip(8) else { return .truncated }
    return walkEncapsulations(from: EtherType.transparentEthernet, packet, &extent)
  // ERSPAN type III has a header of 12 bytes, and 8 more when the lowest bit is set.
  case 0x22eb:
    let header = extent.start
    guard extent.skip(12), packet[header + 11] & 1 == 0 || extent.skip(8) else { return .truncated }
    return walkEncapsulations(from: EtherType.transparentEthernet, packet, &extent)
  case ...EtherType.longestLength: return .other
  default: return walkEncapsulations(from: type, packet, &extent)
  }
}
