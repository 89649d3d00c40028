import PacketLayers
import TestSupport
import Testing

@Suite struct IPv4HeaderTests {
  @Test("Options of every length are passed over", arguments: 0...10)
  func options(words: Int) throws {
    let packet = ipv4(tcp(payload: "hello".utf8), options: [UInt8](repeating: 1, count: words * 4))
    #expect(try decodedSegment(ethernet(packet)).payload == Array("hello".utf8))
  }

  @Test("Padding and trailers after the total length are not payload", arguments: [0, 1, 1000])
  func padding(length: Int) throws {
    let frame = ethernet(ipv4(tcp())) + [UInt8](repeating: 0xee, count: length)
    let decoded = try decodedSegment(frame)
    #expect(decoded.payload == [])
    #expect(decoded.segment.cutBytes == 0)
  }

  @Test("A total length of 0, as in large sends, stands for all that was captured")
  func segmentationOffload() throws {
    let payload = [UInt8](repeating: 7, count: 100_000)
    let frame = ethernet(ipv4(tcp(payload: payload), totalLength: 0))
    #expect(try decodedSegment(frame).payload == payload)
    let cut = try decodedSegment(Array(frame.prefix(1000)), originalLength: frame.count)
    #expect(cut.segment.payloadLength == 1000 - 54)
    #expect(cut.segment.cutBytes == 100_000 - (1000 - 54))
  }

  @Test("A total length past the end of the packet: what is there counts, and nothing was cut off")
  func totalLengthTooLong() throws {
    let frame = ethernet(ipv4(tcp(payload: "hello".utf8), totalLength: 1500))
    let decoded = try decodedSegment(frame)
    #expect(decoded.payload == Array("hello".utf8))
    #expect(decoded.segment.cutBytes == 0)
  }

  @Test("Only bytes within the original packet count as cut off")
  func totalLengthTooLongAndCut() throws {
    let frame = ethernet(ipv4(tcp(payload: "hello".utf8), totalLength: 1500))
    let decoded = try decodedSegment(Array(frame.dropLast(2)), originalLength: frame.count)
    #expect(decoded.payload == Array("hel".utf8))
    #expect(decoded.segment.cutBytes == 2)
  }

  @Test("Cut padding is not cut payload")
  func cutPadding() throws {
    let frame = ethernet(ipv4(tcp(payload: "a".utf8)), minimumLength: 60)
    let decoded = try decodedSegment(Array(frame.prefix(57)), originalLength: 60)
    #expect(decoded.payload == Array("a".utf8))
    #expect(decoded.segment.cutBytes == 0)
  }

  @Test(
    "An original length below the captured one does not hide bytes", arguments: [0, 20, -1, Int.min])
  func originalLengthTooSmall(originalLength: Int) throws {
    let decoded = try decodedSegment(ethernet(ipv4(tcp(payload: "abc".utf8))), originalLength: originalLength)
    #expect(decoded.payload == Array("abc".utf8))
    #expect(decoded.segment.cutBytes == 0)
  }

  @Test(
    "Protocols other than TCP are not TCP, fragments of them included", arguments: [1, 17, 50] as [UInt8])
  func otherProtocols(number: UInt8) throws {
    #expect(try outcome(ethernet(ipv4([1, 2, 3], protocol: number))) == .notTCP)
    for fragment in ipv4Fragments([UInt8](repeating: 0, count: 24), protocol: number, cuts: [8]) {
      #expect(try outcome(ethernet(fragment)) == .notTCP)
    }
  }

  @Test(
    "A broken header is undecodable, and the reason says what broke",
    arguments: [
      (0, 0x65, .badIPVersion),
      (0, 0x44, .badIPHeaderLength),
      (0, 0x40, .badIPHeaderLength),
      (0, 0x4f, .badIPTotalLength),
      (3, 19, .badIPTotalLength),
      (3, 20, .truncatedTCPHeader),
      (3, 39, .truncatedTCPHeader),
    ] as [(Int, UInt8, UndecodableReason)])
  func brokenHeader(offset: Int, value: UInt8, reason: UndecodableReason) throws {
    var packet = ipv4(tcp(payload: "hello".utf8))
    packet[offset] = value
    #expect(try outcome(ethernet(packet, type: 0x0800)) == .undecodable(reason))
  }

  @Test("A wrong checksum does not matter")
  func checksum() throws {
    var packet = ipv4(tcp(payload: "x".utf8))
    packet[10] ^= 0xff
    #expect(try decodedSegment(ethernet(packet)).payload == Array("x".utf8))
  }
}
