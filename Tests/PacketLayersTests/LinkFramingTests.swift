import PacketLayers
import TestSupport
import Testing

@Suite struct LinkFramingTests {
  @Test(
    "A segment comes through every link header, in IPv4 and IPv6", arguments: TestLink.allCases,
    [false, true])
  func everyLink(link: TestLink, isIPv6: Bool) throws {
    let (source, destination): (TestAddress, TestAddress) =
      isIPv6 ? ("2001:db8::1", "2001:db8::2") : ("10.0.0.1", "10.0.0.2")
    let packet = ip(from: source, to: destination, tcp: tcp(payload: "hello".utf8))
    let decoded = try decodedSegment(link.frame(packet), linkType: link.linkType(isIPv6: isIPv6))
    #expect(decoded.payload == Array("hello".utf8))
    #expect(decoded.segment.source == IPAddress(source))
    #expect(decoded.segment.destination == IPAddress(destination))
    #expect(decoded.segment.cutBytes == 0)
  }

  @Test(
    "Tags may be stacked in any order and number",
    arguments: [
      [VLANTag(1)],
      [VLANTag(1, type: VLANTag.service), VLANTag(2)],
      [VLANTag(1, type: VLANTag.oldService), VLANTag(2)],
      [VLANTag(1), VLANTag(2, type: VLANTag.service), VLANTag(3, type: VLANTag.oldService)],
      (0..<100).map { VLANTag($0) },
    ])
  func tags(tags: [VLANTag]) throws {
    let decoded = try decodedSegment(ethernet(ipv4(tcp(payload: "x".utf8)), tags: tags))
    #expect(decoded.payload == Array("x".utf8))
  }

  @Test("A tag before SNAP and a tag after a cooked header are read")
  func tagsElsewhere() throws {
    let packet = ipv4(tcp(payload: "x".utf8))
    let snap = ethernetSNAP(packet)
    let tagged = Array(snap[..<12]) + [0x81, 0, 0, 7] + Array(snap[12...])
    #expect(try decodedSegment(tagged).payload == Array("x".utf8))
    let afterTag = [0, 7] + bigEndianBytes(UInt16(0x0800)) + packet
    #expect(
      try decodedSegment(linuxCooked(afterTag, protocol: 0x8100), linkType: 113).payload == Array("x".utf8))
    #expect(
      try decodedSegment(linuxCooked2(afterTag, protocol: 0x8100), linkType: 276).payload == Array("x".utf8))
    let llc = Array(snap[14...])
    #expect(try decodedSegment(linuxCooked(llc, protocol: 4), linkType: 113).payload == Array("x".utf8))
  }

  @Test("An 802.3 length cuts the padding off", arguments: [0, 20])
  func lengthOfIEEE802Dot3(padding: Int) throws {
    // Without an IP length only the frame's own says where the data ends.
    let packet = ipv4(tcp(payload: "x".utf8), totalLength: 0)
    let frame = ethernetSNAP(packet) + [UInt8](repeating: 0xee, count: padding)
    #expect(try decodedSegment(frame).payload == Array("x".utf8))
  }

  @Test(
    "The address family is read in either byte order, by every system's number for IPv6",
    arguments: [0, 108] as [Int32], [10, 24, 28, 30] as [UInt32])
  func families(linkType: Int32, family: UInt32) throws {
    let packet = ipv6(tcp(payload: "x".utf8))
    for field in [family, family.byteSwapped] {
      #expect(
        try decodedSegment(bigEndianBytes(field) + packet, linkType: linkType).payload == Array("x".utf8))
    }
  }

  @Test(
    "What is not IP is not TCP, and not undecodable",
    arguments: [
      ("ARP", 1, ethernet([0, 1], type: 0x0806)),
      ("an unknown type", 1, ethernet([0, 1], type: 0xffff)),
      ("a length between 1500 and 1536", 1, ethernet([0, 1], type: 1501)),
      ("spanning tree", 1, ethernet([0x42, 0x42, 3, 0, 0, 0, 0, 0, 0], type: 9)),
      ("an empty LLC frame", 1, ethernet([], type: 0)),
      ("SNAP of another organisation", 1, ethernet([0xaa, 0xaa, 3, 0, 0, 12, 8, 0], type: 8)),
      ("SNAP of ARP", 1, ethernetSNAP([0, 1], type: 0x0806)),
      ("netlink in a cooked capture", 113, linuxCooked([0, 0], protocol: 0)),
      ("CAN in a cooked capture", 276, linuxCooked2([0, 0], protocol: 12)),
      ("another family", 0, [1, 0, 0, 0, 9]),
    ] as [(String, Int32, [UInt8])])
  func otherProtocols(what: String, linkType: Int32, packet: [UInt8]) throws {
    #expect(try outcome(packet, linkType: linkType) == .notTCP, "\(what)")
  }

  @Test("Raw packets of other versions are undecodable", arguments: [12, 14, 101] as [Int32])
  func rawVersions(linkType: Int32) throws {
    #expect(try outcome([0x50] + tcp(), linkType: linkType) == .undecodable(.badIPVersion))
    #expect(try outcome([], linkType: linkType) == .undecodable(.truncatedIPHeader))
  }
}
