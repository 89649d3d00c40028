import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

@Suite("What a decoder has seen of rules")
struct DecoderRulesTests {
  @Test(
    "A side masks wrongly when at least half of its frames do",
    arguments: Side.allCases, [(0, 0), (0, 4), (1, 0), (1, 1), (1, 2), (2, 2), (2, 3)])
  func masks(side: Side, _ frames: (wrong: Int, right: Int)) {
    var random = SeededRandom(seed: 4)
    let context = DecodingContext(options: DecodingOptions(), sink: Recorder())
    defer { withExtendedLifetime(context) {} }
    var decoder = Setup(side).decoder()
    var offset: UInt64 = 0
    for number in 0..<frames.wrong + frames.right {
      let sender = number < frames.wrong ? side.peer : side
      let bytes = TestFrame("frame \(number)").from(sender, &random).bytes
      let output = unsafe WebSocketOutput(uncounted: context, session: SessionIndex(0), packetStart: offset)
      _ = decoder.receive(bytes.span, at: position(offset, packet: UInt64(number + 1)), into: output)
      offset += UInt64(bytes.count)
    }
    #expect(decoder.hasMaskedWrongly == (frames.wrong > 0 && frames.wrong >= frames.right))
  }
}
