import WireBytes

/// https://www.tcpdump.org/linktypes/LINKTYPE_PFLOG.html: the first byte is the length of the header without its padding.
func stripPacketFilterLog(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  guard extent.count >= 1 else { return .truncated }
  let length = (Int(packet[extent.start]) + 3) & ~3
  guard length >= 4 else { return .other }
  return extent.skip(length) ? .ipByVersion : .truncated
}
