import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

@Suite struct SegmentPrescanTests {
  static let key: [UInt8] = [1, 2, 3, 4]
  static let other: [UInt8] = [9, 9, 9, 9]
  static let long = [UInt8](repeating: 0x61, count: 65_535)

  struct Case: Sendable {
    var name: String
    var payload: [UInt8]
    var isPlain: Bool

    init(_ name: String, _ frames: [TestFrame], _ isPlain: Bool) {
      (self.name, payload, self.isPlain) = (name, frames.flatMap(\.bytes), isPlain)
    }

    init(_ name: String, bytes: [UInt8]) { (self.name, payload, isPlain) = (name, bytes, false) }
  }

  static let cases = [
    Case("a text", [TestFrame("hello")], true),
    Case("a masked text", [TestFrame("hello", key: key)], true),
    Case("an empty text", [TestFrame("")], true),
    Case("text beyond ASCII", [TestFrame("grüß dich 新用户", key: key)], true),
    Case("bytes that are no text", [TestFrame(.binary, [0xFF, 0xC0], key: key)], true),
    Case("two texts", [TestFrame("a", key: key), TestFrame("b", key: other)], true),
    Case("the longest", [TestFrame(.text, long, key: key)], true),
    Case("126 bytes", [TestFrame(.text, Array(long[..<126]))], true),
    Case("text that is no UTF-8", [TestFrame(.text, [0x61, 0xC3], key: key)], false),
    Case("the second is no UTF-8", [TestFrame("a"), TestFrame(.text, [0xFF])], false),
    Case("a masked one behind one without", [TestFrame("a"), TestFrame("b", key: key)], false),
    Case("a mask of zeros", [TestFrame("a", key: [0, 0, 0, 0])], false),
    Case("a fragment", [TestFrame("a", fin: false)], false),
    Case("a continuation", [TestFrame(.continuation, [0x61])], false),
    Case("a ping", [TestFrame(.ping, [])], false),
    Case("a compressed one", [TestFrame(.text, [0x61], reserved: 4)], false),
    Case("a length in more bytes than it needs", [TestFrame("a").with(lengthBytes: 2)], false),
    Case("a length in eight bytes", [TestFrame(.text, long + [0x61])], false),
    Case("less than a header", bytes: [0x81]),
    Case("nothing", bytes: []),
    Case("less than a frame", bytes: Array(TestFrame("hello", key: key).bytes.dropLast())),
    Case("more than a frame", bytes: TestFrame("hello", key: key).bytes + [0x81]),
  ]

  @Test("Whole messages that break no rule are told from all else", arguments: cases)
  func table(_ example: Case) {
    #expect(SegmentPrescan().areAll(of: example.payload.span) == example.isPlain, "\(example.name)")
  }

  @Test("What was looked at before comes to the same events", arguments: Side.allCases)
  func same(side: Side) {
    var random = SeededRandom.fresh()
    let judge = SegmentPrescan()
    var (judged, all) = (0, 0)
    for _ in 0..<300 {
      let packets = Self.packets(from: side, &random)
      var setup = Setup(side, outOfStep: Int.random(in: 0..<8, using: &random) == 0)
      setup.options.keptPayload = 0
      var expected: [String] = []
      for isLookedAt in [false, true] {
        let recorder = Recorder()
        let context = DecodingContext(options: setup.options, sink: recorder)
        defer { withExtendedLifetime(context) {} }
        let output = unsafe WebSocketOutput(uncounted: context, session: SessionIndex(0))
        var decoder = WebSocketDecoder(side: side, compression: setup.compression)
        if setup.outOfStep { decoder.startOutOfStep() }
        var position = StreamPosition(offset: 0, packet: 1, time: .testStart)
        for packet in packets {
          if packet.isLost {
            decoder.skip(UInt64(packet.bytes.count), at: position, into: output)
          } else if isLookedAt, judge.areAll(of: packet.bytes.span) {
            decoder.receive(plainMessages: packet.bytes.span, at: position, into: output)
            judged += 1
          } else {
            _ = decoder.receive(packet.bytes.span, at: position, into: output)
          }
          all += 1
          position = position.advanced(by: packet.bytes.count)
          position.packet += 1
        }
        decoder.finish(at: position, into: output)
        let seen = recorder.log + ["\(decoder.counts)"]
        if isLookedAt { #expect(seen == expected, "\(random)") } else { expected = seen }
      }
    }
    #expect(judged > all / 10 && judged < all / 2, "\(judged) of \(all): the generator makes one kind only")
  }

  private struct Packet {
    var bytes: [UInt8]
    var isLost = false
  }

  /// Mostly plain messages, a packet each; others between them, so that they are met in every state.
  private static func packets(from side: Side, _ random: inout SeededRandom) -> [Packet] {
    let texts: [[UInt8]] = [
      Array("hello".utf8), Array("grüß dich".utf8), [0x61, 0xFF], [], Array(long[..<200]),
    ]
    var key = random.bytes(4)
    return (0..<Int.random(in: 1...12, using: &random)).map { _ in
      if Int.random(in: 0..<4, using: &random) > 0 { key = random.bytes(4) }
      let payload = texts.randomElement(using: &random) ?? []
      var frame = TestFrame(
        Bool.random(using: &random) ? Opcode.text : Opcode.binary, payload, key: side == .client ? key : nil)
      switch Int.random(in: 0..<14, using: &random) {
      case 0: frame.fin = false
      case 1: frame.opcode = .continuation
      case 2: frame = TestFrame(.ping, [1, 2], key: frame.key)
      case 3: frame = TestFrame(.close, [0x03, 0xE8], key: frame.key)
      case 4: frame.key = frame.key == nil ? key : nil
      default: break
      }
      var bytes = frame.bytes
      switch Int.random(in: 0..<12, using: &random) {
      case 0: bytes.removeLast()
      case 1: bytes += TestFrame("more", key: frame.key).bytes
      case 2: bytes += random.bytes(1)
      default: break
      }
      return Packet(bytes: bytes, isLost: Int.random(in: 0..<15, using: &random) == 0)
    }
  }
}
