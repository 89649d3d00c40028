import Foundation
import TestSupport
import Testing
import WireBytes

/// Any cut of the streams into segments, any order of the segments: the same messages.
///
/// The conversations of all stories go into one capture, cut anew, shuffled within a window, some bytes sent
/// twice or three times with other borders. A failure names the seed; put it into `seeds` to replay it.
@Suite("Segments do not matter")
struct SegmentationTests {
  static let seeds: [UInt64] = (0..<1).map { _ in UInt64.random(in: .min ... .max) }

  @Test("Conversations cut, shuffled and doubled have the messages they had", arguments: seeds)
  func shuffled(_ seed: UInt64) throws {
    try compare(seed) { conversation, random in
      let longest = [1, 2, 7, 60, 500, 1448].randomElement(using: &random) ?? 1448
      // A window of single bytes must not become a search through thousands of packets.
      return conversation.segments(atMost: longest, window: 12, doubled: 0.1, &random)
    }
  }

  @Test("Conversations sent byte by byte have the messages they had")
  func bytewise() throws {
    // More bytes of one message are more of the same.
    try compare(1, conversationsUpTo: 16 << 10) { conversation, random in
      conversation.segments(atMost: 1, window: 0, doubled: 0, &random)
    }
  }

  @Test("Conversations in the fewest segments have the messages they had")
  func whole() throws {
    try compare(1) { conversation, random in
      conversation.turns.reduce(into: [TestSegment]()) { segments, turn in
        let offset = segments.last { $0.side == turn.side }.map { $0.offset + $0.bytes.count } ?? 0
        segments.append(TestSegment(side: turn.side, offset: offset, bytes: turn.bytes))
      }
    }
  }

  private func compare(
    _ seed: UInt64, conversationsUpTo limit: Int = .max,
    _ cut: (RecordedConversation, inout SeededRandom) -> [TestSegment]
  ) throws {
    var random = SeededRandom(seed: seed)
    var expected: [Speaker: [SampleMessage]] = [:]
    var connections: [[Packet]] = []
    for story in Story.all {
      let events = try story.events()
      let openings = events.openings
      for conversation in try RecordedConversation.all(in: story) where !conversation.turns.isEmpty {
        let size = conversation.turns.reduce(0) { $0 + $1.bytes.count }
        guard size <= limit else { continue }
        let number = connections.count
        for (speaker, messages) in events.completeMessages
        where openings[speaker.conversation]?.int("tcp_stream") == conversation.stream {
          expected[Speaker(conversation: number, side: speaker.side)] = messages
        }
        connections.append(packets(cut(conversation, &random), conversation, number))
      }
    }

    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(interleaved(connections, &random).pcap())
    let outcome = try Tool.run(["--json", path])
    try #require(outcome.status == 0, "\(random): \(outcome.errors)")
    let events = try outcome.events()
    var found: [Speaker: [SampleMessage]] = [:]
    let openings = events.openings
    for (speaker, messages) in events.completeMessages {
      let port = try #require(openings[speaker.conversation]?.object("client")?.int("port"))
      found[Speaker(conversation: port - Self.firstPort, side: speaker.side)] = messages
    }
    #expect(events.last?.int("connections") == connections.count)
    #expect(expected.count > 100)
    let different = Set(expected.keys).union(found.keys).sorted().filter { found[$0] != expected[$0] }
    if let first = different.first {
      Issue.record(
        """
        \(random): \(different.count) sides differ, the first is \(first)
        expected \(expected[first] ?? [])
        found    \(found[first] ?? [])
        """)
    }
    let lost = events.named("session_close").filter { $0.int("lost_bytes") != 0 }
    #expect(lost.map(\.session) == [], "\(random): nothing was lost")
  }

  private static let firstPort = 20_000

  /// The packets of a conversation between ends of its own: SYNs first, FINs last.
  private func packets(
    _ segments: [TestSegment], _ conversation: RecordedConversation, _ number: Int
  ) -> [Packet] {
    let client = UInt16(Self.firstPort + number)
    // Some sequence numbers wrap around within the conversation.
    let start: [Side: UInt32] = [.client: UInt32.max - UInt32(number * 40), .server: 77]
    var tcp = TCPConversation(
      client: TestEndpoint("10.0.0.1", client), server: TestEndpoint("10.0.0.2", 8080),
      clientSequence: start[.client] ?? 0, serverSequence: start[.server] ?? 0)
    tcp.handshake()
    func sequence(_ side: Side, _ offset: Int) -> UInt32 {
      (start[side] ?? 0) &+ 1 &+ UInt32(truncatingIfNeeded: offset)
    }
    var received: [Side: ReceivedBytes] = [.client: ReceivedBytes(), .server: ReceivedBytes()]
    for segment in segments {
      // A receiver acknowledges what came without a hole, and nothing else.
      let (side, acknowledged) = (segment.side, received[segment.side.peer]?.contiguous ?? 0)
      let (own, other) = (sequence(side, segment.offset), sequence(side.peer, acknowledged))
      (tcp.clientNext, tcp.serverNext) = side == .client ? (own, other) : (other, own)
      tcp.segment(from: side, [.psh, .ack], payload: segment.bytes)
      received[side]?.add(segment.offset..<(segment.offset + segment.bytes.count))
    }
    tcp.clientNext = sequence(.client, conversation.bytes(of: .client).count)
    tcp.serverNext = sequence(.server, conversation.bytes(of: .server).count)
    if conversation.endsWithReset { tcp.rst(from: .client) } else { tcp.close() }
    return tcp.packets
  }

  /// Packets of all connections, those of each in their order, 1 ms apart.
  private func interleaved(_ connections: [[Packet]], _ random: inout SeededRandom) -> [Packet] {
    var rest = connections.map { $0[...] }
    var all: [Packet] = []
    while !rest.isEmpty {
      let index = Int.random(in: rest.indices, using: &random)
      all += rest[index].prefix(8)
      rest[index] = rest[index].dropFirst(8)
      if rest[index].isEmpty { rest.remove(at: index) }
    }
    for index in all.indices { all[index].time = .testStart.advanced(milliseconds: index) }
    return all
  }
}

/// What a receiver has of a stream.
private struct ReceivedBytes {
  /// Bytes from the start of the stream on without a hole.
  private(set) var contiguous = 0
  private var waiting: [Range<Int>] = []

  mutating func add(_ range: Range<Int>) {
    waiting.append(range)
    while let next = waiting.firstIndex(where: { $0.lowerBound <= contiguous }) {
      contiguous = max(contiguous, waiting.remove(at: next).upperBound)
    }
  }
}

/// Bytes of one side's stream.
struct TestSegment: Sendable {
  var side: Side
  /// Where in the stream they are.
  var offset: Int
  var bytes: [UInt8]
}

extension RecordedConversation {
  /// The conversation in new segments of at most so many bytes: moved by at most `window` places, some of the
  /// bytes already sent sent again.
  func segments(
    atMost longest: Int, window: Int, doubled: Double, _ random: inout SeededRandom
  ) -> [TestSegment] {
    var streams: [Side: [UInt8]] = [.client: [], .server: []]
    var segments: [TestSegment] = []
    for turn in turns {
      let first = streams[turn.side]?.count ?? 0
      streams[turn.side]? += turn.bytes
      var start = 0
      for length in random.pieces(of: turn.bytes.count, atMost: longest) {
        segments.append(
          TestSegment(
            side: turn.side, offset: first + start, bytes: Array(turn.bytes[start..<start + length])))
        start += length
        if Double.random(in: 0..<1, using: &random) < doubled {
          segments.append(again(turn.side, streams[turn.side]?[..<(first + start)] ?? [], &random))
        }
      }
    }
    guard window > 0 else { return segments }
    for index in segments.indices {
      let other = min(index + Int.random(in: 0...window, using: &random), segments.count - 1)
      segments.swapAt(index, other)
    }
    return segments
  }

  /// Some of the last bytes that were sent, with borders of their own.
  private func again(_ side: Side, _ sent: ArraySlice<UInt8>, _ random: inout SeededRandom) -> TestSegment {
    let start = Int.random(in: max(0, sent.count - 1500)..<sent.count, using: &random)
    let end = Int.random(in: (start + 1)...min(sent.count, start + 1448), using: &random)
    return TestSegment(side: side, offset: start, bytes: Array(sent[start..<end]))
  }
}
