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

  private static let compressed = TestFrame(Opcode.text, hex("f2 48 cd c9 c9 07 00"), reserved: 4)

  private static func masked(_ keys: [UInt8]...) -> [[UInt8]] {
    keys.map { key in
      var frame = compressed
      frame.key = key
      return frame.bytes
    }
  }

  @Test(
    "The header of a compressed message is judged as any other",
    arguments: [
      (Side.server, [compressed.bytes], [String]()),
      (.client, masked([1, 2, 3, 4]), []),
      (.server, masked([1, 2, 3, 4]), ["masked_server_frame"]),
      (.client, [compressed.bytes], ["unmasked_client_frame"]),
      (.client, masked([0, 0, 0, 0]), ["zero_masking_key"]),
      (.client, masked([1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]), ["constant_masking_key"]),
      (.server, [compressed.with(lengthBytes: 2).bytes], ["non_minimal_length"]),
      (.server, [TestFrame(.text, compressed.payload, reserved: 6).bytes], ["reserved_bit"]),
      (.server, [TestFrame(.text, compressed.payload, reserved: 5).bytes], ["reserved_bit"]),
      (.server, [TestFrame(Opcode(rawValue: 3), reserved: 4).bytes], ["reserved_opcode"]),
      (
        .server, [TestFrame("Hel", fin: false).bytes, compressed.bytes],
        ["unfinished_message", "message_inside_message"]
      ),
      (
        .server, [TestFrame(Opcode.close, [3, 232]).bytes, compressed.bytes], ["frame_after_close"]
      ),
    ] as [(Side, [[UInt8]], [String])])
  func compressedHeaders(side: Side, packets: [[UInt8]], rules: [String]) {
    #expect(decode(packets, Setup(side, compression: true)).rules == rules)
  }
}
