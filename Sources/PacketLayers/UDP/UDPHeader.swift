import WireBytes

/// RFC 768. The checksum is not verified: on the sending host the network card fills it in after the capture.
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------------------------------+-------------------------------+
/// |          source port          |       destination port        |
/// +-------------------------------+-------------------------------+
/// |            length             |           checksum            |
/// +-------------------------------+-------------------------------+
/// ```
struct UDPHeader {
  let sourcePort: UInt16
  let destinationPort: UInt16
  /// What follows the header, limited by the length where that makes sense.
  let payload: Extent
  /// Whether the length covers the header and ends within the IP payload. 0 is valid, too: a jumbogram
  /// (RFC 2675 §4), or a large send that the network card is still to segment.
  let isLengthValid: Bool

  /// Reads the header at the start of `extent`; nil when it is incomplete.
  init?(_ packet: Span<UInt8>, _ extent: Extent) {
    let start = extent.start
    var payload = extent
    guard payload.skip(8) else { return nil }
    (sourcePort, destinationPort) = (packet.uint16(at: start), packet.uint16(at: start + 2))
    let length = Int(packet.uint16(at: start + 4))
    isLengthValid = length == 0 || length >= 8 && length <= extent.wireCount
    if length >= 8 { payload.limit(to: length - 8) }
    self.payload = payload
  }

  /// The datagram between two hosts.
  func datagram(from source: IPAddress, to destination: IPAddress) -> UDPDatagram {
    UDPDatagram(
      source: source, destination: destination, sourcePort: sourcePort, destinationPort: destinationPort,
      payloadOffset: payload.start, payloadLength: payload.count, cutBytes: payload.wireEnd &- payload.end)
  }
}
