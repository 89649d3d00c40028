import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// Each limit of the decoder just before it is reached, at it, and beyond it.
@Suite("Limits of decoding, at the limit and one beyond")
struct DecodingLimitTests {
  private static func setup(
    _ side: Side = .server, compression: Bool = false, _ change: (inout DecodingOptions) -> Void = { _ in }
  )
    -> Setup
  {
    var setup = Setup(side, compression: compression)
    change(&setup.options)
    return setup
  }

  @Test func theDefaultsAreThoseOfTheDocumentation() {
    let options = DecodingOptions()
    #expect(options.keptPayload == 16 << 20)
    #expect(options.keptControlPayload == 4096)
    #expect(options.inflatedBytes == 64 << 20)
    #expect(options.inflates && !options.reportsFrames)
  }

  @Test(
    "Reports of one rule, which is only counted from then on",
    arguments: [(63, 63, 0), (64, 64, 0), (65, 64, 65), (200, 64, 200)] as [(Int, Int, Int)])
  func reports(broken: Int, reported: Int, counted: Int) {
    let outcome = decode(
      (0..<broken).map { _ in TestFrame(Opcode.ping, reserved: 2).bytes }, Setup(.server))
    #expect(outcome.rules == Array(repeating: "reserved_bit", count: reported))
    #expect(outcome.suppressed.map(\.count) == (counted == 0 ? [] : [counted]))
    #expect(outcome.suppressed.allSatisfy { $0.rule == FramingRule.reservedBit.rule })
    #expect(outcome.counts.frames == UInt64(broken))
  }

  @Test("One rule's reports do not use up another's")
  func reportsOfOthers() {
    let frames = (0..<65).map { _ in TestFrame(Opcode.ping, reserved: 2).bytes }
    let outcome = decode(frames + [TestFrame(Opcode(rawValue: 0x3)).bytes], Setup(.server))
    #expect(outcome.rules.count == 65 && outcome.rules.last == "reserved_opcode")
  }

  @Test("Bytes of a message that are kept", arguments: [(9, 9), (10, 10), (11, 10), (1000, 10)], [1, 3])
  func kept(size: (bytes: Int, kept: Int), packets: Int) {
    let frame = TestFrame(String(repeating: "x", count: size.bytes)).bytes
    let length = (frame.count + packets - 1) / packets
    let pieces = stride(from: 0, to: frame.count, by: length).map {
      Array(frame[$0..<min($0 + length, frame.count)])
    }
    let outcome = decode(pieces, Self.setup { $0.keptPayload = 10 })
    #expect(outcome.messages.map(\.payload.count) == [size.kept])
    #expect(outcome.messages.first?.message.bytes == UInt64(size.bytes))
    #expect(outcome.rules == [])
  }

  @Test(
    "Bytes of a control frame that are kept",
    arguments: [(4095, 4095), (4096, 4096), (4097, 4096)] as [(Int, Int)])
  func keptControl(bytes: Int, kept: Int) {
    let ping = TestFrame(Opcode.ping, [UInt8](repeating: 7, count: bytes)).bytes
    for pieces in [[ping], [Array(ping[..<100]), Array(ping[100...])]] {
      let outcome = decode(pieces, Setup(.server))
      #expect(outcome.seen.controls.map(\.payload.count) == [kept])
      #expect(outcome.seen.controls.first?.control.bytes == UInt64(bytes))
    }
  }

  @Test(
    "Bytes that a message is inflated to",
    arguments: [(99, false), (100, false), (101, true), (1600, true)] as [(Int, Bool)])
  func inflated(bytes: Int, isCut: Bool) {
    let payload = Deflater().message([UInt8](repeating: 0x61, count: bytes))
    let outcome = decode(
      [TestFrame(Opcode.text, payload, reserved: 4).bytes],
      Self.setup(compression: true) { $0.inflatedBytes = 100 })
    #expect(outcome.rules == (isCut ? ["inflation_too_large"] : []))
    #expect(outcome.messages.map(\.payload.count) == [min(bytes, 100)])
  }

  /// The window is given up with a message of more than 16 times the limit: the next one cannot refer to it.
  @Test(
    "Bytes that are inflated to keep a stream in step",
    arguments: [(1600, true), (1601, false)] as [(Int, Bool)])
  func inflatedInVain(bytes: Int, staysInStep: Bool) {
    let deflater = Deflater(level: 9)
    let letters = Array("the letters that the next message refers to".utf8)
    let first = deflater.message([UInt8](repeating: 0x61, count: bytes - letters.count) + letters)
    let second = deflater.message(letters)
    let outcome = decode(
      [first, second].map { TestFrame(Opcode.text, $0, reserved: 4).bytes },
      Self.setup(compression: true) { $0.inflatedBytes = 100 })
    #expect((outcome.texts.last == String(decoding: letters, as: UTF8.self)) == staysInStep)
    #expect(outcome.rules.first == "inflation_too_large")
  }

  @Test(
    "Gaps of a message that are listed",
    arguments: [(1023, 1023), (1024, 1024), (1025, 1024)] as [(Int, Int)])
  func gaps(count: Int, listed: Int) {
    // A header that announces all, then one byte and one lost byte in turns.
    let header = TestFrame(Opcode.binary).with(lengthBytes: 8, claimed: UInt64(2 * count + 100_000)).bytes
    var packets: [Packet] = [.bytes(header)]
    for _ in 0..<count { packets += [.bytes([1]), .lost(1)] }
    packets.append(.bytes([UInt8](repeating: 2, count: 100_000)))
    let outcome = decode(packets, Setup(.server))
    #expect(outcome.messages.map(\.missing.count) == [listed])
    #expect(outcome.messages.first?.message.missingBytes == UInt64(count))
  }

  @Test(
    "A length with its top bit set that is read on",
    arguments: [(1 << 20, true), (1 << 20 + 1, false)] as [(UInt64, Bool)])
  func topBit(length: UInt64, isReadable: Bool) {
    let header = TestFrame(Opcode.binary).with(lengthBytes: 8, claimed: 1 << 63 | length).bytes
    let frame = header + [UInt8](repeating: 0, count: Int(length))
    let outcome = decode([frame, TestFrame("after").bytes], Setup(.server))
    #expect(outcome.rules.first == "length_top_bit")
    #expect(outcome.rules.contains("lost_frame_sync") == !isReadable)
    #expect((outcome.messages.first?.message.bytes == length) == isReadable)
  }

  @Test(
    "The largest payloads of each form of length, and those one byte beyond",
    arguments: [125, 126, 65_535, 65_536])
  func lengths(bytes: Int) {
    for first in [TestFrame(Opcode.binary, [UInt8](repeating: 1, count: bytes)).bytes] {
      let outcome = decode([first, TestFrame("after").bytes], Setup(.server))
      #expect(outcome.rules == [])
      #expect(outcome.messages.map(\.message.bytes) == [UInt64(bytes), 5])
    }
  }

  @Test(
    "A control frame of 125 bytes is one, of 126 bytes it breaks a rule",
    arguments: [Opcode.ping, Opcode.pong, Opcode.close])
  func controlFrames(opcode: Opcode) {
    let start: [UInt8] = opcode == Opcode.close ? [3, 232] : []
    for (bytes, rules) in [(125, []), (126, ["long_control_frame"])] as [(Int, [String])] {
      let payload = start + [UInt8](repeating: 0x61, count: bytes - start.count)
      #expect(decode([TestFrame(opcode, payload).bytes], Setup(.server)).rules == rules)
    }
  }

  // MARK: Without a handshake

  private func finding(_ packets: [(side: Side, bytes: [UInt8])]) -> String {
    let detector = MidstreamDetector(isClientKnown: true)
    var offsets: [UInt64] = [0, 0]
    for (number, packet) in packets.enumerated() {
      let place = position(offsets[Int(packet.side.rawValue)], packet: UInt64(number + 1))
      switch detector.receive(packet.bytes.span, from: packet.side, at: place) {
      case .undecided: offsets[Int(packet.side.rawValue)] += UInt64(packet.bytes.count)
      case .recognized: return "recognized in packet \(number + 1)"
      case .dismissed: return "dismissed in packet \(number + 1)"
      }
    }
    return "undecided"
  }

  @Test(
    "Packets that begin with no frame where one is due",
    arguments: [(15, "undecided"), (16, "dismissed in packet 16")] as [(Int, String)])
  func falseStarts(packets: Int, result: String) {
    let line = Array("no frame begins so\n".utf8)
    #expect(finding((0..<packets).map { _ in (.client, line) }) == result)
  }

  /// Two megabytes of what has shown no sign of a frame; packets are full, so that none has to begin with one.
  @Test(
    "Bytes that are looked at",
    arguments: [(2 << 20, "undecided"), (2 << 20 + 1, "dismissed")] as [(Int, String)])
  func lookedAt(bytes: Int, result: String) {
    let size = 1 << 16
    let noise = [UInt8](repeating: 0x70, count: size)
    var packets = (0..<bytes / size).map { _ in (side: Side.client, bytes: noise) }
    if bytes % size > 0 { packets.append((.client, Array(noise[..<(bytes % size)]))) }
    #expect(finding(packets).hasPrefix(result))
  }
}
