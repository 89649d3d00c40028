import PacketLayers
import TestSupport
import Testing
import WireBytes

/// A decoded segment with a copy of its payload.
struct Decoded: Equatable {
  var segment: TCPSegment
  var payload: [UInt8]
}

extension PacketDecoder {
  mutating func decode(_ packet: Packet) -> PacketOutcome {
    var segment = TCPSegment()
    return decode(
      packet.bytes.span, originalLength: packet.originalLength, time: packet.time, into: &segment)
  }

  /// The segment of a packet; nil when the outcome is another.
  mutating func segment(_ packet: Packet) -> Decoded? {
    var segment = TCPSegment()
    let outcome = decode(
      packet.bytes.span, originalLength: packet.originalLength, time: packet.time, into: &segment)
    return switch outcome {
    case .segment(in: .packet):
      Decoded(segment: segment, payload: Array(packet.bytes[segment.payload]))
    case .segment(in: .joined):
      Decoded(segment: segment, payload: joinedDatagram.extracting(segment.payload).toArray())
    default: nil
    }
  }
}

func outcome(_ bytes: [UInt8], linkType: Int32 = 1, originalLength: Int? = nil) throws -> PacketOutcome {
  var decoder = try PacketDecoder(linkType: linkType)
  return decoder.decode(Packet(bytes, originalLength: originalLength))
}

func decodedSegment(_ bytes: [UInt8], linkType: Int32 = 1, originalLength: Int? = nil) throws -> Decoded {
  var decoder = try PacketDecoder(linkType: linkType)
  let packet = Packet(bytes, originalLength: originalLength)
  let decoded = decoder.segment(packet)
  return try #require(decoded)
}

extension IPAddress {
  init(_ address: TestAddress) {
    let bytes = address.bytes.span
    self =
      address.isIPv6
      ? IPAddress(high: bytes.uint64(at: 0), low: bytes.uint64(at: 8))
      : IPAddress(ipv4: bytes.uint32(at: 0))
  }
}
