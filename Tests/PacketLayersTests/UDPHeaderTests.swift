import PacketLayers
import TestSupport
import Testing
import WireBytes

@Suite("UDP datagrams")
struct UDPHeaderTests {
  /// A decoded datagram with a copy of its payload.
  private struct Received: Equatable {
    var datagram: UDPDatagram
    var payload: [UInt8]
  }

  /// The datagrams in packets of a capture.
  private func received(_ packets: [Packet], linkType: Int32 = 1) throws -> [Received] {
    var decoder = try PacketDecoder(linkType: linkType)
    var segment = TCPSegment()
    var received: [Received] = []
    for packet in packets {
      let outcome = decoder.decode(
        packet.bytes.span, originalLength: packet.originalLength, time: packet.time, into: &segment)
      guard case .datagram(let source) = outcome else { continue }
      let bytes = source == .packet ? packet.bytes : decoder.joinedDatagram.toArray()
      received.append(Received(datagram: decoder.datagram, payload: Array(bytes[decoder.datagram.payload])))
    }
    return received
  }

  private func received(_ bytes: [UInt8], linkType: Int32 = 1, originalLength: Int? = nil) throws -> Received?
  {
    try received([Packet(bytes, originalLength: originalLength)], linkType: linkType).first
  }

  private func packet(isIPv6: Bool, _ datagram: [UInt8]) -> [UInt8] {
    isIPv6
      ? ipv6(from: "2001:db8::1", to: "2001:db8::2", datagram, nextHeader: 17)
      : ipv4(from: "10.0.0.1", to: "10.0.0.2", datagram, protocol: 17)
  }

  @Test("Addresses, ports and payload are read, and padding is not payload", arguments: [false, true])
  func everyField(isIPv6: Bool) throws {
    let bytes = ethernet(
      packet(isIPv6: isIPv6, udp(from: 443, to: 50_001, Array("hi".utf8))), minimumLength: 80)
    let (source, destination): (TestAddress, TestAddress) =
      isIPv6 ? ("2001:db8::1", "2001:db8::2") : ("10.0.0.1", "10.0.0.2")
    #expect(
      try received(bytes)
        == Received(
          datagram: UDPDatagram(
            source: IPAddress(source), destination: IPAddress(destination), sourcePort: 443,
            destinationPort: 50_001, payloadOffset: isIPv6 ? 62 : 42, payloadLength: 2, cutBytes: 0),
          payload: Array("hi".utf8)))
  }

  @Test("An empty datagram is one")
  func empty() throws {
    #expect(try received(ethernet(packet(isIPv6: false, udp(to: 9, []))))?.payload == [])
  }

  @Test("The length ends the payload where it is shorter than the IP packet")
  func shorter() throws {
    let datagram = udp(to: 443, [1, 2, 3]) + [9, 9, 9]
    let decoded = try received(ethernet(packet(isIPv6: false, datagram)))
    #expect(decoded?.payload == [1, 2, 3])
    #expect(decoded?.datagram.cutBytes == 0)
  }

  @Test(
    "A length of 0 stands for the rest of the packet; with an impossible length there is no datagram",
    arguments: [(0, true), (1, false), (7, false), (8, true), (12, true), (13, false), (65_535, false)])
  func length(length: Int, isValid: Bool) throws {
    var datagram = udp(to: 443, [1, 2, 3, 4])
    datagram.replaceSubrange(4..<6, with: bigEndianBytes(UInt16(length)))
    let bytes = ethernet(packet(isIPv6: false, datagram))
    #expect(try outcome(bytes) == (isValid ? .datagram(in: .packet) : .notTCP))
    guard isValid else { return }
    #expect(try received(bytes)?.payload.count == (length == 0 ? 4 : length - 8))
  }

  @Test(
    "A datagram that the snap length cut is handed out with the number of bytes that are missing",
    arguments: [false, true])
  func cut(isIPv6: Bool) throws {
    let whole = ethernet(packet(isIPv6: isIPv6, udp(to: 443, [UInt8](0..<20))))
    let headers = whole.count - 20
    for length in (headers - 8)...whole.count {
      let bytes = Array(whole.prefix(length))
      let decoded = try received(bytes, originalLength: whole.count)
      guard length >= headers else {
        #expect(decoded == nil)
        #expect(try outcome(bytes, originalLength: whole.count) == .notTCP)
        continue
      }
      #expect(decoded?.payload == Array(UInt8(0)..<UInt8(length - headers)))
      #expect(decoded?.datagram.cutBytes == whole.count - length)
    }
  }

  @Test(
    "Fragments of a datagram are joined in any order", arguments: [false, true], [[0, 1, 2], [2, 0, 1]])
  func fragments(isIPv6: Bool, order: [Int]) throws {
    let payload = [UInt8](0..<100)
    let datagram = udp(from: 443, to: 50_001, payload)
    let fragments =
      isIPv6
      ? ipv6Fragments(datagram, nextHeader: 17, cuts: [40, 80])
      : ipv4Fragments(datagram, protocol: 17, cuts: [40, 80])
    let decoded = try received(order.map { Packet(ethernet(fragments[$0])) })
    #expect(decoded.map(\.payload) == [payload])
    #expect(decoded.map(\.datagram.sourcePort) == [443])
    #expect(decoded.map(\.datagram.source) == [IPAddress(isIPv6 ? "2001:db8::1" : "10.0.0.1")])
  }

  @Test(
    "Fragments of incomplete datagrams are not TCP and are not counted")
  func incomplete() throws {
    var decoder = try PacketDecoder(linkType: 1)
    for number in 1...600 {
      let fragments = ipv4Fragments(
        udp(to: 443, [UInt8](repeating: 1, count: 100)), protocol: 17, identification: UInt16(number),
        cuts: [64])
      // Of every second one the first fragment is missing, of the others the last one.
      let outcome = decoder.decode(Packet(ethernet(fragments[number % 2])))
      #expect(outcome == .notTCP)
    }
    #expect(decoder.incompleteDatagrams == 0)
    #expect(decoder.fragmentCounts.evictedByCount == 0)
  }

  @Test("Within every link header and tunnel the innermost datagram counts", arguments: Encapsulation.all)
  func encapsulated(encapsulation: Encapsulation) throws {
    let inner = ipv4(from: "10.0.0.1", to: "10.0.0.2", udp(from: 7, to: 443, [1, 2, 3]), protocol: 17)
    let decoded = try received(encapsulation.wrap(inner), linkType: encapsulation.linkType)
    #expect(decoded?.payload == [1, 2, 3])
    #expect(decoded?.datagram.destinationPort == 443)
    #expect(decoded?.datagram.source == IPAddress("10.0.0.1"))
  }

  @Test("Eight tunnels deep a datagram is still handed out")
  func nested() throws {
    let inner = packet(isIPv6: false, udp(to: 443, [1]))
    let nested = (0..<8).reduce(inner) { packet, _ in ipv4(packet, protocol: 4) }
    #expect(try received(ethernet(nested))?.payload == [1])
  }

  @Test("A tunnel's datagram with something else than IP in it is not a datagram of its own")
  func tunnelOfOther() throws {
    let vxlan = [8, 0, 0, 0, 0, 0, 7, 0] + ethernet([0, 1], type: 0x0806)
    #expect(try outcome(ethernet(packet(isIPv6: false, udp(to: 4789, vxlan)))) == .notTCP)
  }
}
