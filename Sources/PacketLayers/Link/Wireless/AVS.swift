import WireBytes

/// LINKTYPE_IEEE802_11_RADIO_AVS: a version, then the length, both big-endian.
func stripAVS(from packet: Span<UInt8>, _ extent: inout Extent) -> NetworkProtocol {
  guard extent.count >= 8 else { return .truncated }
  let length = packet.uint32(at: extent.start + 4)
  guard length >= 8, length <= 4096 else { return .other }
  return stripWireless(from: packet, &extent, after: Int(length))
}
