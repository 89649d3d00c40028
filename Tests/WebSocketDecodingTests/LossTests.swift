import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// What a decoder makes of a stream that the capture does not hold all of.
@Suite struct LossTests {
  // MARK: Holes in a payload

  @Test("A hole in a payload keeps frames in step and the mask in phase", arguments: Side.allCases, 0..<9)
  func holeInPayload(side: Side, size: Int) {
    let key: [UInt8]? = side == .client ? [0xA1, 0xB2, 0xC3, 0xD4] : nil
    let payload = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
    let bytes = TestFrame(.text, payload, key: key).bytes
    let after = TestFrame("after", key: key.map { $0.reversed() }).bytes
    let head = bytes.count - payload.count
    for start in head...(bytes.count - size) {
      let outcome = decode(
        [
          .bytes(Array(bytes[..<start])), .lost(UInt64(size)),
          .bytes(Array(bytes[(start + size)...]) + after),
        ],
        Setup(side))
      let message = outcome.messages.first
      var shown = payload
      for index in start - head..<start - head + size { shown[index] = 0 }
      // What was lost at the very end is not made up.
      #expect(message?.payload == shown, "from \(start)")
      #expect(message?.message.complete == (size == 0))
      #expect(message?.message.missingBytes == UInt64(size))
      #expect(message?.message.bytes == UInt64(payload.count))
      #expect(
        message?.missing
          == (size == 0 ? [] : [MissingRange(offset: UInt64(start - head), bytes: UInt64(size))]))
      #expect(outcome.texts.last == "after")
      #expect(outcome.rules == [])
      #expect(outcome.counts.lostBytes == UInt64(size))
      #expect(outcome.counts.unexplainedBytes == 0)
    }
  }

  @Test func ofAPingWithAHoleTheBytesBeforeItAreTold() {
    let ping = TestFrame(.ping, [1, 2, 3, 4, 5, 6]).bytes
    let outcome = decode([.bytes(Array(ping[..<4])), .lost(2), .bytes(Array(ping[6...]))], Setup(.server))
    #expect(outcome.seen.controls.map { $0.payload } == [[1, 2]])
    #expect(outcome.seen.controls.first?.control.missingBytes == 2)
  }

  @Test func aCloseFrameWithAHoleIsNotJudged() {
    let close = TestFrame(.close, [0x03, 0xE8, 0xC3, 0xA9]).bytes
    let outcome = decode([.bytes(Array(close[..<4])), .lost(1), .bytes(Array(close[5...]))], Setup(.server))
    #expect(outcome.sawClose)
    #expect(outcome.rules == [])
  }

  @Test func manyHolesInOneMessageAreMergedAndCapped() {
    let huge = TestFrame(.binary).with(lengthBytes: 8, claimed: 1 << 40).bytes
    let touching = [Packet.bytes(huge)] + (0..<1000).map { _ in .lost(7) }
    #expect(
      decode(touching, Setup(.server)).messages.first?.missing == [MissingRange(offset: 0, bytes: 7000)])
    let apart = [Packet.bytes(huge)] + (0..<20_000).flatMap { _ in [Packet.lost(7), .bytes([1])] }
    let message = decode(apart, Setup(.server)).messages.first
    #expect(message?.missing.count == MessageAssembly.missingLimit)
    #expect(
      message?.missing.last == MissingRange(offset: UInt64(MessageAssembly.missingLimit - 1) * 8, bytes: 7))
    #expect(message?.message.missingBytes == 1 << 40 - 20_000)
  }

  @Test func aHoleThatEndsWithItsFrameEndsTheMessageThere() {
    let bytes = TestFrame("a text whose end was lost").bytes
    let outcome = decode(
      [.bytes(Array(bytes[..<10])), .lost(UInt64(bytes.count - 10)), .bytes(TestFrame("next").bytes)],
      Setup(.server))
    #expect(outcome.messages.first?.message.last == position(9, packet: 1))
    #expect(outcome.texts.last == "next")
    #expect(outcome.rules == [])
  }

  // MARK: Holes over a header

  @Test("After a hole over a header frames are found again", arguments: Side.allCases)
  func holeOverHeader(side: Side) {
    var random = SeededRandom(seed: 9)
    let packets = (0..<6).map {
      TestFrame("{\"number\":\($0),\"text\":\"hello there\"}").from(side, &random).bytes
    }
    let outcome = decode(
      [.bytes(packets[0]), .lost(UInt64(packets[1].count)), .bytes(packets[2]), .bytes(packets[3])],
      Setup(side))
    #expect(outcome.texts.count == 3)
    #expect(outcome.messages.allSatisfy { $0.message.complete })
    #expect(outcome.rules == ["lost_frame_sync", "resynchronised"])
    #expect(outcome.seen.anomalies.first?.position.offset == UInt64(packets[0].count))
    #expect(
      outcome.seen.anomalies.last?.position
        == position(UInt64(packets[0].count + packets[1].count), packet: 2))
    #expect(outcome.messages.last?.message.first.packet == 3)
    #expect(outcome.counts.unexplainedBytes == 0)
  }

  @Test func aHoleInAHeaderCountsItsFirstBytesAsUnexplained() {
    let outcome = decode([.bytes([0x81]), .lost(100), .bytes([1, 2, 3])], Setup(.server))
    #expect(outcome.counts.unexplainedBytes == 4)
    #expect(outcome.counts.streamBytes == 104)
  }

  @Test func fragmentsWhoseStartWasLostAreNoViolation() {
    let packets = [
      TestFrame("a first fragment ", fin: false),
      TestFrame(.continuation, Array("second ".utf8), fin: false),
      TestFrame(.continuation, Array("third ".utf8), fin: false),
      TestFrame(.continuation, Array("last".utf8)),
      TestFrame("the next text is a whole one"), TestFrame(.continuation, [1]),
    ].map { $0.bytes }
    let outcome = decode(
      [.lost(UInt64(packets[0].count))] + packets[1...].map { .bytes($0) }, Setup(.server))
    #expect(outcome.texts == ["second third last", "the next text is a whole one", "\u{1}"])
    #expect(outcome.messages.map { $0.message.complete } == [false, true, false])
    #expect(
      outcome.messages.map { $0.message.opcode } == [Opcode.continuation, Opcode.text, Opcode.continuation])
    // Only the last one has no excuse.
    #expect(outcome.rules == ["lost_frame_sync", "resynchronised", "continuation_without_start"])
  }

  @Test func theLastMessageIsFoundWhenTheStreamEndsAfterIt() {
    let bytes = TestFrame("a text that has some more than just sixty letters, not counted exactly").bytes
    for end in [[], [Packet.lost(50)]] {
      let outcome = decode([.lost(10), .bytes(bytes)] + end, Setup(.server))
      #expect(outcome.texts == ["a text that has some more than just sixty letters, not counted exactly"])
      #expect(outcome.counts.unexplainedBytes == 0)
    }
  }

  @Test func noBytesLostIsNoLoss() {
    let bytes = TestFrame("hello").bytes
    let outcome = decode(
      [.bytes(Array(bytes[..<4])), .lost(0), .bytes(Array(bytes[4...])), .lost(0)], Setup(.server))
    #expect(outcome.texts == ["hello"])
    #expect(outcome.messages.first?.message.complete == true)
    #expect(outcome.rules == [])
  }

  // MARK: Properties

  @Test(
    "Nothing is invented and every byte is accounted for", arguments: Side.allCases,
    RandomConversation.Kind.allCases)
  func nothingIsInvented(side: Side, kind: RandomConversation.Kind) {
    var random = SeededRandom.fresh()
    // With the first few something was invented once.
    let found: [UInt64] = [
      0xaec1_abd4_1088_89d6, 0x7a69_efa6_b904_df63, 0x287c_af08_7afd_53d6, 0xc0b7_4105_900a_b742,
      0xee45_880f_3911_bf9c, 0xec97_b8e7_c5bc_6e5a, 0x1b9e_865e_9f5f_a6fb,
    ]
    for seed in found + (0..<30).map({ _ in random.next() }) {
      var inner = SeededRandom(seed: seed)
      let sent = RandomConversation(
        kind, from: side, messages: 40, fragments: Bool.random(using: &inner), &inner)
      let run = Loss(sent, segments: .random, rate: 0.08, &inner)
      let outcome = decode(run.packets, Setup(side, compression: kind == .compressed))
      let words = "SeededRandom(seed: 0x\(String(seed, radix: 16)))"
      #expect(outcome.counts.streamBytes == UInt64(sent.bytes.count), "\(words)")
      #expect(outcome.counts.lostBytes == UInt64(run.lost.count), "\(words)")
      for message in outcome.messages where message.message.complete {
        let start = Int(message.message.first.offset)
        let original = sent.messages.first { $0.range.lowerBound == start }
        #expect(original?.opcode == message.message.opcode, "\(words): at \(start), \(outcome.seen.log)")
        if message.message.inflated { #expect(original?.payload == message.payload, "\(words), at \(start)") }
      }
      for control in outcome.seen.controls where control.control.missingBytes == 0 {
        let original = sent.controls.first { $0.range.lowerBound == Int(control.control.first.offset) }
        #expect(
          original?.payload == control.payload,
          "\(words): \(outcome.seen.log.filter { $0.hasPrefix("anomaly") || $0.contains("\(control.control.first.offset)@") })"
        )
      }
    }
  }

  @Test("Messages that a loss did not touch are found", arguments: Side.allCases)
  func recovery(side: Side) {
    var random = SeededRandom.fresh()
    let start = random
    var (untouched, found) = (0, 0)
    for _ in 0..<60 {
      let sent = RandomConversation(.text, from: side, messages: 100, fragments: false, &random)
      let run = Loss(sent, segments: .frames, rate: 0.03, &random)
      let outcome = decode(run.packets, Setup(side))
      let whole = Set(outcome.messages.filter { $0.message.complete }.map { Int($0.message.first.offset) })
      for message in sent.messages where !message.range.contains(where: { run.lost.contains($0) }) {
        untouched += 1
        if whole.contains(message.range.lowerBound) { found += 1 }
      }
    }
    print("\(side.name): \(found) of \(untouched) untouched texts found after 3 % loss, \(start)")
    #expect(Double(found) >= 0.99 * Double(untouched), "\(start)")
  }
}

/// A conversation in segments, some of which were not captured.
struct Loss {
  enum Segments {
    /// A segment for each frame.
    case frames
    /// Segments of 1 to 400 bytes that know nothing of frames.
    case random
  }

  private(set) var packets: [Packet] = []
  /// Offsets of the stream that were lost.
  private(set) var lost: Set<Int> = []

  init(_ sent: RandomConversation, segments: Segments, rate: Double, _ random: inout SeededRandom) {
    let bytes = sent.bytes
    let sizes =
      segments == .frames ? sent.frames.map { $0.count } : random.pieces(of: bytes.count, atMost: 400)
    var offset = 0
    for size in sizes {
      if Double.random(in: 0..<1, using: &random) < rate {
        packets.append(.lost(UInt64(size)))
        lost.formUnion(offset..<offset + size)
      } else {
        packets.append(.bytes(Array(bytes[offset..<offset + size])))
      }
      offset += size
    }
  }
}
