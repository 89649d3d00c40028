import PacketLayers
import TestSupport
import Testing

@Suite("Link headers and tunnels")
struct EncapsulationTests {
  static let families = [false, true]

  private func packet(isIPv6: Bool) -> (packet: [UInt8], source: TestAddress) {
    let (source, destination): (TestAddress, TestAddress) =
      isIPv6 ? ("2001:db8::1", "2001:db8::2") : ("10.0.0.1", "10.0.0.2")
    return (ip(from: source, to: destination, tcp: tcp(payload: "hello".utf8)), source)
  }

  @Test("A segment is decoded through each, in IPv4 and IPv6", arguments: Encapsulation.all, families)
  func each(_ encapsulation: Encapsulation, isIPv6: Bool) throws {
    let (packet, source) = packet(isIPv6: isIPv6)
    let decoded = try decodedSegment(encapsulation.wrap(packet), linkType: encapsulation.linkType)
    #expect(decoded.payload == Array("hello".utf8))
    #expect(decoded.segment.source == IPAddress(source))
    #expect(decoded.segment.cutBytes == 0)
  }

  @Test(
    "In a packet that the snap length cut the number of missing bytes is known", arguments: Encapsulation.all)
  func cut(_ encapsulation: Encapsulation) throws {
    // NFLOG knows only of the bytes that it kept.
    if encapsulation.linkType == 239 { return }
    let whole = encapsulation.wrap(packet(isIPv6: false).packet)
    // Some have padding after the payload.
    let bytes = Array(whole[..<(whole.count - 3 - trailing(encapsulation))])
    let decoded = try decodedSegment(bytes, linkType: encapsulation.linkType, originalLength: whole.count)
    #expect(decoded.payload == Array("he".utf8))
    #expect(decoded.segment.cutBytes == 3)
  }

  private func trailing(_ encapsulation: Encapsulation) -> Int {
    let whole = encapsulation.wrap(packet(isIPv6: false).packet)
    return whole.count - (whole.lastIndex(of: UInt8(ascii: "o")) ?? 0) - 1
  }

  @Test(
    "A packet that is cut anywhere never traps", arguments: Encapsulation.all,
    families)
  func cutAnywhere(_ encapsulation: Encapsulation, isIPv6: Bool) throws {
    let whole = encapsulation.wrap(packet(isIPv6: isIPv6).packet)
    for length in 0..<whole.count {
      for original in [length, whole.count] {
        _ = try outcome(Array(whole[..<length]), linkType: encapsulation.linkType, originalLength: original)
      }
    }
  }

  @Test("Any byte of any header may be wrong", arguments: Encapsulation.all)
  func damaged(_ encapsulation: Encapsulation) throws {
    let whole = encapsulation.wrap(packet(isIPv6: false).packet)
    for index in whole.indices {
      for value: UInt8 in [0, 0xff, 0x80, whole[index] ^ 1] {
        var packet = whole
        packet[index] = value
        _ = try outcome(packet, linkType: encapsulation.linkType)
      }
    }
  }

  @Test("Tunnels within tunnels are followed eight deep, and endless headers do not recurse")
  func nested() throws {
    let inner = packet(isIPv6: false).packet
    func nest(_ depth: Int) -> [UInt8] {
      ethernet((0..<depth).reduce(inner) { packet, _ in ipv4(packet, protocol: 4) })
    }
    #expect(try decodedSegment(nest(8)).payload == Array("hello".utf8))
    #expect(try outcome(nest(9)) == .undecodable(.tooManyTunnels))
    // Pseudowires in pseudowires: Ethernet, a label, a control word, Ethernet …
    let turn: [UInt8] = [UInt8](repeating: 2, count: 12) + [0x88, 0x47, 0, 1, 1, 64, 0, 0, 0, 0]
    let endless = [[UInt8]](repeating: turn, count: 300_000).flatMap { $0 }
    #expect(try outcome(endless) == .undecodable(.truncatedLinkHeader))
  }

  @Test(
    "802.11 frames without readable data are not TCP",
    arguments: [
      ("a beacon", [0x80, 0] as [UInt8]), ("an acknowledgment", [0xd4, 0]), ("no data", [0x48, 1]),
      ("encrypted", [0x08, 0x41]),
    ])
  func wirelessWithoutData(what: String, start: [UInt8]) throws {
    let frame =
      start + [UInt8](repeating: 0, count: 22) + [0xaa, 0xaa, 3, 0, 0, 0, 8, 0] + packet(isIPv6: false).packet
    #expect(try outcome(frame, linkType: 105) == .notTCP, "\(what)")
  }

  @Test(
    "UDP to a tunnel's port without the tunnel's header is a datagram",
    arguments: [4789, 4790, 6081, 2152, 53] as [UInt16])
  func otherDatagrams(port: UInt16) throws {
    let header = bigEndianBytes(UInt16(9)) + bigEndianBytes(port) + [0, 20, 0, 0]
    let datagram = header + [UInt8](repeating: 0xf1, count: 12)
    #expect(try outcome(ethernet(ipv4(datagram, protocol: 17))) == .datagram(in: .packet))
  }
}
