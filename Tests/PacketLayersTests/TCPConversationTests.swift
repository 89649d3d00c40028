import PacketLayers
import TestSupport
import Testing
import WireBytes

@Suite struct TCPConversationTests {
  @Test("A synthetic conversation counts its sequence numbers as TCP does, across their wraparound")
  func sequenceNumbers() throws {
    var tcp = TCPConversation(clientSequence: 0xffff_fffe, serverSequence: 100)
    tcp.handshake()
    tcp.send(from: .client, "hello".utf8, segmentSize: 2)
    tcp.lose(10, from: .server)
    tcp.send(from: .server, "yes".utf8)
    tcp.close()
    var decoder = try PacketDecoder(linkType: tcp.linkType)
    let segments = tcp.packets.compactMap { decoder.segment($0)?.segment }
    #expect(
      segments.map(\.sequence) == [
        0xffff_fffe, 100, 0xffff_ffff, 0xffff_ffff, 1, 3, 111, 4, 114, 5,
      ])
    #expect(
      segments.map(\.acknowledgment) == [
        0, 0xffff_ffff, 101, 101, 101, 101, 4, 114, 5, 115,
      ])
    #expect(segments.map(\.payloadLength) == [0, 0, 0, 2, 2, 1, 3, 0, 0, 0])
    #expect(segments[0].flags == .syn && segments[0].windowScale == 7)
    #expect(tcp.packets[1].time.nanoseconds(since: tcp.packets[0].time) == 1_000_000)
  }

  @Test("Headers have the checksums of a real sender", arguments: [false, true])
  func checksums(isIPv6: Bool) {
    let address: (TestAddress, TestAddress) = isIPv6 ? ("::1", "fe80::2") : ("10.0.0.1", "10.0.0.2")
    let packet = ip(from: address.0, to: address.1, tcp: tcp(payload: "odd".utf8))
    if !isIPv6 { #expect(internetChecksum(Array(packet[..<20])) == 0) }
    let segment = Array(packet[(isIPv6 ? 40 : 20)...])
    let pseudo = address.0.bytes + address.1.bytes + bigEndianBytes(UInt32(segment.count)) + [0, 0, 0, 6]
    #expect(internetChecksum(pseudo + segment) == 0)
  }

  @Test("A capture file is laid out as its magic number says", arguments: [false, true], [false, true])
  func fileHeader(nanoseconds: Bool, bigEndian: Bool) {
    var capture = CaptureBuilder(linkType: 276, nanoseconds: nanoseconds, bigEndian: bigEndian)
    capture.packet(
      [1, 2, 3], time: CaptureTime(seconds: 5, nanoseconds: 7_000), originalLength: 9)
    let fields = stride(from: 0, to: 40, by: 4).map { offset -> UInt32 in
      let value = capture.file.span.uint32(at: offset)
      return bigEndian ? value : value.byteSwapped
    }
    #expect(fields[0] == (nanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4))
    #expect(Array(fields[4...]) == [262_144, 276, 5, nanoseconds ? 7_000 : 7, 3, 9])
    #expect(capture.file.suffix(3) == [1, 2, 3])
  }
}
