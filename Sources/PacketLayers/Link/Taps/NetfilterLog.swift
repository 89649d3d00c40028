import WireBytes

/// https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html. Fields are in the byte order of the capturing host; types are
/// small numbers, so their value shows the order.
/// ```
/// +----------+-----------+---------------+
/// | family 1 | version 1 | resource id 2 |
/// +----------+-----------+---------------+
/// | length 2 | type    2 | value …       |   for each field, padded to 32 bits
/// +----------+-----------+---------------+
/// ```
func stripNetfilterLog(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  let payloadType: UInt16 = 9
  guard extent.skip(4) else { return .truncated }
  while extent.count >= 4 {
    let start = extent.start
    var (length, type) = (packet.uint16(at: start), packet.uint16(at: start + 2))
    // Types are below 256.
    if type & 0xff == 0 || type > 0xff { (length, type) = (length.byteSwapped, type.byteSwapped) }
    guard length >= 4 else { return .other }
    // The two upper bits are flags for nesting and byte order.
    if type & 0x3fff == payloadType {
      _ = extent.skip(4)
      extent.limit(to: Int(length) - 4)
      return .ipByVersion
    }
    guard extent.skip((Int(length) + 3) & ~3) else { return .truncated }
  }
  return extent.isWhole ? .other : .truncated
}
