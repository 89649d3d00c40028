import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// The same bytes whole, byte by byte or cut anywhere give the same events: with every limit, lost bytes too.
@Suite struct FrameSplitFeedingTests {
  @Test("Every field of every event is the same", arguments: Side.allCases, [0, 10, 1 << 24])
  func conversations(side: Side, kept: Int) {
    var random = SeededRandom.fresh()
    for kind in RandomConversation.Kind.allCases {
      for reportsFrames in [false, true] {
        var setup = Setup(side, compression: kind == .compressed)
        setup.options.keptPayload = kept
        setup.options.reportsFrames = reportsFrames
        let count = kind == .binary ? 8 : 4
        let sent = RandomConversation(kind, from: side, messages: count, fragments: true, &random)
        verifySplitFeeding([.bytes(sent.bytes)], randomCuts: 5) { events($0, setup) }
      }
    }
  }

  @Test("All lengths and forms of a frame, one after the other", arguments: Side.allCases)
  func lengths(side: Side) {
    var random = SeededRandom(seed: 3)
    var bytes: [UInt8] = []
    for size in [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 125, 126, 127] {
      bytes += TestFrame(.binary, random.bytes(size)).from(side, &random).bytes
    }
    bytes += TestFrame(.close, [0x03, 0xE8, 0x62]).from(side, &random).bytes
    verifySplitFeeding([.bytes(bytes)]) { events($0, Setup(side)) }
    bytes += TestFrame(.binary, random.bytes(65_535)).from(side, &random).bytes
    bytes += TestFrame(.text, random.bytes(70_000)).from(side, &random).bytes
    verifySplitFeeding([.bytes(bytes)], randomCuts: 3) { events($0, Setup(side)) }
  }

  @Test("Streams that break rules", arguments: RuleCase.all)
  func broken(_ rule: RuleCase) {
    let parts = [StreamPart.bytes(Array(rule.broken.joined())), .bytes(Array(rule.kept.joined()))]
    verifySplitFeeding(parts, randomCuts: rule.broken.joined().count > 10_000 ? 1 : 5) {
      events($0, rule.setup)
    }
  }

  @Test func aBombIsCutAtTheSameByte() {
    var setup = Setup(.server, compression: true)
    setup.options.inflatedBytes = 70_000
    let bomb = Deflater().message([UInt8](repeating: 0x61, count: 300_000))
    let bytes = TestFrame(.text, bomb, reserved: 4).bytes + TestFrame("x").bytes
    verifySplitFeeding([.bytes(bytes)]) { events($0, setup) }
  }

  @Test("Holes anywhere", arguments: Side.allCases, RandomConversation.Kind.allCases)
  func missing(side: Side, kind: RandomConversation.Kind) {
    var random = SeededRandom.fresh()
    for _ in 0..<5 {
      var setup = Setup(side, compression: kind == .compressed, outOfStep: Bool.random(using: &random))
      setup.options.keptPayload = [0, 20, 1 << 24].randomElement(using: &random) ?? 0
      setup.options.reportsFrames = Bool.random(using: &random)
      let bytes = RandomConversation(
        kind, from: side, messages: 8, fragments: Bool.random(using: &random), &random
      ).bytes.prefix(2000)
      var parts: [StreamPart] = []
      var rest = Array(bytes)
      while !rest.isEmpty {
        let captured = Int.random(in: 0...min(rest.count, 700), using: &random)
        parts.append(.bytes(Array(rest[..<captured])))
        rest.removeFirst(captured)
        let lost = Int.random(in: 0...min(rest.count, 200), using: &random)
        parts.append(.lost(UInt64(lost)))
        rest.removeFirst(lost)
      }
      verifySplitFeeding(parts, randomCuts: 3) { events($0, setup) }
    }
  }
}
