import PacketLayers
import TestSupport
import Testing

@Suite struct IPv6HeaderTests {
  @Test(
    "Extension headers are passed over, in any order and length",
    arguments: [
      [],
      [.hopByHop()],
      [.hopByHop(units: 256)],
      [.routing(units: 3)],
      [.destinationOptions()],
      [.authentication()],
      [.authentication(checkLength: 16)],
      [.fragment(offset: 0, more: false)],
      [.hopByHop(), .destinationOptions(), .routing(), .fragment(offset: 0, more: false), .authentication()],
      [.destinationOptions(), .hopByHop(), .hopByHop()],
      [IPv6Extension](repeating: .destinationOptions(), count: 100),
    ] as [[IPv6Extension]])
  func extensions(headers: [IPv6Extension]) throws {
    let decoded = try decodedSegment(ethernet(ipv6(tcp(payload: "hello".utf8), extensions: headers)))
    #expect(decoded.payload == Array("hello".utf8))
    #expect(decoded.segment.source.description == "2001:db8::1")
  }

  @Test("A payload length of 0, as in jumbograms and large sends, stands for all that was captured")
  func jumbogram() throws {
    let payload = [UInt8](repeating: 7, count: 100_000)
    let packet = ipv6(tcp(payload: payload), extensions: [.hopByHop()], payloadLength: 0)
    #expect(try decodedSegment(ethernet(packet)).payload == payload)
  }

  @Test("Padding after the payload length is not payload, and a cut end is counted")
  func ends() throws {
    let frame = ethernet(ipv6(tcp(payload: "hello".utf8)))
    #expect(try decodedSegment(frame + [0xee, 0xee]).payload == Array("hello".utf8))
    let cut = try decodedSegment(Array(frame.dropLast(4)), originalLength: frame.count + 2)
    #expect(cut.payload == Array("h".utf8))
    #expect(cut.segment.cutBytes == 4)
  }

  @Test(
    "Other protocols are not TCP: a cut UDP header, ICMPv6, ESP, nothing",
    arguments: [17, 58, 50, 59] as [UInt8])
  func otherProtocols(number: UInt8) throws {
    #expect(try outcome(ethernet(ipv6([1, 2, 3], nextHeader: number))) == .notTCP)
    let extended = ipv6([1, 2, 3], nextHeader: number, extensions: [.hopByHop()])
    #expect(try outcome(ethernet(extended)) == .notTCP)
  }

  @Test(
    "An extension header may be all that there is, in 8 bytes and not fewer",
    arguments: [0, 43, 60, 51] as [UInt8], [7, 8])
  func extensionAlone(number: UInt8, count: Int) throws {
    let header = [UInt8](([59, 0, 0, 0, 0, 0, 0, 0] as [UInt8]).prefix(count))
    let expected: PacketOutcome = count == 8 ? .notTCP : .undecodable(.truncatedExtensionHeader)
    #expect(try outcome(ethernet(ipv6(header, nextHeader: number))) == expected)
  }

  @Test(
    "An extension header that does not fit its packet is undecodable",
    arguments: [.hopByHop(), .routing(), .destinationOptions(), .authentication()] as [IPv6Extension])
  func truncatedExtension(header: IPv6Extension) throws {
    var packet = ipv6([], nextHeader: 6, extensions: [header])
    packet[41] = 255
    #expect(try outcome(ethernet(packet)) == .undecodable(.truncatedExtensionHeader))
    for length in 40..<48 {
      let short = Array(packet.prefix(length))
      #expect(
        try outcome(ethernet(short), originalLength: 1000) == .undecodable(.truncatedExtensionHeader))
    }
  }

  @Test("A version other than 6 is undecodable")
  func version() throws {
    var packet = ipv6(tcp())
    packet[0] = 0x40
    #expect(try outcome(ethernet(packet, type: 0x86dd)) == .undecodable(.badIPVersion))
  }
}
