import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// What a decoder makes of a stream that the capture does not hold all of.
@Suite struct LossTests {
  // MARK: Holes in a payload

  @Test func aHoleInAPingLeavesItsBytesInPlace() {
    let ping = TestFrame(Opcode.ping, [1, 2, 3, 4, 5, 6]).bytes
    let outcome = decode([.bytes(Array(ping[..<4])), .lost(2), .bytes(Array(ping[6...]))], Setup(.server))
    #expect(outcome.seen.controls.map { $0.payload } == [[1, 2, 0, 0, 5, 6]])
    #expect(outcome.seen.controls.first?.control.missingBytes == 2)
  }

  @Test func aCloseFrameWithAHoleIsNotJudged() {
    let close = TestFrame(Opcode.close, [0x03, 0xE8, 0xC3, 0xA9]).bytes
    let outcome = decode([.bytes(Array(close[..<4])), .lost(1), .bytes(Array(close[5...]))], Setup(.server))
    #expect(outcome.sawClose)
    #expect(outcome.rules == [])
  }

  @Test func manyHolesInOneMessageAreMergedAndCapped() {
    let huge = TestFrame(Opcode.binary).with(lengthBytes: 8, claimed: 1 << 40).bytes
    let touching = [Packet.bytes(huge)] + (0..<1000).map { _ in .lost(7) }
    #expect(decode(touching, Setup(.server)).messages.first?.holes == [Hole(offset: 0, bytes: 7000)])
    let apart = [Packet.bytes(huge)] + (0..<20_000).flatMap { _ in [Packet.lost(7), .bytes([1])] }
    let message = decode(apart, Setup(.server)).messages.first
    #expect(message?.holes.count == MessageAssembly.holeLimit)
    #expect(message?.holes.last == Hole(offset: UInt64(MessageAssembly.holeLimit - 1) * 8, bytes: 7))
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

  @Test func fragmentsWhoseStartWasLostAreNoViolation() {
    let packets = [
      TestFrame("a first fragment ", fin: false),
      TestFrame(Opcode.continuation, Array("second ".utf8), fin: false),
      TestFrame(Opcode.continuation, Array("third ".utf8), fin: false),
      TestFrame(Opcode.continuation, Array("last".utf8)),
      TestFrame("the next text is a whole one"), TestFrame(Opcode.continuation, [1]),
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

  @Test func noBytesLostIsNoLoss() {
    let bytes = TestFrame("hello").bytes
    let outcome = decode(
      [.bytes(Array(bytes[..<4])), .lost(0), .bytes(Array(bytes[4...])), .lost(0)], Setup(.server))
    #expect(outcome.texts == ["hello"])
    #expect(outcome.messages.first?.message.complete == true)
    #expect(outcome.rules == [])
  }

  // MARK: Properties

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
