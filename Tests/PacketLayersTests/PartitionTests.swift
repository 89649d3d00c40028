import PacketLayers
import TestSupport
import Testing
import WireBytes

@Suite("Packets in parts, and several in one")
struct PartitionTests {
  private static let texts = ["the first one", "another", "and the last one of three"]

  private func packets(_ count: Int) -> [[UInt8]] {
    Self.texts.prefix(count).map { ip(from: "10.0.0.1", to: "10.0.0.2", tcp: tcp(payload: $0.utf8)) }
  }

  /// The payloads of all segments in packets of a capture.
  private func payloads(_ packets: [Packet], linkType: Int32) throws -> [String] {
    var decoder = try PacketDecoder(linkType: linkType)
    return packets.flatMap { decoder.payloads($0) }
  }

  @Test("Segments are decoded through each", arguments: Partition.all)
  func each(_ partition: Partition) throws {
    let wrapped = partition.wrap(packets(partition.together), 7).map { Packet($0) }
    #expect(
      try payloads(wrapped, linkType: partition.linkType) == Array(Self.texts.prefix(partition.together)))
  }

  @Test("Without one of the parts there is no segment, and the next packet is read", arguments: Partition.all)
  func lost(_ partition: Partition) throws {
    let whole = partition.wrap(packets(partition.together), 7)
    let next = partition.wrap(packets(partition.together), 1000).map { Packet($0) }
    let isOnce = whole.map { part in whole.count(where: { $0 == part }) == 1 }
    for index in whole.indices where whole.count > 1 && isOnce[index] {
      var parts = whole.map { Packet($0) }
      parts.remove(at: index)
      #expect(try payloads(parts + next, linkType: partition.linkType) == [Self.texts[0]], "without \(index)")
    }
  }

  @Test("A packet that is cut anywhere or has a wrong byte never traps", arguments: Partition.all)
  func damaged(_ partition: Partition) throws {
    let whole = partition.wrap(packets(partition.together), 7)
    for (part, packet) in whole.enumerated() {
      for length in packet.indices {
        var decoder = try PacketDecoder(linkType: partition.linkType)
        for (index, other) in whole.enumerated() {
          for original in [length, packet.count] {
            _ = decoder.payloads(
              index == part ? Packet(Array(packet[..<length]), originalLength: original) : Packet(other))
          }
        }
        for value in [0, 0xff, packet[length] ^ 1] {
          var changed = packet
          changed[length] = value
          for (index, other) in whole.enumerated() {
            _ = decoder.payloads(Packet(index == part ? changed : other))
          }
        }
      }
    }
  }

  @Test("Fragments of UDP outside of tunnels are not TCP, and none of them counts as incomplete")
  func otherDatagrams() throws {
    var decoder = try PacketDecoder(linkType: 1)
    let datagram = [0x30, 0x39, 0, 53, 1, 0, 0, 0] + [UInt8](repeating: 1, count: 248)
    for number in 1...300 {
      let fragments = ipv4Fragments(
        datagram, protocol: 17, identification: UInt16(number), cuts: [64, 128])
      let outcomes = fragments.map { decoder.decode(Packet(ethernet($0))) }
      #expect(outcomes == [.notTCP, .notTCP, .datagram(in: .joined)])
    }
    #expect(decoder.incompleteDatagrams == 0)
    #expect(decoder.fragmentCounts.evictedByCount == 0)
    // A tunnel's fragment whose others are missing does count.
    let tunnel = ipv4Fragments([0, 0, 8, 0] + datagram, protocol: 47, cuts: [64])[0]
    let held = decoder.decode(Packet(ethernet(tunnel)))
    #expect(held == .heldFragment)
    #expect(decoder.incompleteDatagrams == 1)
  }

  @Test("Fragments of UDP take no room from those of TCP")
  func room() throws {
    var decoder = try PacketDecoder(linkType: 1)
    let fragments = ipv4Fragments(tcp(payload: "hello, world".utf8), cuts: [16]).map { Packet(ethernet($0)) }
    let held = decoder.decode(fragments[0])
    #expect(held == .heldFragment)
    for number in 1...1000 {
      let other = ipv4Fragments(
        [UInt8](repeating: 1, count: 80), protocol: 17, identification: UInt16(number), cuts: [64])[1]
      _ = decoder.decode(Packet(ethernet(other)))
    }
    let payloads = decoder.payloads(fragments[1])
    #expect(payloads == ["hello, world"])
  }

  @Test("Fragments of one identification and another protocol do not mix")
  func protocols() throws {
    let inner = ipv4(from: "10.0.0.1", to: "10.0.0.2", tcp(payload: "hello".utf8))
    let gre = ipv4Fragments([0, 0, 8, 0] + inner, protocol: 47, identification: 9, cuts: [24])
    let other = ipv4Fragments([0, 0, 8, 0] + inner, protocol: 4, identification: 9, cuts: [24])
    #expect(try payloads([other[1], gre[0], gre[1]].map { Packet(ethernet($0)) }, linkType: 1) == ["hello"])
  }

  @Test("Each packet of an A-MSDU ends where its length says, even if IP does not say so")
  func lengthsInAggregate() throws {
    let partition = try #require(Partition.wirelessParts.first { $0.together == 3 })
    let packets = Self.texts.map { ipv4(tcp(payload: $0.utf8), totalLength: 0) }
    let whole = partition.wrap(packets, 1).map { Packet($0) }
    #expect(try payloads(whole, linkType: partition.linkType) == Self.texts)
  }

  @Test("An A-MSDU that ends within a packet gives its whole packets and what is left of the last one")
  func cutAggregate() throws {
    let partition = try #require(Partition.wirelessParts.first { $0.together == 3 })
    let whole = partition.wrap(packets(3), 1)[0]
    let cut = Packet(Array(whole.dropLast(4)), originalLength: whole.count)
    #expect(
      try payloads([cut], linkType: partition.linkType)
        == [Self.texts[0], Self.texts[1], String(Self.texts[2].dropLast(4))])
  }
}

extension PacketDecoder {
  /// The payloads of the segments in one packet of a capture.
  fileprivate mutating func payloads(_ packet: Packet) -> [String] {
    var segment = TCPSegment()
    var payloads: [String] = []
    func add(_ outcome: PacketOutcome, _ joined: Span<UInt8>) {
      switch outcome {
      case .segment(in: .packet):
        payloads.append(String(decoding: packet.bytes[segment.payload], as: UTF8.self))
      case .segment(in: .joined):
        payloads.append(
          String(decoding: joined.extracting(segment.payload).toArray(), as: UTF8.self))
      default: break
      }
    }
    let outcome = decode(
      packet.bytes.span, originalLength: packet.originalLength, time: packet.time, into: &segment)
    add(outcome, joinedDatagram)
    guard outcome == .several else { return payloads }
    while let next = decodeNext(packet.bytes.span, time: packet.time, into: &segment) {
      add(next, joinedDatagram)
    }
    return payloads
  }
}
