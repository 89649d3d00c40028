import PacketLayers
import TestSupport
import Testing

@Suite struct TCPHeaderTests {
  @Test func everyFieldIsRead() throws {
    let bytes = tcp(
      from: 40_001, to: 8443, [.urg, .psh, .ack], seq: 0xfedc_ba98, ack: 0x0123_4567, window: 0xabcd,
      urgentPointer: 3, options: [1, 1, 1, 0], payload: "data".utf8)
    let decoded = try decodedSegment(ethernet(ipv4(from: "192.0.2.1", to: "198.51.100.2", bytes)))
    #expect(
      decoded.segment
        == TCPSegment(
          source: IPAddress(TestAddress("192.0.2.1")), destination: IPAddress(TestAddress("198.51.100.2")),
          sourcePort: 40_001, destinationPort: 8443, sequence: 0xfedc_ba98, acknowledgment: 0x0123_4567,
          flags: [.urg, .psh, .ack], window: 0xabcd, urgentPointer: 3, windowScale: -1,
          payloadOffset: 58, payloadLength: 4, cutBytes: 0))
    #expect(decoded.payload == Array("data".utf8))
  }

  @Test(
    "Each control bit is told apart",
    arguments: [
      (0x001, .fin), (0x002, .syn), (0x004, .rst), (0x008, .psh), (0x010, .ack), (0x020, .urg),
      (0x040, .ece), (0x080, .cwr), (0x100, .ns), (0x1ff, TCPFlags(rawValue: 0x1ff)), (0xe00, []),
    ] as [(UInt16, TCPFlags)])
  func flags(bits: UInt16, flags: TCPFlags) throws {
    let decoded = try decodedSegment(ethernet(ipv4(tcp(TestFlags(rawValue: bits)))))
    #expect(decoded.segment.flags == flags)
  }

  @Test(
    "The window scale of a SYN is found among its options",
    arguments: [
      ([], -1),
      ([1, 3, 3, 7], 7),
      ([3, 3, 0, 0], 0),
      ([2, 4, 5, 0xb4, 1, 3, 3, 14], 14),
      ([3, 3, 200, 0], 14),
      ([4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 9, 0], 9),
      ([0, 3, 3, 7], -1),
      ([8, 0, 3, 3], -1),
      ([8, 1, 3, 3], -1),
      ([1, 1, 1, 3], -1),
      ([1, 1, 3, 3], -1),
      ([1, 8, 200, 3], -1),
      ([3, 2, 3, 2], -1),
      ([1, 1, 1, 1], -1),
    ] as [([UInt8], Int8)])
  func windowScale(options: [UInt8], scale: Int8) throws {
    #expect(try decodedSegment(ethernet(ipv4(tcp(.syn, options: options)))).segment.windowScale == scale)
    #expect(try decodedSegment(ethernet(ipv4(tcp(.ack, options: options)))).segment.windowScale == -1)
  }

  @Test("A data offset below 5 or past the datagram is undecodable", arguments: 0...15)
  func dataOffset(words: Int) throws {
    var bytes = tcp(payload: [UInt8](repeating: 1, count: 12))
    bytes[12] = UInt8(words) << 4
    let result = try outcome(ethernet(ipv4(bytes)))
    guard (5...8).contains(words) else {
      #expect(result == .undecodable(.badTCPDataOffset))
      return
    }
    #expect(try decodedSegment(ethernet(ipv4(bytes))).segment.payloadLength == 32 - words * 4)
  }

  @Test("A snap length that cuts the options leaves the sequence number and the size of the hole")
  func cutOptions() throws {
    let frame = ethernet(ipv4(tcp(.syn, seq: 77, options: [1, 3, 3, 7], payload: "abc".utf8)))
    let decoded = try decodedSegment(Array(frame.prefix(54)), originalLength: frame.count).segment
    #expect(decoded.sequence == 77)
    #expect(decoded.windowScale == -1)
    #expect((decoded.payloadOffset, decoded.payloadLength, decoded.cutBytes) == (54, 0, 3))
  }
}
