import PacketLayers
import TestSupport
import Testing
import WireBytes

/// Limits on what waits for the rest of its packet, at the limit and one beyond.
@Suite("Limits on fragments, at the limit and one beyond")
struct FragmentLimitTests {
  private static let second: Int64 = 1_000_000_000

  private func piece(
    _ identification: Int, at offset: Int = 0, _ count: Int = 8, more: Bool = true,
    time: CaptureTime = .testStart
  ) -> Packet {
    Packet(
      ethernet(
        ipv4(
          [UInt8](repeating: 1, count: count), identification: UInt16(identification), fragmentOffset: offset,
          moreFragments: more)), time: time)
  }

  @Test(
    "Datagrams that wait",
    arguments: [(255, 255, 0), (256, 256, 0), (257, 256, 1), (258, 256, 2)] as [(Int, Int, UInt64)])
  func datagrams(count: Int, waiting: Int, evicted: UInt64) throws {
    var decoder = try PacketDecoder(linkType: 1)
    for identification in 0..<count { _ = decoder.decode(piece(identification)) }
    #expect(decoder.incompleteDatagrams == waiting)
    #expect(decoder.fragmentCounts.evictedByCount == evicted)
  }

  @Test(
    "Nanoseconds that a datagram waits",
    arguments: [(30 * second, 0), (30 * second + 1, 1), (-30 * second, 0), (-30 * second - 1, 1)]
      as [(Int64, UInt64)])
  func wait(nanoseconds: Int64, timedOut: UInt64) throws {
    var decoder = try PacketDecoder(linkType: 1)
    _ = decoder.decode(piece(1))
    let time = CaptureTime(nanoseconds: CaptureTime.testStart.nanoseconds + nanoseconds)
    _ = decoder.decode(piece(2, time: time))
    #expect(decoder.fragmentCounts.timedOut == timedOut)
    #expect(decoder.incompleteDatagrams == 2 - Int(timedOut))
  }

  @Test("Bytes that wait in all datagrams", arguments: [(512, 0), (520, 1)] as [(Int, UInt64)])
  func bytes(last: Int, evicted: UInt64) throws {
    // 64 datagrams of 65,528 bytes leave 512 bytes of 4 MiB.
    var decoder = try PacketDecoder(linkType: 1)
    for identification in 0..<64 { _ = decoder.decode(piece(identification, at: 65_520)) }
    _ = decoder.decode(piece(64, at: last - 8))
    #expect(decoder.fragmentCounts.evictedByMemory == evicted)
    #expect(decoder.incompleteDatagrams == 65 - Int(evicted))
  }

  @Test("The end of the longest datagram", arguments: [(7, true), (8, false)] as [(Int, Bool)])
  func longest(count: Int, isTaken: Bool) throws {
    var decoder = try PacketDecoder(linkType: 1)
    let outcome = decoder.decode(piece(1, at: 65_528, count, more: false))
    #expect(outcome == (isTaken ? .heldFragment : .undecodable(.fragmentBeyondLimit)))
  }

  // MARK: 802.11

  private static let packet: [UInt8] = ipv4(tcp(payload: Array("joined".utf8)))

  /// A frame in two fragments, of which the first has so many bytes.
  private func wireless(_ sequence: Int, first: Int, data: [UInt8]? = nil) -> [[UInt8]] {
    let data = data ?? [0xaa, 0xaa, 3, 0, 0, 0, 8, 0] + Self.packet
    return [(data[..<first], 0), (data[first...], 1)].map { piece, number in
      let header = [0x08, number == 1 ? 0x01 : 0x05, 0, 0] + [UInt8](repeating: 2, count: 18)
      return header + bigEndianBytes(UInt16(sequence << 4 | number)).reversed() + piece
    }
  }

  private func joins(
    _ fragments: [[UInt8]], after others: [[UInt8]] = [], wait: Int64 = 0
  ) throws -> Bool {
    var decoder = try PacketDecoder(linkType: 105)
    _ = decoder.decode(Packet(fragments[0]))
    for other in others { _ = decoder.decode(Packet(other)) }
    let time = CaptureTime(nanoseconds: CaptureTime.testStart.nanoseconds + wait)
    let segment = decoder.segment(Packet(fragments[1], time: time))
    return segment?.payload == Array("joined".utf8)
  }

  @Test(
    "Frames of 802.11 whose last fragment has not come",
    arguments: [(31, true), (32, false)] as [(Int, Bool)])
  func wirelessFrames(others: Int, joins isJoined: Bool) throws {
    let further = (1...others).map { wireless($0 + 1, first: 20)[0] }
    #expect(try joins(wireless(1, first: 20), after: further) == isJoined)
  }

  @Test(
    "Nanoseconds that they wait", arguments: [(2 * second, true), (2 * second + 1, false)] as [(Int64, Bool)])
  func wirelessWait(nanoseconds: Int64, joins isJoined: Bool) throws {
    #expect(try joins(wireless(1, first: 20), wait: nanoseconds) == isJoined)
  }

  @Test("Bytes of such a frame", arguments: [(16 << 10, true), (16 << 10 + 1, false)] as [(Int, Bool)])
  func wirelessBytes(count: Int, joins isJoined: Bool) throws {
    let head = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0] + Self.packet
    let data = head + [UInt8](repeating: 0, count: count - head.count)
    #expect(try joins(wireless(1, first: 20, data: data)) == isJoined)
  }
}
