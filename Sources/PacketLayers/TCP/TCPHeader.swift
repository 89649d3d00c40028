import WireBytes

/// RFC 9293 §3.1. The checksum is not verified: on the sending host the network card fills it in after the capture.
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------------------------------+-------------------------------+
/// |          source port          |       destination port        |
/// +-------------------------------+-------------------------------+
/// |                        sequence number                        |
/// +---------------------------------------------------------------+
/// |                     acknowledgment number                     |
/// +-------+-----+-+-+-+-+-+-+-+-+-+-------------------------------+
/// |offset |0 0 0|N|C|E|U|A|P|R|S|F|            window             |
/// +-------+-----+-+-+-+-+-+-+-+-+-+-------------------------------+
/// |           checksum            |        urgent pointer         |
/// +-------------------------------+-------------------------------+
/// |                    options, 0 to 40 bytes                     |
/// +---------------------------------------------------------------+
/// ```
/// Only the first 20 bytes need to be captured: a snap length that cuts the options still leaves the sequence number,
/// and so the size of the gap is known.
///
/// Writes `segment` only when it returns `.segment`.
@inline(__always)
func decodeTCP(
  _ bytes: Span<UInt8>, _ extent: Extent, from source: IPAddress, to destination: IPAddress,
  _ segment: inout TCPSegment
) -> PacketOutcome {
  let start = extent.start
  guard extent.count >= 20 else { return .undecodable(.truncatedTCPHeader) }
  let header = bytes.window(at: start, length: 20)
  let offsetAndFlags = header.uint16(at: 12)
  let headerLength = Int(offsetAndFlags >> 12) * 4
  let headerEnd = start &+ headerLength
  guard headerLength >= 20, headerEnd <= extent.wireEnd else { return .undecodable(.badTCPDataOffset) }

  let flags = TCPFlags(rawValue: offsetAndFlags & 0x1ff)
  let payloadOffset = min(headerEnd, extent.end)
  segment = TCPSegment(
    source: source, destination: destination,
    sourcePort: header.uint16(at: 0), destinationPort: header.uint16(at: 2),
    sequence: header.uint32(at: 4), acknowledgment: header.uint32(at: 8),
    flags: flags, window: header.uint16(at: 14), urgentPointer: header.uint16(at: 18),
    windowScale: flags.contains(.syn) ? windowScale(in: bytes, from: start + 20, to: payloadOffset) : -1,
    payloadOffset: payloadOffset, payloadLength: extent.end &- payloadOffset,
    cutBytes: extent.wireEnd &- max(headerEnd, extent.end))
  return .segment(in: .packet)
}

/// The shift of the window scale option among the options from `start` to `end`; -1 without one.
/// ```
/// +--------+----------+---------+
/// | kind 3 | length 3 | shift 1 |   RFC 7323 §2.2
/// +--------+----------+---------+
/// ```
@inline(never)
private func windowScale(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int8 {
  var offset = start
  while offset < end {
    let kind = bytes[offset]
    // RFC 9293 §3.2: 0 ends the list; 1 is padding and has no length.
    if kind == 0 { break }
    if kind == 1 {
      offset += 1
      continue
    }
    guard end - offset >= 2 else { break }
    let length = Int(bytes[offset + 1])
    guard length >= 2, length <= end - offset else { break }
    // RFC 7323 §2.3: a shift above 14 counts as 14.
    if kind == 3, length == 3 { return Int8(min(bytes[offset + 2], 14)) }
    offset += length
  }
  return -1
}
