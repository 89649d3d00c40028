/// Ethernet, IPv4 and TCP or UDP headers of one packet, laid out in a buffer that is used again and again.
/// Lengths and checksums are right, so a reader that verifies them has its usual work.
struct PacketHeaders {
  private var bytes = [UInt8](repeating: 0, count: 128)
  private var identification: UInt16 = 0

  private static let ethernetLength = 14
  private static let internetLength = 20
  private static let transportOffset = ethernetLength + internetLength

  struct TCPFields {
    var sequence: UInt32
    var acknowledgment: UInt32
    var flags: TCPFlags
    var timestamp: UInt32
    var echoedTimestamp: UInt32
  }

  mutating func tcp(
    from source: Endpoint, to destination: Endpoint, _ fields: TCPFields, payload: ArraySlice<UInt8>
  ) -> ArraySlice<UInt8> {
    let transportLength = fields.flags.contains(.syn) ? 40 : 32
    let at = Self.transportOffset
    internetHeader(from: source, to: destination, protocolNumber: 6, length: transportLength + payload.count)
    store(source.port, at: at)
    store(destination.port, at: at + 2)
    store(fields.sequence, at: at + 4)
    store(fields.acknowledgment, at: at + 8)
    store(UInt16(transportLength / 4) << 12 | UInt16(fields.flags.rawValue), at: at + 12)
    store(UInt32(502) << 16, at: at + 14)  // window, checksum still zero
    store(UInt16(0), at: at + 18)
    if fields.flags.contains(.syn) {
      store(UInt32(0x0204_05B4), at: at + 20)  // MSS 1460: 1448 bytes beside the timestamps
      store(UInt32(0x0402_080A), at: at + 24)  // SACK permitted, timestamps
      store(fields.timestamp, at: at + 28)
      store(fields.echoedTimestamp, at: at + 32)
      store(UInt32(0x0103_0307), at: at + 36)  // no operation, window scale 7
    } else {
      store(UInt32(0x0101_080A), at: at + 20)
      store(fields.timestamp, at: at + 24)
      store(fields.echoedTimestamp, at: at + 28)
    }
    storeTransportChecksum(at: at + 16, protocolNumber: 6, headerLength: transportLength, payload: payload)
    return bytes[..<(at + transportLength)]
  }

  mutating func udp(
    from source: Endpoint, to destination: Endpoint, payload: ArraySlice<UInt8>
  ) -> ArraySlice<UInt8> {
    let at = Self.transportOffset
    internetHeader(from: source, to: destination, protocolNumber: 17, length: 8 + payload.count)
    store(source.port, at: at)
    store(destination.port, at: at + 2)
    store(UInt32(8 + payload.count) << 16, at: at + 4)
    storeTransportChecksum(at: at + 6, protocolNumber: 17, headerLength: 8, payload: payload)
    return bytes[..<(at + 8)]
  }

  private mutating func internetHeader(
    from source: Endpoint, to destination: Endpoint, protocolNumber: UInt16, length: Int
  ) {
    // Locally administered MAC addresses that follow from the IP addresses.
    store(UInt16(0x0200), at: 0)
    store(destination.address, at: 2)
    store(UInt16(0x0200), at: 6)
    store(source.address, at: 8)
    store(UInt16(0x0800), at: 12)

    let at = Self.ethernetLength
    identification &+= 1
    store(UInt16(0x4500), at: at)
    store(UInt16(Self.internetLength + length), at: at + 2)
    store(identification, at: at + 4)
    store(UInt16(0x4000), at: at + 6)  // do not fragment
    store(64 << 8 | protocolNumber, at: at + 8)
    store(UInt16(0), at: at + 10)
    store(source.address, at: at + 12)
    store(destination.address, at: at + 16)
    let sum = onesComplementSum(bytes[at..<(at + Self.internetLength)])
    storeNative(~folded(sum), at: at + 10)
  }

  private mutating func storeTransportChecksum(
    at offset: Int, protocolNumber: UInt16, headerLength: Int, payload: ArraySlice<UInt8>
  ) {
    let transport = Self.transportOffset
    let length = UInt16(headerLength + payload.count)
    // The pseudo-header: both addresses, which end the IPv4 header, the protocol and the length.
    var sum = onesComplementSum(bytes[(transport - 8)..<(transport + headerLength)])
    sum += UInt64(protocolNumber.bigEndian) + UInt64(length.bigEndian)
    sum += onesComplementSum(payload)
    let checksum = ~folded(sum)
    storeNative(checksum == 0 && protocolNumber == 17 ? 0xFFFF : checksum, at: offset)
  }

  private mutating func store<Field: FixedWidthInteger & BitwiseCopyable>(_ field: Field, at offset: Int) {
    storeNative(field.bigEndian, at: offset)
  }

  private mutating func storeNative<Field: FixedWidthInteger & BitwiseCopyable>(
    _ field: Field, at offset: Int
  ) {
    bytes.store(field, at: offset)
  }
}

struct TCPFlags: OptionSet {
  let rawValue: UInt8

  static let fin = TCPFlags(rawValue: 0x01)
  static let syn = TCPFlags(rawValue: 0x02)
  static let push = TCPFlags(rawValue: 0x08)
  static let acknowledgment = TCPFlags(rawValue: 0x10)
}

/// The sum of RFC 1071 before folding, over words in this machine's byte order: folding swaps no bytes, so
/// the result goes back the way it was read.
private func onesComplementSum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  let span = bytes.span
  var sum: UInt64 = 0
  var offset = 0
  while offset + 8 <= span.count {
    let word = span.word(at: offset)
    sum += (word & 0xFFFF_FFFF) + (word >> 32)
    offset += 8
  }
  var tail: UInt64 = 0
  for position in offset..<span.count {
    tail |= UInt64(span[position]) << UInt64((position - offset) * 8)
  }
  tail = tail.littleEndian
  return sum + (tail & 0xFFFF_FFFF) + (tail >> 32)
}

private func folded(_ sum: UInt64) -> UInt16 {
  var sum = sum
  while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
  return UInt16(sum)
}
