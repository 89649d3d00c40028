import PacketLayers
import TestSupport
import Testing
import WireBytes

@Suite struct FragmentTableTests {
  private static let payload = tcp(payload: (0..<80).map { UInt8($0) })

  private static func frames(isIPv6: Bool, _ payload: [UInt8] = payload, cuts: [Int]) -> [Packet] {
    (isIPv6 ? ipv6Fragments(payload, cuts: cuts) : ipv4Fragments(payload, cuts: cuts))
      .map { Packet(ethernet($0)) }
  }

  private static let orders = permutations([0, 1, 2, 3])

  @Test("Fragments join in every order", arguments: orders, [false, true])
  func everyOrder(order: [Int], isIPv6: Bool) throws {
    let frames = Self.frames(isIPv6: isIPv6, cuts: [8, 24, 96])
    var decoder = try PacketDecoder(linkType: 1)
    for index in order.dropLast() {
      let held = decoder.decode(frames[index])
      #expect(held == .heldFragment)
    }
    let decoded = decoder.segment(frames[order[3]])
    #expect(decoded?.payload == Array(Self.payload[20...]))
    #expect(decoded?.segment.sourcePort == 40_000)
    #expect(decoded?.segment.source.isIPv4 == !isIPv6)
    #expect(decoder.incompleteDatagrams == 0)
    #expect(decoder.fragmentCounts.fragments == 4)
    #expect(decoder.fragmentCounts.joinedDatagrams == 1)
    #expect(decoder.fragmentCounts.overlaps == 0)
  }

  @Test("A fragment that comes twice changes nothing", arguments: [0, 1, 2], [false, true])
  func duplicates(twice: Int, isIPv6: Bool) throws {
    let frames = Self.frames(isIPv6: isIPv6, cuts: [40, 80, 88])
    var decoder = try PacketDecoder(linkType: 1)
    for index in 0..<3 {
      for _ in 0..<(index == twice ? 2 : 1) {
        let held = decoder.decode(frames[index])
        #expect(held == .heldFragment)
      }
    }
    let decoded = decoder.segment(frames[3])
    #expect(decoded?.payload == Array(Self.payload[20...]))
    #expect(decoder.fragmentCounts.overlaps == 1)
  }

  @Test("Where fragments overlap, the first copy wins", arguments: [false, true])
  func overlap(isIPv6: Bool) throws {
    let other = Self.payload.map { ~$0 }
    let mine = Self.frames(isIPv6: isIPv6, cuts: [48])
    let theirs = Self.frames(isIPv6: isIPv6, other, cuts: [24, 72])
    var decoder = try PacketDecoder(linkType: 1)
    // Theirs in the middle (24..<72), then mine around it.
    let outcomes = [decoder.decode(theirs[1]), decoder.decode(mine[0])]
    #expect(outcomes == [.heldFragment, .heldFragment])
    let decoded = decoder.segment(mine[1])
    var joined = Array(Self.payload[20..<24])
    joined += other[24..<72]
    joined += Self.payload[72...]
    #expect(decoded?.payload == joined)
    #expect(decoder.fragmentCounts.overlaps == 2)
  }

  @Test("Any cut, any order, any repetition of the same bytes joins to the datagram")
  func randomFragments() throws {
    var random = SeededRandom.fresh()
    let seed = random.description
    for _ in 0..<300 {
      let payload = tcp(payload: random.bytes(.random(in: 0...3000, using: &random)))
      let isIPv6 = Bool.random(using: &random)
      var frames: [Packet] = []
      for _ in 0..<3 {
        var at = 0
        var cuts: [Int] = []
        while true {
          at += 8 * Int.random(in: 1...40, using: &random)
          if at >= payload.count { break }
          cuts.append(at)
        }
        frames += Self.frames(isIPv6: isIPv6, payload, cuts: cuts)
      }
      frames.shuffle(using: &random)
      var decoder = try PacketDecoder(linkType: 1)
      let joined = frames.compactMap { decoder.segment($0) }
      #expect(!joined.isEmpty && joined.allSatisfy { $0.payload == Array(payload[20...]) }, "\(seed)")
    }
  }

  @Test("Datagrams of other identifications and addresses do not mix")
  func keys() throws {
    var decoder = try PacketDecoder(linkType: 1)
    let first = ipv4Fragments(Self.payload, identification: 1, cuts: [40])[0]
    let others = [
      ipv4Fragments(Self.payload, identification: 2, cuts: [40])[1],
      ipv4Fragments(from: "10.0.0.3", Self.payload, identification: 1, cuts: [40])[1],
      ipv4Fragments(to: "10.0.0.3", Self.payload, identification: 1, cuts: [40])[1],
      ipv6Fragments(Self.payload, identification: 1, cuts: [40])[1],
    ]
    for packet in [first] + others {
      let held = decoder.decode(Packet(ethernet(packet)))
      #expect(held == .heldFragment)
    }
    #expect(decoder.incompleteDatagrams == 5)
  }

  @Test("Extension headers before and after the fragment header are skipped")
  func extensionsInFragments() throws {
    // The destination options belong to what was fragmented; the last fragment names another next header,
    // and RFC 8200 §4.5 has the first one count.
    let inner: [UInt8] = [6, 0, 0, 0, 0, 0, 0, 0] + Self.payload
    let first = ipv6Fragments(inner, nextHeader: 60, extensions: [.hopByHop()], cuts: [48])[0]
    let last = ipv6Fragments(inner, nextHeader: 6, extensions: [.hopByHop()], cuts: [48])[1]
    var decoder = try PacketDecoder(linkType: 1)
    let held = decoder.decode(Packet(ethernet(last)))
    #expect(held == .heldFragment)
    let decoded = decoder.segment(Packet(ethernet(first)))
    #expect(decoded?.payload == Array(Self.payload[20...]))
  }

  @Test(
    "A fragment that cannot belong anywhere is refused with its reason",
    arguments: [
      (8, true, 12, .badFragmentLength),
      (8, true, 0, .badFragmentLength),
      (8, false, 0, .badFragmentLength),
      (65_528, false, 8, .fragmentBeyondLimit),
    ] as [(Int, Bool, Int, UndecodableReason)])
  func refused(offset: Int, more: Bool, length: Int, reason: UndecodableReason) throws {
    let bytes = [UInt8](repeating: 1, count: length)
    let packet = ipv4(bytes, fragmentOffset: offset, moreFragments: more)
    #expect(try outcome(ethernet(packet)) == .undecodable(reason))
    let packet6 = ipv6(bytes, extensions: [.fragment(offset: offset, more: more)])
    #expect(try outcome(ethernet(packet6)) == .undecodable(reason))
  }

  @Test("A fragment that the capture cut off cannot be joined", arguments: [false, true])
  func cutFragment(isIPv6: Bool) throws {
    let whole = Self.frames(isIPv6: isIPv6, cuts: [40])[0]
    #expect(
      try outcome(Array(whole.bytes.dropLast()), originalLength: whole.bytes.count)
        == .undecodable(.truncatedFragment))
    // The IP length says more than the packet ever had.
    #expect(try outcome(Array(whole.bytes.dropLast())) == .undecodable(.truncatedFragment))
  }

  @Test("Fragments that disagree about the end are refused, the earlier ones stay")
  func ends() throws {
    var decoder = try PacketDecoder(linkType: 1)
    func fragment(_ offset: Int, _ count: Int, more: Bool) -> Packet {
      Packet(
        ethernet(
          ipv4(
            Array(Self.payload[offset..<(offset + count)]), fragmentOffset: offset, moreFragments: more)))
    }
    let outcomes = [
      decoder.decode(fragment(80, 16, more: true)),
      decoder.decode(fragment(40, 20, more: false)),  // ends before bytes that came
      decoder.decode(fragment(96, 4, more: false)),
      decoder.decode(fragment(88, 8, more: false)),  // a second, other end
      decoder.decode(fragment(8, 8, more: true)),
    ]
    #expect(
      outcomes == [
        .heldFragment, .undecodable(.fragmentEndMismatch), .heldFragment, .undecodable(.fragmentEndMismatch),
        .heldFragment,
      ])
    let held = decoder.decode(fragment(0, 40, more: true))
    #expect(held == .heldFragment)
    let decoded = decoder.segment(fragment(40, 40, more: true))
    #expect(decoded?.payload == Array(Self.payload[20...]))
  }

  @Test("A joined datagram may be broken, another protocol, or a fragment again")
  func joinedDatagrams() throws {
    func join(_ payload: [UInt8], nextHeader: UInt8) throws -> PacketOutcome? {
      var decoder = try PacketDecoder(linkType: 1)
      let outcomes = ipv6Fragments(payload, nextHeader: nextHeader, cuts: [8])
        .map { decoder.decode(Packet(ethernet($0))) }
      return outcomes.last
    }
    let nested: [UInt8] = [6, 0, 0, 9, 0, 0, 0, 1] + Self.payload
    #expect(try join(nested, nextHeader: 44) == .undecodable(.nestedFragment))
    let udp: [UInt8] = [17, 0, 0, 0, 0, 0, 0, 0] + Self.payload
    #expect(try join(udp, nextHeader: 60) == .datagram(in: .joined))
    let icmp: [UInt8] = [58, 0, 0, 0, 0, 0, 0, 0] + Self.payload
    #expect(try join(icmp, nextHeader: 60) == .notTCP)
    let long: [UInt8] = [6, 200, 0, 0, 0, 0, 0, 0] + Self.payload
    #expect(try join(long, nextHeader: 60) == .undecodable(.truncatedExtensionHeader))
    #expect(try join(Array(Self.payload.prefix(16)), nextHeader: 6) == .undecodable(.truncatedTCPHeader))
  }

  @Test("A datagram waits 30 seconds of capture time, in either direction of the clock", arguments: [1, -1])
  func timeout(direction: Int) throws {
    let frames = Self.frames(isIPv6: false, cuts: [40])
    for (wait, joins) in [(30_000, true), (30_001, false)] {
      var decoder = try PacketDecoder(linkType: 1)
      let held = decoder.decode(frames[0])
      #expect(held == .heldFragment)
      var late = frames[1]
      late.time = late.time.advanced(milliseconds: wait * direction)
      let decoded = decoder.segment(late)
      #expect((decoded != nil) == joins)
      #expect(decoder.fragmentCounts.timedOut == (joins ? 0 : 1))
    }
    var decoder = try PacketDecoder(linkType: 1)
    for time in [CaptureTime(nanoseconds: .min), CaptureTime(nanoseconds: .max)] {
      let held = decoder.decode(Packet(frames[0].bytes, time: time))
      #expect(held == .heldFragment)
    }
    #expect(decoder.incompleteDatagrams == 1)
  }

  @Test("The 257th incomplete datagram costs the oldest one")
  func tooMany() throws {
    var decoder = try PacketDecoder(linkType: 1)
    func fragments(_ identification: Int) -> [Packet] {
      ipv4Fragments(Self.payload, identification: UInt16(identification), cuts: [40])
        .map { Packet(ethernet($0)) }
    }
    for identification in 0...256 {
      let held = decoder.decode(fragments(identification)[0])
      #expect(held == .heldFragment)
    }
    #expect(decoder.incompleteDatagrams == 256)
    #expect(decoder.fragmentCounts.evictedByCount == 1)
    let second = decoder.segment(fragments(1)[1])
    #expect(second != nil)
    let oldest = decoder.decode(fragments(0)[1])
    #expect(oldest == .heldFragment)
  }

  @Test("Incomplete datagrams hold at most 4 MiB: the oldest others give way")
  func tooLarge() throws {
    var decoder = try PacketDecoder(linkType: 1)
    func end(_ identification: Int) -> Packet {
      Packet(
        ethernet(
          ipv4(
            [1, 2, 3, 4, 5, 6, 7, 8], identification: UInt16(identification), fragmentOffset: 65_520)))
    }
    for identification in 0..<100 {
      let held = decoder.decode(end(identification))
      #expect(held == .heldFragment)
    }
    #expect(decoder.incompleteDatagrams == (4 << 20) / 65_528)
    #expect(decoder.fragmentCounts.evictedByMemory == 36)
  }

  @Test("A datagram that grows may evict others, never itself")
  func growing() throws {
    var decoder = try PacketDecoder(linkType: 1)
    func piece(_ identification: Int, at offset: Int) -> Packet {
      let bytes = [UInt8](repeating: 1, count: 8)
      return Packet(
        ethernet(
          ipv4(
            bytes, identification: UInt16(identification), fragmentOffset: offset, moreFragments: true)))
    }
    let outcomes =
      [decoder.decode(piece(0, at: 0))] + (1...64).map { decoder.decode(piece($0, at: 65_512)) }
      + [decoder.decode(piece(0, at: 65_512))]
    #expect(outcomes.allSatisfy { $0 == .heldFragment })
    #expect(decoder.fragmentCounts.evictedByMemory == 1)
    #expect(decoder.incompleteDatagrams == 64)
    let again = decoder.decode(piece(0, at: 0))
    #expect(again == .heldFragment)
    #expect(decoder.fragmentCounts.overlaps == 1)
  }
}

private func permutations(_ items: [Int]) -> [[Int]] {
  guard items.count > 1 else { return [items] }
  return items.flatMap { first in permutations(items.filter { $0 != first }).map { [first] + $0 } }
}
