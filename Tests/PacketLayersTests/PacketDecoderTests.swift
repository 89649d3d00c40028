import PacketLayers
import TestSupport
import Testing
import WireBytes

@Suite struct PacketDecoderTests {
  @Test(
    "A packet cut at any byte gives the reason of the header that is cut, or what is left of the segment",
    arguments: TestLink.allCases, [false, true])
  func truncation(link: TestLink, isIPv6: Bool) throws {
    let segment = tcp(options: [1, 1, 1, 1], payload: [UInt8](repeating: 5, count: 30))
    let packet = isIPv6 ? ipv6(segment) : ipv4(segment)
    let frame = link.frame(packet)
    let network = frame.count - packet.count
    let transport = network + (isIPv6 ? 40 : 20)
    let headers = transport + 24

    for length in 0...frame.count {
      let bytes = Array(frame.prefix(length))
      let result = try outcome(bytes, linkType: link.linkType(isIPv6: isIPv6), originalLength: frame.count)
      switch length {
      case ..<network: #expect(result == .undecodable(.truncatedLinkHeader))
      case ..<transport: #expect(result == .undecodable(.truncatedIPHeader))
      case ..<(transport + 20): #expect(result == .undecodable(.truncatedTCPHeader))
      default:
        #expect(result == .segment(in: .packet), "\(length) bytes")
        let decoded = try decodedSegment(
          bytes, linkType: link.linkType(isIPv6: isIPv6), originalLength: frame.count)
        #expect(decoded.segment.payloadLength == max(0, length - headers))
        #expect(decoded.segment.cutBytes == frame.count - max(length, headers))
      }
      // The same without an original length: whatever comes out, nothing traps.
      _ = try outcome(bytes, linkType: link.linkType(isIPv6: isIPv6))
    }
  }

  @Test("Every reason has its own name and index")
  func reasons() {
    let reasons = UndecodableReason.allCases
    #expect(Set(reasons.map(\.name)).count == reasons.count)
    #expect(reasons.map { Int($0.rawValue) } == Array(reasons.indices))
    #expect(reasons.allSatisfy { $0.name.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 } })
  }

  @Test("20,000 random mutations never trap, and every payload is within its bytes")
  func mutations() throws {
    var random = SeededRandom.fresh()
    let seed = random.description
    let seeds = Self.interestingPackets
    let linkTypes: [Int32] = [0, 1, 12, 101, 108, 113, 228, 229, 276]
    for _ in 0..<(20_000 / 20) {
      let (itsLinkType, _) = seeds[Int.random(in: seeds.indices, using: &random)]
      let linkType =
        Int.random(in: 0..<10, using: &random) == 0
        ? linkTypes.randomElement(using: &random) ?? 1 : itsLinkType
      var decoder = try PacketDecoder(linkType: linkType)
      for _ in 0..<20 {
        let candidates = seeds.filter { $0.0 == itsLinkType }
        var bytes = candidates[Int.random(in: candidates.indices, using: &random)].1
        Self.mutate(&bytes, &random)
        let originalLength = Int.random(in: -10...(bytes.count + 2000), using: &random)
        let time = CaptureTime(nanoseconds: .random(in: 0...100_000_000_000, using: &random))
        var segment = TCPSegment()
        let result = decoder.decode(
          bytes.span, originalLength: originalLength, time: time, into: &segment)
        guard case .segment(in: let source) = result else { continue }
        let available = source == .packet ? bytes.count : decoder.joinedDatagram.count
        #expect(segment.payloadOffset >= 20 && segment.payloadLength >= 0, "\(seed)")
        #expect(segment.payload.upperBound <= available, "\(seed)")
        #expect((0...max(0, originalLength)).contains(segment.cutBytes), "\(seed)")
        #expect((-1...14).contains(segment.windowScale), "\(seed)")
      }
    }
  }

  private static let interestingPackets: [(Int32, [UInt8])] = {
    let segment = tcp([.syn], options: [2, 4, 5, 0xb4, 1, 3, 3, 7], payload: [UInt8](0..<60))
    let chain: [IPv6Extension] = [.hopByHop(), .routing(), .destinationOptions(), .authentication()]
    let packets =
      [
        ipv4(segment), ipv4(segment, options: [1, 1, 1, 1]), ipv4(segment, totalLength: 0), ipv6(segment),
        ipv6(segment, extensions: chain), ipv6(segment, payloadLength: 0),
      ] + ipv4Fragments(segment, cuts: [24, 48])
      + ipv6Fragments(segment, extensions: [.hopByHop()], cuts: [24, 48])
    return TestLink.allCases.flatMap { link in
      packets.map { (link.linkType(isIPv6: $0[0] >> 4 == 6), link.frame($0)) }
    }
  }()

  private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      guard !bytes.isEmpty else { return }
      let index = Int.random(in: bytes.indices, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0: bytes.removeSubrange(index...)
      case 1: bytes.remove(at: index)
      case 2: bytes.insert(random.bytes(1)[0], at: index)
      case 3: bytes += random.bytes(10)
      case 4: bytes[index] = [0, 0xff, 0x7f, 0x80].randomElement(using: &random) ?? 0
      default: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
    }
  }
}
