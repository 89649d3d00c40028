import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// RFC 6455 §5.7, byte for byte.
@Suite struct RFC6455ExampleTests {
  @Test func aSingleFrameUnmaskedText() {
    let outcome = decode([hex("81 05 48 65 6c 6c 6f")], Setup(.server))
    #expect(outcome.texts == ["Hello"])
    #expect(outcome.rules == [])
    #expect(outcome.messages.first?.message.isValidUTF8 == true)
    #expect(outcome.messages.first?.message.wireBytes == 7)
  }

  @Test func aSingleFrameMaskedText() {
    let outcome = decode([hex("81 85 37 fa 21 3d 7f 9f 4d 51 58")], Setup(.client))
    #expect(outcome.texts == ["Hello"])
    #expect(outcome.rules == [])
    #expect(outcome.messages.first?.message.wireBytes == 11)
  }

  @Test func aFragmentedUnmaskedText() {
    let outcome = decode([hex("01 03 48 65 6c"), hex("80 02 6c 6f")], Setup(.server))
    #expect(outcome.texts == ["Hello"])
    #expect(outcome.rules == [])
    let message = outcome.messages.first?.message
    #expect(message?.frames == 2)
    #expect(message?.wireBytes == 9)
    #expect(message?.first == position(0, packet: 1))
    #expect(message?.last == position(8, packet: 2))
  }

  @Test func anUnmaskedPingAndItsMaskedPong() {
    let ping = decode([hex("89 05 48 65 6c 6c 6f")], Setup(.server))
    #expect(ping.seen.controls.map { $0.control.opcode } == [Opcode.ping])
    #expect(ping.seen.controls.map { $0.payload } == [Array("Hello".utf8)])
    #expect(ping.counts.pings == 1)
    let pong = decode([hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58")], Setup(.client))
    #expect(pong.seen.controls.map { $0.control.opcode } == [Opcode.pong])
    #expect(pong.seen.controls.map { $0.payload } == [Array("Hello".utf8)])
    #expect(pong.counts.pongs == 1)
    #expect(ping.rules + pong.rules == [])
  }

  @Test(
    "Binary messages use 16-bit and 64-bit lengths",
    arguments: [("82 7e 01 00", 256), ("82 7f 00 00 00 00 00 01 00 00", 65_536)])
  func binary(head: String, size: Int) {
    let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let outcome = decode([hex(head) + payload], Setup(.server))
    #expect(outcome.messages.map { $0.payload } == [payload])
    #expect(outcome.messages.first?.message.opcode == .binary)
    #expect(outcome.rules == [])
    #expect(outcome.counts.wireBytes == UInt64(hex(head).count + size))
  }
}

@Suite struct WebSocketDecoderTests {
  @Test func severalFramesInOnePacketAreAllRead() {
    let bytes = ["one", "two", "three"].flatMap { TestFrame($0).bytes }
    let outcome = decode([bytes], Setup(.server))
    #expect(outcome.texts == ["one", "two", "three"])
    #expect(outcome.messages.map { $0.message.first.offset } == [0, 5, 10])
    #expect(outcome.messages.map { $0.message.last.offset } == [4, 9, 16])
  }

  @Test func controlFramesBetweenFragmentsLeaveTheMessageOpen() {
    let frames = [
      TestFrame("Hel", fin: false), TestFrame(.ping, [1, 2]),
      TestFrame(.continuation, [], fin: false),
      TestFrame(.pong), TestFrame(.continuation, Array("lo".utf8)),
    ]
    let outcome = decode([frames.flatMap { $0.bytes }], Setup(.server))
    #expect(outcome.texts == ["Hello"])
    #expect(outcome.rules == [])
    #expect(outcome.messages.first?.message.frames == 3)
    #expect(outcome.seen.controls.count == 2)
    #expect(outcome.counts.frames == 5)
  }

  @Test func aMessageThatIsCutByPacketsTellsWhereItBeganAndEnded() {
    let bytes = TestFrame("a text over three packets", key: [1, 2, 3, 4]).bytes
    let outcome = decode([Array(bytes[..<3]), Array(bytes[3..<20]), Array(bytes[20...])], Setup(.client))
    #expect(outcome.texts == ["a text over three packets"])
    #expect(outcome.messages.first?.message.first == position(0, packet: 1))
    #expect(outcome.messages.first?.message.last == position(UInt64(bytes.count - 1), packet: 3))
  }

  @Test func binaryIsNeverCalledText() {
    let outcome = decode([TestFrame(.binary, [0x61]).bytes], Setup(.server))
    #expect(outcome.messages.first?.message.isValidUTF8 == false)
    let cut = TestFrame(.binary, [0x61, 0x62]).bytes
    #expect(
      decode([[cut[0]], Array(cut[1...])], Setup(.server)).messages.first?.message.isValidUTF8 == false)
  }

  @Test(
    "What is kept for a report is limited, what is counted and checked is not", arguments: [0, 1, 7, 200_000])
  func limitedPayload(kept: Int) {
    var random = SeededRandom(seed: 7)
    for side in Side.allCases {
      for size in [0, 5, 130, 70_000, 150_000] {
        let text = [UInt8](repeating: 0x61, count: size) + [0xFF]
        let bytes = TestFrame(.text, text).from(side, &random).bytes
        for cut in [0, 1, bytes.count / 2] {
          var setup = Setup(side)
          setup.options.keptPayload = kept
          let outcome = decode([Array(bytes[..<cut]), Array(bytes[cut...])], setup)
          #expect(outcome.messages.map { $0.payload } == [Array(text.prefix(kept))])
          #expect(outcome.messages.first?.message.bytes == UInt64(text.count))
          #expect(outcome.rules == ["invalid_utf8"])
          #expect(outcome.seen.anomalies.first?.detail == "not UTF-8 from byte \(size) of the message")
        }
      }
    }
  }

  @Test func framesAreReportedUnmaskedAndNotInflated() {
    let compressed = hex("f2 48 cd c9 c9 07 00")
    var setup = Setup(.client, compression: true)
    setup.options.reportsFrames = true
    let frames = [
      TestFrame(.text, compressed, reserved: 4, key: [9, 8, 7, 6]),
      TestFrame(.ping, [5], key: [1, 1, 2, 1]),
      TestFrame("plain", key: [4, 3, 2, 1]), TestFrame(.text, key: [1, 2, 2, 1]),
    ]
    let outcome = decode([frames.flatMap { $0.bytes }], setup)
    #expect(outcome.seen.frames.map { $0.payload } == [compressed, [5], Array("plain".utf8), []])
    #expect(outcome.seen.frames.map { $0.frame.header.maskingKeyBytes }.first == [9, 8, 7, 6])
    #expect(outcome.texts == ["Hello", "plain", ""])
    #expect(outcome.rules == [])
  }

  // MARK: The end of the stream

  struct Ending: Sendable, CustomStringConvertible {
    var description: String
    var packets: [[UInt8]]
    var rules: [String]
    var unexplained: UInt64 = 0
    var messages = 0
  }

  @Test(
    "The stream may end in every state",
    arguments: [
      Ending(description: "between frames", packets: [TestFrame("x").bytes], rules: [], messages: 1),
      Ending(description: "in a header", packets: [[0x81]], rules: ["truncated_frame"], unexplained: 1),
      Ending(
        description: "after a header", packets: [[0x81, 5]],
        rules: ["truncated_frame"],
        messages: 1),
      Ending(
        description: "in a final payload", packets: [[0x81, 5, 0x61]], rules: ["truncated_frame"], messages: 1
      ),
      Ending(
        description: "in a first fragment", packets: [[0x01, 5, 0x61]],
        rules: ["truncated_frame", "unfinished_message"], messages: 1),
      Ending(
        description: "between fragments", packets: [[0x01, 1, 0x61]], rules: ["unfinished_message"],
        messages: 1),
      Ending(
        description: "in a ping between fragments", packets: [[0x01, 1, 0x61, 0x89, 2, 0]],
        rules: ["truncated_frame", "unfinished_message"], messages: 1),
      Ending(
        description: "in a reserved frame", packets: [[0x83, 5, 0x61]],
        rules: ["reserved_opcode", "truncated_frame"]),
      Ending(
        description: "lost", packets: [[0x82, 127] + [UInt8](repeating: 0xFF, count: 8) + [1, 2, 3]],
        rules: ["length_top_bit", "lost_frame_sync"], unexplained: 13),
    ])
  func ends(_ ending: Ending) {
    let outcome = decode(ending.packets, Setup(.server))
    #expect(Set(outcome.rules) == Set(ending.rules), "\(ending)")
    #expect(outcome.counts.streamBytes == UInt64(ending.packets.reduce(0) { $0 + $1.count }))
    #expect(outcome.counts.unexplainedBytes == ending.unexplained)
    #expect(outcome.messages.count == ending.messages)
    if !ending.rules.isEmpty { #expect(outcome.messages.allSatisfy { !$0.message.complete }) }
  }

  @Test func aCutMessageSaysWhatIsMissingAndWhereItsLastByteIs() {
    let bytes = TestFrame("a text that ends too soon").bytes
    let outcome = decode([Array(bytes[..<4]), Array(bytes[4..<12])], Setup(.server))
    let message = outcome.messages.first?.message
    #expect(message?.complete == false)
    #expect(message?.missingBytes == UInt64(bytes.count - 12))
    #expect(message?.bytes == 10)
    #expect(message?.last == position(11, packet: 2))
    #expect(message?.isValidUTF8 == true)
    #expect(outcome.texts == ["a text tha"])
  }

  // MARK: Lengths of 64 bits

  @Test(
    "A frame of any length that a header can claim costs no memory and no trap",
    arguments: [1 << 32, 1 << 40, 1 << 62, UInt64.max >> 1] as [UInt64],
    [0x81, 0x82, 0x01, 0x88, 0x83, 0xC1] as [UInt8])
  func hugeFrame(claimed: UInt64, first: UInt8) {
    for reportsFrames in [false, true] {
      var setup = Setup(.server, compression: true)
      setup.options.reportsFrames = reportsFrames
      let frame = TestFrame(
        Opcode(rawValue: first), [1, 2, 3], fin: first & 0x80 != 0, reserved: first >> 4 & 7)
      let bytes = frame.with(lengthBytes: 8, claimed: claimed).bytes
      let outcome = decode([.bytes(bytes), .lost(1 << 20), .bytes([4, 5])], setup)
      #expect(outcome.rules.contains("truncated_frame"))
      #expect(outcome.counts.wireBytes == UInt64(bytes.count + 2))
      #expect(outcome.counts.lostBytes == 1 << 20)
      #expect(outcome.counts.streamBytes == UInt64(bytes.count + 2 + 1 << 20))
      if first & 0x0F < 3 {
        #expect(outcome.messages.first?.message.missingBytes == claimed - 5)
        #expect(outcome.messages.first?.message.wireBytes == claimed &+ 10)
      }
    }
  }

  @Test func manyHugeFragmentsDoNotTrap() {
    let huge = TestFrame(.text, [], fin: false).with(lengthBytes: 8, claimed: .max >> 1)
    var next = huge
    next.opcode = .continuation
    let packets =
      [Packet.bytes(huge.bytes)]
      + (0..<4).flatMap { _ in
        [Packet.lost(.max >> 1), .bytes(next.bytes)]
      }
    let outcome = decode(packets, Setup(.server))
    #expect(outcome.messages.count == 1)
    #expect(outcome.messages.first?.payload.count == DecodingOptions().keptPayload)
  }

  // MARK: Hostile streams

  @Test func aRuleThatIsBrokenInEveryFrameIsReportedALimitedNumberOfTimes() {
    let bytes = Array(repeating: TestFrame("x").bytes, count: 70_000).flatMap { $0 }
    let outcome = decode([bytes], Setup(.client))
    #expect(outcome.messages.count == 70_000)
    #expect(outcome.rules.count == 64)
    #expect(outcome.suppressed.map { $0.rule.name } == ["unmasked_client_frame"])
    #expect(outcome.suppressed.map { $0.count } == [70_000])
  }

  @Test("Random bytes never trap, and every byte is accounted for", arguments: Side.allCases)
  func randomBytes(side: Side) {
    var random = SeededRandom.fresh()
    for _ in 0..<10_000 {
      let seed = random.next()
      var inner = SeededRandom(seed: seed)
      var setup = Setup(
        side, compression: Bool.random(using: &inner), forgetsContext: Bool.random(using: &inner),
        outOfStep: Int.random(in: 0..<4, using: &inner) == 0)
      setup.options.keptPayload = [0, 3, 4096].randomElement(using: &inner) ?? 0
      setup.options.reportsFrames = Bool.random(using: &inner)
      setup.options.inflatedBytes = 1000
      var total: UInt64 = 0
      let packets = (0..<Int.random(in: 1...6, using: &inner)).map { _ in
        let packet = randomPacket(&inner)
        switch packet {
        case .bytes(let bytes): total &+= UInt64(bytes.count)
        case .lost(let lost): total &+= lost
        }
        return packet
      }
      let outcome = decode(packets, setup)
      #expect(outcome.counts.streamBytes == total, "SeededRandom(seed: 0x\(String(seed, radix: 16)))")
    }
  }

  private func randomPacket(_ random: inout SeededRandom) -> Packet {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return .lost([0, 1, 20, 5000, 1 << 40, .max].randomElement(using: &random) ?? 0)
    case 1...3: return .bytes(random.bytes(Int.random(in: 0...100, using: &random)))
    default:
      var frame = TestFrame(
        Opcode(rawValue: .random(in: 0...15, using: &random)),
        random.bytes(Int.random(in: 0...60, using: &random)),
        fin: Bool.random(using: &random), reserved: [0, 0, 4, 7].randomElement(using: &random) ?? 0,
        key: Bool.random(using: &random) ? random.bytes(4) : nil)
      frame.lengthBytes = [nil, nil, 2, 8].randomElement(using: &random) ?? nil
      if Int.random(in: 0..<6, using: &random) == 0 {
        frame.lengthBytes = 8
        frame.claimed = random.next() >> UInt64.random(in: 0...60, using: &random)
      }
      return .bytes(frame.bytes)
    }
  }

  @Test func bytesThatAFuzzerMakesDoNotTrap() {
    var random = SeededRandom.fresh()
    for _ in 0..<2000 {
      let bytes = random.bytes(Int.random(in: 0...300, using: &random))
      driveWebSocketDecoder(with: bytes.span)
    }
  }
}
