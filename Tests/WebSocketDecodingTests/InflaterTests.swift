import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// permessage-deflate as a conversation shows it.
@Suite struct InflaterTests {
  private func compressed(_ bytes: [UInt8], _ opcode: Opcode = Opcode.text, fin: Bool = true) -> [UInt8] {
    TestFrame(opcode, bytes, fin: fin, reserved: 4).bytes
  }

  private func server(forgets: Bool = false) -> Setup {
    Setup(.server, compression: true, forgetsContext: forgets)
  }

  // MARK: RFC 7692 §7.2.3, byte for byte

  @Test(
    "The RFC's examples",
    arguments: [
      ("7.2.3.1 a compressed message", ["c1 07 f2 48 cd c9 c9 07 00"], ["Hello"]),
      ("7.2.3.1 fragmented", ["41 03 f2 48 cd", "80 04 c9 c9 07 00"], ["Hello"]),
      (
        "7.2.3.2 the window of the message before", ["c1 07 f2 48 cd c9 c9 07 00", "c1 05 f2 00 11 00 00"],
        ["Hello", "Hello"]
      ),
      ("7.2.3.3 a stored block", ["c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00"], ["Hello"]),
      ("7.2.3.4 BFINAL set", ["c1 08 f3 48 cd c9 c9 07 00 00"], ["Hello"]),
      ("7.2.3.5 two blocks", ["c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00"], ["Hello"]),
      ("7.2.3.6 an empty message", ["c1 01 00"], [""]),
      (
        "the window outlives BFINAL", ["c1 08 f3 48 cd c9 c9 07 00 00", "c1 05 f2 00 11 00 00"],
        ["Hello", "Hello"]
      ),
    ] as [(String, [String], [String])])
  func examples(name: String, packets: [String], texts: [String]) {
    let outcome = decode(packets.map { hex($0) }, server())
    #expect(outcome.texts == texts, "\(name)")
    #expect(outcome.rules == [], "\(name)")
    let marked = zip(packets, outcome.messages).allSatisfy { $1.message.compressed == !$0.hasPrefix("81") }
    #expect(marked || packets.count != texts.count)
    #expect(outcome.messages.allSatisfy { $0.message.inflated && $0.message.isValidUTF8 })
  }

  @Test func sizesAreThoseAfterInflationAndOfTheWire() {
    let message = decode([compressed(hex("f2 48 cd c9 c9 07 00"))], server()).messages.first?.message
    #expect(message?.bytes == 5)
    #expect(message?.wireBytes == 9)
  }

  // MARK: Contexts

  @Test("With and without context takeover, plain messages between", arguments: [false, true], Side.allCases)
  func contexts(forgets: Bool, side: Side) {
    var random = SeededRandom(seed: 5)
    let deflater = Deflater()
    let setup = Setup(side, compression: true, forgetsContext: forgets)
    var (packets, texts): ([[UInt8]], [String]) = ([], [])
    for number in 0..<50 {
      let text = "{\"symbol\":\"EURUSD\",\"bid\":1.\(number),\"ask\":1.\(number * 7)}"
      texts.append(text)
      let plain = number % 5 == 3
      let payload = plain ? Array(text.utf8) : deflater.message(Array(text.utf8), forgetting: forgets)
      packets.append(TestFrame(.text, payload, reserved: plain ? 0 : 4).from(side, &random).bytes)
    }
    let outcome = decode(packets, setup)
    #expect(outcome.texts == texts)
    #expect(outcome.rules == [])
  }

  @Test func streamsShareCodesThoughTheirBlocksAreCutAnywhere() {
    var random = SeededRandom(seed: 11)
    // Skewed, so that the block brings its own codes.
    let texts = (0..<2).map { _ in (0..<2000).map { _ in UInt8.random(in: 0...255, using: &random) & 15 } }
    let payloads = texts.map { Deflater().message($0, forgetting: false) + [0, 0, 0xFF, 0xFF] }
    for payload in payloads { #expect(payload[0] >> 1 & 3 == 2) }
    var first = Inflater()
    var second = Inflater()
    var spare: DynamicCodes?
    var found: [[UInt8]] = [[], []]
    for index in 0..<max(payloads[0].count, payloads[1].count) {
      for side in 0..<2 where index < payloads[side].count {
        let byte = [payloads[side][index]]
        let fault =
          side == 0
          ? first.inflate(byte.span, sharing: &spare) {
            found[0] += $0.toArray(); return true
          }
          : second.inflate(byte.span, sharing: &spare) {
            found[1] += $0.toArray(); return true
          }
        #expect(fault == nil)
      }
    }
    #expect(found == texts)
    let codes = spare
    #expect(codes != nil)
    // The next block fills the same ones.
    let more = Deflater().message(texts[1], forgetting: false)
    #expect(
      first.inflate(more.span, sharing: &spare) {
        found[0] += $0.toArray(); return true
      } == nil)
    #expect(found[0] == texts[0] + texts[1])
    #expect(spare === codes)
  }

  @Test func withoutContextTakeoverNothingBeforeIsReferredTo() {
    let outcome = decode(
      [
        compressed(hex("f2 48 cd c9 c9 07 00")), compressed(hex("f2 00 11 00 00")),
        compressed(hex("f2 48 cd c9 c9 07 00")),
      ],
      server(forgets: true))
    #expect(outcome.messages.map { $0.message.inflated } == [true, false, true])
    #expect(outcome.rules == ["inflation_failed"])
  }

  // MARK: Tails that are not what they should be

  @Test(
    "A message whose empty block is missing or whole is read, named, and followed by the next",
    arguments: ["f3 48 cd c9 c9 07 00", "f2 48 cd c9 c9 07 00 00 00 ff ff", "00 05 00 fa ff 48 65 6c 6c 6f"])
  func tails(payload: String) {
    let outcome = decode(
      [compressed(hex(payload)), compressed(hex("f2 00 11 00 00")), TestFrame("x").bytes], server())
    #expect(outcome.texts == ["Hello", "Hello", "x"])
    #expect(outcome.rules == ["deflate_tail"])
  }

  @Test func anEmptyPayloadIsAnEmptyMessageAndTheStreamStaysInStep() {
    let outcome = decode(
      [compressed(hex("f2 48 cd c9 c9 07 00")), compressed([]), compressed(hex("f2 00 11 00 00"))], server())
    #expect(outcome.texts == ["Hello", "", "Hello"])
    #expect(outcome.messages.allSatisfy { $0.message.inflated })
    #expect(outcome.rules == ["deflate_tail"])
  }

  // MARK: Windows

  @Test(
    "A sender that keeps to the window it agreed on is never named", arguments: [9, 10, 11, 12, 13, 14], 1...9
  )
  func windowsKept(bits: Int, level: Int) {
    var random = SeededRandom(seed: UInt64(bits))
    let deflater = Deflater(level: Int32(level), windowBits: Int32(bits))
    var setup = server()
    setup.compression.windowBits = UInt8(bits)
    let words = (0..<200).map { _ in random.bytes(40) }
    let payloads = (0..<20).map { _ in
      (0..<100).flatMap { _ in words[Int.random(in: 0..<200, using: &random)] }
    }
    let outcome = decode(payloads.map { compressed(deflater.message($0), .binary) }, setup)
    #expect(outcome.messages.map { $0.payload } == payloads)
    #expect(outcome.rules == [])
  }

  @Test(
    "A message that exceeds the window is named exactly when one of its distances does",
    arguments: Side.allCases)
  func windowsExactly(side: Side) {
    var random = SeededRandom.fresh()
    var (named, kept) = (0, 0)
    for _ in 0..<150 {
      let bits = Int.random(in: 8...14, using: &random)
      let forgets = Bool.random(using: &random)
      let deflater = Deflater(
        level: Int32.random(in: 1...9, using: &random), windowBits: Int32.random(in: 9...15, using: &random))
      let words = (0..<Int.random(in: 3...300, using: &random)).map { _ in
        random.bytes(Int.random(in: 4...40, using: &random)).map { $0 & 0x3F }
      }
      var plain = PlainInflate()
      var setup = Setup(side, compression: true, forgetsContext: forgets)
      setup.compression.windowBits = UInt8(bits)
      var exceeds = false
      let packets = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        // Short messages are written with the fixed codes, long ones with codes of their own, some in several blocks.
        let count = Int.random(in: 1...(Bool.random(using: &random) ? 10 : 2000), using: &random)
        let payload = (0..<count).flatMap { _ in words[Int.random(in: 0..<words.count, using: &random)] }
        let bytes = deflater.message(payload, forgetting: forgets)
        if forgets { plain = PlainInflate() }
        plain.message(bytes)
        exceeds = exceeds || plain.farthest > 1 << bits
        return TestFrame(.binary, bytes, reserved: 4).from(side, &random).bytes
      }
      let outcome = decode(packets, setup)
      #expect((outcome.rules == ["window_exceeded"]) == exceeds, "\(random), window of \(bits) bits")
      if exceeds { named += 1 } else { kept += 1 }
    }
    #expect(named > 20 && kept > 20)
  }

  @Test func aSenderThatExceedsTheWindowIsReadAndNamedOnceWithTheFirstBadMessage() {
    let deflater = Deflater()
    var random = SeededRandom(seed: 1)
    let long = random.bytes(2000)
    var setup = server()
    setup.compression.windowBits = 10
    let payloads = [Array(long[..<900]), long, long, long]
    let outcome = decode(payloads.map { compressed(deflater.message($0), .binary) }, setup)
    #expect(outcome.messages.map { $0.payload } == payloads)
    #expect(outcome.rules == ["window_exceeded"])
    #expect(outcome.seen.anomalies.first?.position.packet == 3)
    #expect(outcome.seen.anomalies.first?.detail.contains("2000 bytes back") == true)
  }

  @Test(
    "A byte beyond the window is named and a byte within is not, in fixed and in own codes, however it is cut",
    arguments: [8, 9, 12, 14], [false, true])
  func windowsToTheByte(bits: Int, isFixed: Bool) {
    var random = SeededRandom(seed: UInt64(bits))
    let window = 1 << bits
    for (distance, exceeds) in [(window - 1, false), (window, false), (window + 1, true)] {
      var (first, second) = (DeflateWriter(), DeflateWriter())
      let before = random.bytes(window + 10)
      first.stored(before)
      first.flush()
      let symbols: [DeflateWriter.Symbol] = [
        .literal(1), .match(length: 5, distance: distance), .literal(2), .match(length: 3, distance: 1),
      ]
      if isFixed { second.fixed(symbols) } else { second.dynamic(symbols) }
      second.flush()
      var setup = server()
      setup.compression.windowBits = UInt8(bits)
      let messages = [first.bytes, second.bytes, hex("f2 48 cd c9 c9 07 00"), hex("f2 00 11 00 00")]
      let packets = messages.map { compressed($0, Opcode.binary) }
      let outcome = decode(packets, setup)
      let all = before + [1]
      let start = all.count - distance
      let farthest: [UInt8] = [1] + all[start..<min(start + 5, all.count)] + [2, 2, 2, 2]
      let hello = Array("Hello".utf8)
      #expect(outcome.messages.map(\.payload) == [before, farthest, hello, hello])
      #expect(outcome.rules == (exceeds ? ["window_exceeded"] : []))
      if let named = outcome.seen.anomalies.first {
        #expect(named.position.packet == 2)
        #expect(named.side == .server)
        #expect(named.detail.contains("refers \(distance) bytes back"))
      }
      let cut = packets.dropFirst().joined()
      verifySplitFeeding([.bytes(packets[0]), .bytes(Array(cut))], randomCuts: 3) { events($0, setup) }
      for place in 1..<packets[1].count {
        let pieces = [
          packets[0], Array(packets[1][..<place]), Array(packets[1][place...]), packets[2], packets[3],
        ]
        #expect(decode(pieces, setup).rules == outcome.rules)
      }
    }
  }

  @Test func aSenderThatKeepsContextAgainstTheAgreementIsNamedSo() {
    let outcome = decode(
      [compressed(hex("f2 48 cd c9 c9 07 00")), compressed(hex("f2 00 11 00 00"))], server(forgets: true))
    #expect(outcome.seen.anomalies.map { $0.rule.name } == ["inflation_failed"])
    #expect(outcome.seen.anomalies.first?.detail.contains("no context takeover") == true)
  }

  // MARK: deflate-frame

  private func perFrame(forgets: Bool = false) -> Setup {
    var setup = Setup(.server, compression: true)
    setup.compression = SideCompression(forgetsContext: forgets, isPerFrame: true)
    return setup
  }

  @Test func framesThatAreCompressedByThemselvesAreJoined() {
    let deflater = Deflater()
    let texts = ["hello hello hello ", "hello plain ", "hello hello again"]
    let packets = [
      TestFrame(.text, deflater.message(Array(texts[0].utf8)), fin: false, reserved: 4).bytes,
      TestFrame(.continuation, Array(texts[1].utf8), fin: false).bytes,
      TestFrame(.ping, [1]).bytes,
      TestFrame(.continuation, deflater.message(Array(texts[2].utf8)), reserved: 4).bytes,
      TestFrame("plain").bytes,
      TestFrame("pl", fin: false).bytes, TestFrame(.continuation, [0x61]).bytes,
    ]
    let outcome = decode(packets, perFrame())
    #expect(outcome.texts == [texts.joined(), "plain", "pla"])
    #expect(outcome.rules == [])
    #expect(outcome.messages.map { $0.message.compressed } == [true, false, false])
    #expect(outcome.compression.messages == 1)
    verifySplitFeeding([.bytes(packets.flatMap { $0 })]) { events($0, perFrame()) }
  }

  @Test func aHoleInAFrameOfItsOwnCompressionLeavesTheNextOneReadable() {
    let deflater = Deflater()
    let first = compressed(deflater.message(Array("0123456789 some text".utf8), forgetting: true))
    let second = compressed(deflater.message(Array("another text".utf8), forgetting: true))
    let outcome = decode(
      [.bytes(Array(first[..<6])), .lost(3), .bytes(Array(first[9...])), .bytes(second)],
      perFrame(forgets: true))
    #expect(outcome.messages.map { $0.message.inflated } == [false, true])
    #expect(outcome.messages.last?.text == "another text")
    #expect(outcome.rules == [])
  }

  // MARK: Sizes

  @Test func sizesBeforeAndAfterAreCounted() {
    let deflater = Deflater()
    let payloads = (0..<5).map { [UInt8]("the same words, number \($0)".utf8) }
    let sent = payloads.map { deflater.message($0) }
    let outcome = decode(sent.map { compressed($0) } + [TestFrame("plain").bytes], server())
    #expect(outcome.messages.map { $0.message.compressedBytes } == sent.map { UInt64($0.count) } + [0])
    #expect(outcome.compression.messages == 5)
    #expect(outcome.compression.compressedBytes == UInt64(sent.joined().count))
    #expect(outcome.compression.bytes == UInt64(payloads.joined().count))
  }

  // MARK: Damage

  @Test(
    "A message that is no DEFLATE stream is shown as it was sent, and the next one is read",
    arguments: [
      "f2 48 05 07", "07", "f2 48 cd", "00 05 00 fa ff 48 65", "00 05 00 00 00 48", "f2 00 11 00 00",
    ])
  func damaged(payload: String) {
    let bytes = hex(payload)
    let outcome = decode(
      [compressed(bytes), TestFrame("plain").bytes, compressed(hex("f2 48 cd c9 c9 07 00"))], server())
    #expect(outcome.messages.map { $0.payload } == [bytes, Array("plain".utf8), Array("Hello".utf8)])
    #expect(outcome.messages.map { $0.message.inflated } == [false, true, true])
    #expect(outcome.messages.first?.message.bytes == UInt64(bytes.count))
    #expect(outcome.messages.first?.message.complete == true)
    #expect(outcome.messages.first?.message.isValidUTF8 == false)
    #expect(outcome.rules == ["inflation_failed"])
  }

  @Test func afterDamageMessagesThatReferToItAreNotHeldAgainstTheSender() {
    let deflater = Deflater()
    let texts = (0..<4).map { "the same words again and again, number \($0)" }
    var packets = texts.map { compressed(deflater.message(Array($0.utf8))) }
    packets[1] = compressed([0x07])
    let outcome = decode(packets, server())
    #expect(outcome.messages.map { $0.message.inflated } == [true, false, false, false])
    #expect(outcome.rules == ["inflation_failed", "compression_context_lost", "compression_context_lost"])
  }

  // MARK: Limits

  @Test func aBombIsCutAtTheLimitAndTheStreamStaysInStep() {
    let deflater = Deflater(level: 9)
    let bomb = deflater.message([UInt8](repeating: 0x61, count: 1_000_000))
    let after = deflater.message(Array("after the aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".utf8))
    var setup = server()
    setup.options.inflatedBytes = 100_000
    for cut in [2, 100, bomb.count] {
      let whole = compressed(bomb)
      let outcome = decode([Array(whole[..<cut]), Array(whole[cut...]), compressed(after)], setup)
      #expect(outcome.messages.map { $0.message.bytes } == [1_000_000, 46])
      #expect(outcome.messages.first?.payload.count == 100_000)
      #expect(outcome.messages.first?.message.inflated == true)
      #expect(outcome.messages.first?.message.isValidUTF8 == false)
      #expect(outcome.rules == ["inflation_too_large"])
    }
  }

  @Test func aBombFarBeyondTheLimitIsGivenUpAndSaidToBeOne() {
    let bomb = Deflater(level: 9).message([UInt8](repeating: 0x61, count: 1_000_000))
    var setup = server()
    setup.options.inflatedBytes = 1000
    let outcome = decode([compressed(bomb), compressed(hex("f2 48 cd c9 c9 07 00"))], setup)
    #expect(outcome.messages.map { $0.message.inflated } == [false, true])
    #expect(outcome.messages.first?.payload == bomb)
    #expect(outcome.rules == ["inflation_too_large"])
  }

  @Test func withoutInflationMessagesAreShownAsTheyWereSent() {
    var setup = server()
    setup.options.inflates = false
    let bytes = hex("f2 48 cd c9 c9 07 00")
    let outcome = decode(
      [compressed(Array(bytes[..<3]), fin: false), TestFrame(.continuation, Array(bytes[3...])).bytes],
      setup)
    #expect(outcome.messages.map { $0.payload } == [bytes])
    #expect(outcome.messages.first?.message.compressed == true)
    #expect(outcome.messages.first?.message.inflated == false)
    #expect(outcome.rules == [])
  }

  @Test func aCompressedMessageWithAHoleIsShownAsSentWithTheHole() {
    let deflater = Deflater()
    let first = compressed(deflater.message(Array("some text that will be referred to later".utf8)))
    let second = compressed(deflater.message(Array("some text that will be referred to now".utf8)))
    let outcome = decode(
      [
        .bytes(Array(first[..<10])), .lost(5), .bytes(Array(first[15...])), .bytes(second),
        .bytes(TestFrame("x").bytes),
      ],
      server())
    let message = outcome.messages.first
    #expect(message?.message.inflated == false)
    #expect(message?.message.complete == false)
    #expect(message?.missing == [MissingRange(offset: 8, bytes: 5)])
    #expect(message?.payload == Array(first[2..<10]) + [0, 0, 0, 0, 0] + Array(first[15...]))
    #expect(outcome.messages.map { $0.message.inflated } == [false, false, true])
    #expect(outcome.rules == ["compression_context_lost"])
  }

  @Test func aMessageThatWasLostWholeIsMissingFromTheWindow() {
    let deflater = Deflater()
    let texts = [
      "first words of many words", "second words of other kinds entirely",
      "second words of other kinds, and more",
    ]
    let packets = texts.map { compressed(deflater.message(Array($0.utf8))) }
    let outcome = decode(
      [
        .bytes(packets[0]), .lost(UInt64(packets[1].count)), .bytes(packets[2]),
        .bytes(TestFrame("plain").bytes),
      ],
      server())
    #expect(outcome.texts.first == texts[0])
    // The window holds other bytes where the third message refers to: what they would give was never sent.
    #expect(outcome.messages.dropFirst().allSatisfy { !$0.message.inflated || $0.text == "plain" })
    #expect(!outcome.rules.contains("inflation_failed"))
  }

  @Test func afterALossMessagesThatReferToNothingLostAreInflated() {
    let deflater = Deflater()
    let texts = [
      "alpha beta gamma delta", "alpha beta gamma delta again", "0123456789 !§$%&/()=",
      "0123456789 !§$%&/()= 2",
    ]
    let packets = texts.map { compressed(deflater.message(Array($0.utf8))) }
    let outcome = decode(
      [.lost(UInt64(packets[0].count))] + packets.dropFirst().map { .bytes($0) }
        + [.bytes(TestFrame("the end of it").bytes)], server())
    // The second refers to the first, which was lost; the fourth refers to the third, which is known.
    #expect(outcome.messages.map(\.message.inflated) == [false, true, true, true])
    #expect(outcome.texts.suffix(3) == [texts[2], texts[3], "the end of it"])
    #expect(outcome.rules.filter { $0 == "compression_context_lost" }.count == 1)
  }

  @Test func aWindowThatHasBeenRefilledIsKnown() {
    var random = SeededRandom(seed: 21)
    let deflater = Deflater()
    let payloads = [Array("lost".utf8), random.bytes(40_000), Array("lost".utf8), random.bytes(300)]
    let packets = payloads.map { compressed(deflater.message($0), .binary) }
    let again = compressed(deflater.message(payloads[3]), Opcode.binary)
    let outcome = decode(
      [.lost(UInt64(packets[0].count))] + packets.dropFirst().map { .bytes($0) } + [.bytes(again)], server())
    #expect(outcome.messages.map(\.payload) == Array(payloads.dropFirst()) + [payloads[3]])
    #expect(outcome.messages.allSatisfy { $0.message.inflated })
  }

  @Test func randomPayloadsComeBackAsTheyWereSent() {
    var random = SeededRandom.fresh()
    for _ in 0..<20 {
      let deflater = Deflater(level: Int32.random(in: 0...9, using: &random))
      let payloads = (0..<8).map { _ in
        Bool.random(using: &random)
          ? random.bytes(Int.random(in: 0...100_000, using: &random)) : RandomConversation.text(&random)
      }
      let outcome = decode(payloads.map { compressed(deflater.message($0), .binary) }, server())
      #expect(outcome.messages.map { $0.payload } == payloads, "\(random)")
      #expect(outcome.rules == [])
    }
  }
}
