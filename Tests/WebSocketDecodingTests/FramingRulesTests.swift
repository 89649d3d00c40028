import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// A stream that breaks one rule, and one that comes as close as a stream can without breaking it.
struct RuleCase: Sendable, CustomStringConvertible {
  var rule: FramingRule
  var setup: Setup
  var broken: [[UInt8]]
  /// Where the rule is reported.
  var offset: UInt64
  var packet: UInt64
  var kept: [[UInt8]]
  /// Reports that are a consequence.
  var also: [FramingRule] = []
  /// The stream stays readable: a message after it is found.
  var continues = true

  var description: String { rule.rule.name }

  init(
    _ rule: FramingRule, _ setup: Setup, _ broken: [[UInt8]], offset: UInt64, packet: UInt64, kept: [[UInt8]],
    also: [FramingRule] = [], continues: Bool = true
  ) {
    self.rule = rule
    self.setup = setup
    self.broken = broken
    self.offset = offset
    self.packet = packet
    self.kept = kept
    self.also = also
    self.continues = continues
  }

  static let key: [UInt8] = [0x11, 0x22, 0x33, 0x44]
  static let good = TestFrame("good").bytes
  static let goodMasked = TestFrame("good", key: [5, 4, 3, 2]).bytes

  static func close(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] {
    TestFrame(.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason).bytes
  }

  static let all: [RuleCase] = ofHeaders + ofMessages + ofClosing + ofKeys + ofInflation + ofEndings

  static let ofHeaders: [RuleCase] = [
    RuleCase(
      .unmaskedClientFrame, Setup(.client), [goodMasked, good], offset: 10, packet: 2, kept: [goodMasked]),
    RuleCase(
      .maskedServerFrame, Setup(.server), [good, goodMasked], offset: 6, packet: 2, kept: [good]),
    RuleCase(
      .rsv1WithoutExtension, Setup(.server), [good, TestFrame(.text, [0], reserved: 4).bytes],
      offset: 6,
      packet: 2, kept: [TestFrame(.text, [0]).bytes]),
    RuleCase(
      .rsv1OnContinuation, Setup(.server, compression: true),
      [
        TestFrame(.text, hex("f2 48 cd"), fin: false, reserved: 4).bytes,
        TestFrame(.continuation, hex("c9 c9 07 00"), reserved: 4).bytes,
      ], offset: 5, packet: 2,
      kept: [
        TestFrame(.text, hex("f2 48 cd"), fin: false, reserved: 4).bytes,
        TestFrame(.continuation, hex("c9 c9 07 00")).bytes,
      ]),
    RuleCase(
      .rsv1OnControlFrame, Setup(.server, compression: true),
      [good, TestFrame(.ping, reserved: 4).bytes],
      offset: 6, packet: 2, kept: [TestFrame(.ping).bytes]),
    RuleCase(
      .reservedBit, Setup(.server, compression: true), [good + TestFrame(.text, reserved: 2).bytes],
      offset: 6,
      packet: 1, kept: [TestFrame(.text, [0], reserved: 4).bytes]),
    RuleCase(
      .reservedBit, Setup(.server), [good, TestFrame(.pong, reserved: 1).bytes], offset: 6, packet: 2,
      kept: [TestFrame(.pong).bytes]),
    RuleCase(
      .reservedOpcode, Setup(.server), [good, TestFrame(Opcode(rawValue: 0x3), [1, 2]).bytes], offset: 6,
      packet: 2,
      kept: [TestFrame(.binary, [1, 2]).bytes]),
    RuleCase(
      .reservedOpcode, Setup(.server), [good, TestFrame(Opcode(rawValue: 0xB), [1, 2]).bytes], offset: 6,
      packet: 2,
      kept: [TestFrame(.pong, [1, 2]).bytes]),
    RuleCase(
      .lengthTopBit, Setup(.server), [good, TestFrame(.binary).with(lengthBytes: 8, claimed: .max).bytes],
      offset: 6, packet: 2, kept: [TestFrame(.binary).with(lengthBytes: 8, claimed: .max >> 1).bytes],
      also: [.lostFrameSync], continues: false),
    RuleCase(
      .lengthTopBit, Setup(.server),
      [good, TestFrame(.binary, [1, 2, 3]).with(lengthBytes: 8, claimed: 1 << 63 | 3).bytes],
      offset: 6, packet: 2, kept: [TestFrame(.binary, [1, 2, 3]).with(lengthBytes: 8).bytes]),
    RuleCase(
      .nonMinimalLength, Setup(.server),
      [good, TestFrame(.binary, [UInt8](repeating: 7, count: 125)).with(lengthBytes: 2).bytes],
      offset: 6,
      packet: 2,
      kept: [TestFrame(.binary, [UInt8](repeating: 7, count: 126)).with(lengthBytes: 2).bytes]),
    RuleCase(
      .nonMinimalLength, Setup(.server),
      [good, TestFrame(.binary, [UInt8](repeating: 7, count: 65_535)).with(lengthBytes: 8).bytes],
      offset: 6,
      packet: 2,
      kept: [TestFrame(.binary, [UInt8](repeating: 7, count: 65_536)).with(lengthBytes: 8).bytes]),
    RuleCase(
      .longControlFrame, Setup(.server),
      [good, TestFrame(.ping, [UInt8](repeating: 7, count: 126)).bytes],
      offset: 6, packet: 2, kept: [TestFrame(.ping, [UInt8](repeating: 7, count: 125)).bytes]),
    RuleCase(
      .fragmentedControlFrame, Setup(.server), [good, TestFrame(.ping, [7], fin: false).bytes],
      offset: 6,
      packet: 2, kept: [TestFrame(.ping, [7]).bytes]),
  ]

  static let ofMessages: [RuleCase] = [
    RuleCase(
      .continuationWithoutStart, Setup(.server), [good, TestFrame(.continuation, [7]).bytes], offset: 6,
      packet: 2,
      kept: [TestFrame("a", fin: false).bytes, TestFrame(.continuation, [0x62]).bytes]),
    RuleCase(
      .messageInsideMessage, Setup(.server), [good, TestFrame("a", fin: false).bytes, TestFrame("b").bytes],
      offset: 9, packet: 3,
      kept: [
        TestFrame("a", fin: false).bytes, TestFrame(.ping).bytes, TestFrame(.continuation).bytes,
      ], also: [.unfinishedMessage]),
    RuleCase(
      .invalidUTF8, Setup(.server), [good, TestFrame(.text, [0x61, 0xED, 0xA0, 0x80]).bytes],
      offset: 10,
      packet: 2, kept: [TestFrame(.text, [0x61, 0xED, 0x9F, 0xBF]).bytes]),
    RuleCase(
      .invalidUTF8, Setup(.server), [good, TestFrame(.text, [0x61, 0xE2, 0x82]).bytes], offset: 10,
      packet: 2,
      kept: [
        TestFrame(.text, [0x61, 0xE2], fin: false).bytes,
        TestFrame(.continuation, [0x82, 0xAC]).bytes,
        TestFrame(.binary, [0xFF]).bytes,
      ]),
    // The first byte that cannot stand where it stands is in the second fragment.
    RuleCase(
      .invalidUTF8, Setup(.server),
      [
        TestFrame(.text, [0x61, 0xE2], fin: false).bytes,
        TestFrame(.continuation, [0x82, 0x28, 0x28], fin: false).bytes,
        TestFrame(.continuation).bytes,
      ], offset: 7, packet: 2,
      kept: [
        TestFrame(.text, [0x61, 0xE2], fin: false).bytes,
        TestFrame(.continuation, [0x82, 0xAC, 0x28]).bytes,
      ]),
  ]

  static let ofClosing: [RuleCase] =
    [
      RuleCase(
        .closePayloadOneByte, Setup(.server), [good, TestFrame(.close, [3]).bytes], offset: 6,
        packet: 2,
        kept: [TestFrame(.close).bytes], also: [.frameAfterClose]),
      RuleCase(
        .invalidUTF8CloseReason, Setup(.server), [good, close(1000, [0x61, 0xC0])], offset: 6, packet: 2,
        kept: [close(1000, Array("né".utf8))], also: [.frameAfterClose]),
      RuleCase(
        .notAFrame, Setup(.server), [good + Array("HTTP/1.1 200 OK\r\n\r\n".utf8)],
        offset: 6, packet: 1, kept: [good], continues: false),
      RuleCase(
        .notAFrame, Setup(.server), [close(1000), Array("bye\n".utf8)], offset: 4, packet: 2,
        kept: [close(1000), TestFrame(.pong).bytes], continues: false),
      RuleCase(
        .frameAfterClose, Setup(.server), [close(1000)], offset: 4, packet: 2,
        kept: [close(1000), TestFrame(.pong).bytes]),
      RuleCase(
        .repeatedClose, Setup(.server), [close(1000), close(1000)], offset: 4, packet: 2,
        kept: [close(1000), TestFrame(.pong).bytes], also: [.frameAfterClose]),
    ]
    + [
      (999, 1000), (1004, 1003), (1005, 1007), (1006, 1008), (1015, 1014), (1016, 3000), (2999, 4999),
      (5000, 4000),
    ]
    .map { bad, fine in
      RuleCase(
        .invalidCloseCode, Setup(.server), [good, close(bad)], offset: 6, packet: 2, kept: [close(fine)],
        also: [.frameAfterClose])
    }

  static func masked(_ keys: [[UInt8]]) -> [[UInt8]] { keys.map { TestFrame("x", key: $0).bytes } }

  static let ofKeys: [RuleCase] = [
    RuleCase(
      .zeroMaskingKey, Setup(.client), masked([key, [0, 0, 0, 0]]), offset: 7, packet: 2,
      kept: masked([key, [0, 0, 0, 1]])),
    RuleCase(
      .constantMaskingKey, Setup(.client), masked([key, key, key]), offset: 14, packet: 3,
      kept: masked([key, key, [1, 2, 3, 4], [1, 2, 3, 4], key])),
  ]

  /// Agreed on: a window of 256 bytes.
  static let smallWindow: Setup = {
    var setup = Setup(.server, compression: true)
    setup.compression.windowBits = 8
    return setup
  }()

  /// Eight letters, other bytes, and the letters by reference.
  static func referring(back distance: Int) -> [UInt8] {
    var random = SeededRandom(seed: 3)
    let start: [UInt8] = Array("abcdefgh".utf8)
    return TestFrame(
      Opcode.binary, Deflater(level: 9).message(start + random.bytes(distance - 8).map { $0 & 31 } + start),
      reserved: 4
    ).bytes
  }

  static let ofInflation: [RuleCase] = [
    RuleCase(
      .windowExceeded, smallWindow, [good, referring(back: 257)], offset: 6, packet: 2,
      kept: [referring(back: 256)]),
    RuleCase(
      .deflateTail, Setup(.server, compression: true),
      [
        good,
        TestFrame(.text, Deflater().message(Array("Hello".utf8), keepingTail: true), reserved: 4).bytes,
      ],
      offset: 6, packet: 2,
      kept: [TestFrame(.text, Deflater().message(Array("Hello".utf8)), reserved: 4).bytes]),
    RuleCase(
      .deflateTail, Setup(.server, compression: true), [good, TestFrame(.text, reserved: 4).bytes],
      offset: 6, packet: 2, kept: [TestFrame(.text, [0], reserved: 4).bytes]),
    RuleCase(
      .deflateTail, Setup(.server, compression: true),
      [good, TestFrame(.text, hex("f3 48 cd c9 c9 07 00"), reserved: 4).bytes], offset: 6, packet: 2,
      kept: [TestFrame(.text, hex("f3 48 cd c9 c9 07 00 00"), reserved: 4).bytes]),
    RuleCase(
      .inflationFailed, Setup(.server, compression: true),
      [good, TestFrame(.text, hex("f2 48 05 07"), reserved: 4).bytes], offset: 6, packet: 2,
      kept: [TestFrame(.text, hex("f2 48 cd c9 c9 07 00"), reserved: 4).bytes]),
    RuleCase(
      .inflationTooLarge,
      {
        var setup = Setup(.server, compression: true); setup.options.inflatedBytes = 4; return setup
      }(),
      [good, TestFrame(.text, hex("f2 48 cd c9 c9 07 00"), reserved: 4).bytes], offset: 6, packet: 2,
      kept: [TestFrame(.text, Deflater().message(Array("Hell".utf8)), reserved: 4).bytes, good]),
  ]

  static let ofEndings: [RuleCase] = [
    RuleCase(
      .truncatedFrame, Setup(.server), [good, [0x81, 2, 0x61]], offset: 6, packet: 2,
      kept: [[0x81, 1, 0x61]],
      continues: false),
    RuleCase(
      .truncatedFrame, Setup(.server), [good, [0x81, 126, 0]], offset: 6, packet: 2, kept: [[0x81, 0]],
      continues: false),
    RuleCase(
      .unfinishedMessage, Setup(.server), [good, [0x01, 1, 0x61]], offset: 6, packet: 2,
      kept: [[0x01, 1, 0x61], [0x80, 0]], continues: false),
  ]
}

@Suite struct FramingRulesTests {
  @Test(
    "A broken rule is reported with its side, packet and offset, and reading goes on", arguments: RuleCase.all
  )
  func broken(_ rule: RuleCase) {
    let after =
      rule.setup.side == .client ? TestFrame("after", key: [8, 1, 7, 3]).bytes : TestFrame("after").bytes
    let outcome = decode(rule.continues ? rule.broken + [after] : rule.broken, rule.setup)
    let reports = outcome.seen.anomalies.filter { $0.rule == rule.rule.rule }
    #expect(reports.count == 1)
    #expect(reports.first?.side == rule.setup.side)
    #expect(reports.first?.position == position(rule.offset, packet: rule.packet))
    #expect(reports.first?.detail.isEmpty == false)
    let others = outcome.rules.filter { name in
      name != rule.rule.rule.name && !rule.also.contains { $0.rule.name == name }
    }
    #expect(others == [])
    if rule.continues { #expect(outcome.texts.last == "after") }
    #expect(
      outcome.counts.streamBytes == UInt64((rule.broken.joined() + (rule.continues ? after : [])).count))
  }

  @Test("A stream that only comes close to breaking a rule is not reported for it", arguments: RuleCase.all)
  func kept(_ rule: RuleCase) {
    #expect(!decode(rule.kept, rule.setup).rules.contains(rule.rule.rule.name))
  }

  @Test func everyRuleThatBytesAloneCanBreakIsInTheTable() {
    let listed = Set(RuleCase.all.map { $0.rule.rawValue })
    let missing = FramingRule.allCases.filter { !listed.contains($0.rawValue) }
    // These need bytes that were lost: FrameSearchTests, LossTests.
    #expect(missing == [.contextLost, .lostFrameSync, .resynchronised])
  }

  @Test func rulesHaveNamesOfTheirOwnAndSayWhatTheyAskFor() {
    #expect(Set(FramingRule.allCases.map { $0.rule.name }).count == FramingRule.allCases.count)
    #expect(FramingRule.allCases.allSatisfy { $0.rule.meaning.hasSuffix(".") })
    #expect(FramingRule.allCases.allSatisfy { $0.rule.reference.isEmpty || $0.rule.reference.contains("§") })
  }

  @Test func twoPairsOfEqualKeysAreNotThreeInARow() {
    let (a, b): ([UInt8], [UInt8]) = ([1, 2, 3, 4], [5, 6, 7, 8])
    let outcome = decode(RuleCase.masked([a, a, b, b, a, a]), Setup(.client))
    #expect(outcome.rules == [])
  }

  @Test func theSecondReservedBitIsNamedEvenWhenBothAreSet() {
    let details = (1...3).map { bits in
      decode([TestFrame(.ping, reserved: UInt8(bits)).bytes], Setup(.server)).seen.anomalies.map {
        $0.detail
      }
    }
    #expect(details == [["RSV3 is set"], ["RSV2 is set"], ["RSV2 and RSV3 are set"]])
  }
}

@Suite struct CloseCodeTests {
  @Test(
    "Registered codes have names",
    arguments: [
      (1000, "normal_closure"), (1006, "abnormal_closure"), (1014, "bad_gateway"), (3000, "unauthorized"),
      (1004, nil), (1016, nil), (4000, nil), (0, nil), (65_535, nil),
    ] as [(UInt16, String?)])
  func names(code: UInt16, name: String?) { #expect(CloseCode.name(code) == name) }
}
