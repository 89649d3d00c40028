import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// Streams that go out of step although no byte is missing, and those that only look so.
@Suite struct StepDoubtTests {
  /// Decodes one packet per element, in calls that bring whole packets.
  private func read(_ packets: [[UInt8]], _ setup: Setup) -> Outcome { decode(wholePackets: packets, setup) }

  @Test("A frame within another one: the messages after it are found, and nothing is made up")
  func interleaved() {
    let sent = [
      Array(TestFrame("{\"humidity\": 63, \"hours\"").with(claimed: 81).bytes),
      TestFrame("{\"type\":\"ping\"}").bytes,
      Array(": 75, \"level\": 87, \"state\": \"on\", \"health\": 14, \"hx\": 89}".utf8),
    ]
    let packets = [sent.flatMap { $0 }] + (0..<3).map { TestFrame("{\"n\":\($0)}").bytes }
    let outcome = read(packets, Setup(.server))
    #expect(outcome.texts == ["{\"n\":0}", "{\"n\":1}", "{\"n\":2}"])
    #expect(outcome.seen.controls.isEmpty)
    #expect(outcome.rules == ["out_of_step", "resynchronised"])
    #expect(
      outcome.seen.anomalies.first?.finding
        == "violation out_of_step, server, packet 1, offset 0: another frame begins at byte 24 of its payload: text, 15 B {\"type\":\"ping\"}"
    )
    #expect(outcome.counts.wireBytes == 27)
    #expect(outcome.counts.unexplainedBytes == UInt64(packets[0].count))
  }

  @Test("Generated series", arguments: OutOfStepStream.Trouble.allCases, Side.allCases)
  func series(trouble: OutOfStepStream.Trouble, side: Side) {
    var random = SeededRandom(seed: 13)
    var (good, found, controls) = (0, 0, 0)
    for _ in 0..<200 {
      let stream = OutOfStepStream(trouble, from: side, &random)
      let outcome = read(stream.packets, Setup(side))
      good += stream.good.count
      found += stream.found(among: outcome.seen)
      controls += outcome.seen.controls.count
      #expect(outcome.counts.streamBytes == UInt64(stream.packets.joined().count))
    }
    #expect(found * 100 >= good * 98, "\(found) of \(good) messages")
    // Two random bytes are a header of a whole Ping or Pong once in some hundred times.
    #expect(controls <= 1)
  }

  @Test("However the bytes are cut into calls", arguments: OutOfStepStream.Trouble.allCases, Side.allCases)
  func cuts(trouble: OutOfStepStream.Trouble, side: Side) {
    var random = SeededRandom(seed: 1)
    for _ in 0..<1 {
      let stream = OutOfStepStream(trouble, from: side, messages: 4, &random)
      let bytes = Array(stream.packets.joined())
      guard bytes.count < 4000 else { continue }
      verifySplitFeeding([.bytes(bytes)], randomCuts: 3) { events($0, Setup(side)) }
    }
  }

  /// Ways to break rules in every frame without being out of step.
  enum Habit: CaseIterable {
    case wrongMask, reservedBits, unknownOpcode, longForm, badText, framesInBinary
  }

  @Test("Peers that break a rule in every frame are read as before", arguments: Habit.allCases, Side.allCases)
  func habits(habit: Habit, side: Side) {
    var random = SeededRandom(seed: 7)
    for round in 0..<40 {
      let packets = (0..<12).map { _ in
        (0..<(round % 3 + 1)).flatMap { _ in Self.frame(habit, side, &random) }
      }
      let outcome = read(packets, Setup(side))
      let unknown = decode(packets, Setup(side))
      #expect(!outcome.rules.contains("out_of_step"), "\(habit) \(side) \(round)")
      #expect(outcome.seen.log == unknown.seen.log)
      #expect(outcome.counts.frames == UInt64(12 * (round % 3 + 1)))
      #expect(outcome.counts.unexplainedBytes == 0)
    }
  }

  private static func frame(_ habit: Habit, _ side: Side, _ random: inout SeededRandom) -> [UInt8] {
    let size = Int.random(in: 2..<300, using: &random)
    var frame = TestFrame(.binary, random.bytes(size)).from(side, &random)
    switch habit {
    case .wrongMask: return frame.from(side.peer, &random).bytes
    case .reservedBits: frame.reserved = 3
    case .unknownOpcode: frame.opcode = Opcode(rawValue: 5)
    case .longForm: return frame.with(lengthBytes: 8).bytes
    case .badText: frame.opcode = .text
    case .framesInBinary:
      frame.payload = (0..<6).flatMap { TestFrame("{\"n\":\($0)}").from(side, &random).bytes }
    }
    return frame.bytes
  }
}
