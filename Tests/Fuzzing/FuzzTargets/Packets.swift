import PacketLayers
import WireBytes

/// Packets of one link type. Byte 0 chooses the type; then each packet: two bytes of length, one byte with how
/// much more it had on the wire, its bytes.
func fuzzPackets(_ input: [UInt8]) throws {
  var input = FuzzInput(input)
  let types: [Int32] = [
    1, 0, 12, 101, 108, 113, 228, 229, 276, 9, 51, 104, 105, 109, 117, 119, 127, 163, 192, 204, 219, 239, 258,
  ]
  var decoder = try PacketDecoder(linkType: types[Int(input.byte()) % types.count])
  var time = CaptureTime(nanoseconds: 0)
  var segment = TCPSegment()
  while !input.isAtEnd {
    let length = Int(input.short())
    let more = Int(input.byte())
    let packet = input.take(length)
    // A capture may claim anything of the original length: less than it holds, too.
    let original = more < 128 ? packet.count + more : packet.count - min(packet.count, more - 128)
    time.nanoseconds &+= Int64(more) << 30
    let outcome = decoder.decode(packet.span, originalLength: original, time: time, into: &segment)
    try check(outcome, packet, decoder, segment)
    guard outcome == .several else { continue }
    while let next = decoder.decodeNext(packet.span, time: time, into: &segment) {
      try require(next != .several, "several packets in one of several")
      try check(next, packet, decoder, segment)
    }
  }
  try require(decoder.incompleteDatagrams >= 0, "\(decoder.incompleteDatagrams) incomplete datagrams")
}

private func check(
  _ outcome: PacketOutcome, _ packet: [UInt8], _ decoder: borrowing PacketDecoder, _ segment: TCPSegment
) throws {
  switch outcome {
  case .segment(let source):
    try check(
      segment.payloadOffset, segment.payloadLength, cut: segment.cutBytes, of: source, packet, decoder)
    try require((-1...14).contains(segment.windowScale), "window scale \(segment.windowScale)")
  case .datagram(let source):
    let datagram = decoder.datagram
    try check(
      datagram.payloadOffset, datagram.payloadLength, cut: datagram.cutBytes, of: source, packet, decoder)
    try require(
      datagram.payloadLength + datagram.cutBytes <= 1 << 17, "a datagram of \(datagram.payloadLength) bytes")
  default: break
  }
}

private func check(
  _ offset: Int, _ length: Int, cut: Int, of source: PayloadSource, _ packet: [UInt8],
  _ decoder: borrowing PacketDecoder
) throws {
  let available = source == .packet ? packet.count : decoder.joinedDatagram.count
  try require(
    offset >= 0 && length >= 0 && offset + length <= available,
    "payload of \(length) bytes at \(offset) of \(available)")
  try require(cut >= 0 && cut <= 1 << 17, "\(cut) bytes cut off")
}
