import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// A stream that breaks one rule, and one that comes as close as a stream can without breaking it.
struct RuleCase: Sendable, CustomStringConvertible {
  var rule: FramingRule
  var setup: Setup
  var broken: [[UInt8]]
  var kept: [[UInt8]]
  /// The stream stays readable: a message after it is found.
  var continues = true
  /// All that is reported of the broken stream, the rule and what follows from it.
  var finds: [String]

  var description: String { rule.rule.name }

  init(
    _ rule: FramingRule, _ setup: Setup, _ broken: [[UInt8]], kept: [[UInt8]], continues: Bool = true,
    finds: [String]
  ) {
    self.rule = rule
    self.setup = setup
    self.broken = broken
    self.kept = kept
    self.continues = continues
    self.finds = finds
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
      .unmaskedClientFrame, Setup(.client), [goodMasked, good], kept: [goodMasked],
      finds: [
        "violation unmasked_client_frame, client, packet 2, offset 10: MASK is 0 in a frame from the client"
      ]),
    RuleCase(
      .maskedServerFrame, Setup(.server), [good, goodMasked], kept: [good],
      finds: [
        "violation masked_server_frame, server, packet 2, offset 6: MASK is 1 in a frame from the server"
      ]),
    RuleCase(
      .rsv1WithoutExtension, Setup(.server), [good, TestFrame(Opcode.text, [0], reserved: 4).bytes],
      kept: [TestFrame(Opcode.text, [0]).bytes],
      finds: [
        "violation rsv1_without_extension, server, packet 2, offset 6: RSV1 set, no compression was negotiated"
      ]),
    RuleCase(
      .rsv1OnContinuation, Setup(.server, compression: true),
      [
        TestFrame(Opcode.text, hex("f2 48 cd"), fin: false, reserved: 4).bytes,
        TestFrame(Opcode.continuation, hex("c9 c9 07 00"), reserved: 4).bytes,
      ],
      kept: [
        TestFrame(Opcode.text, hex("f2 48 cd"), fin: false, reserved: 4).bytes,
        TestFrame(Opcode.continuation, hex("c9 c9 07 00")).bytes,
      ],
      finds: ["violation rsv1_on_continuation, server, packet 2, offset 5: RSV1 on a continuation frame"]),
    RuleCase(
      .rsv1OnControlFrame, Setup(.server, compression: true),
      [good, TestFrame(Opcode.ping, reserved: 4).bytes], kept: [TestFrame(Opcode.ping).bytes],
      finds: ["violation rsv1_on_control_frame, server, packet 2, offset 6: RSV1 on a ping frame"]),
    RuleCase(
      .reservedBit, Setup(.server, compression: true), [good + TestFrame(Opcode.text, reserved: 2).bytes],
      kept: [TestFrame(Opcode.text, [0], reserved: 4).bytes],
      finds: ["violation reserved_bit, server, packet 1, offset 6: RSV2 is set"]),
    RuleCase(
      .reservedBit, Setup(.server), [good, TestFrame(Opcode.pong, reserved: 1).bytes],
      kept: [TestFrame(Opcode.pong).bytes],
      finds: ["violation reserved_bit, server, packet 2, offset 6: RSV3 is set"]),
    RuleCase(
      .reservedOpcode, Setup(.server), [good, TestFrame(Opcode(rawValue: 0x3), [1, 2]).bytes],
      kept: [TestFrame(Opcode(rawValue: 0x2), [1, 2]).bytes],
      finds: ["violation reserved_opcode, server, packet 2, offset 6: opcode 3"]),
    RuleCase(
      .reservedOpcode, Setup(.server), [good, TestFrame(Opcode(rawValue: 0xB), [1, 2]).bytes],
      kept: [TestFrame(Opcode(rawValue: 0xA), [1, 2]).bytes],
      finds: ["violation reserved_opcode, server, packet 2, offset 6: opcode 11"]),
    RuleCase(
      .lengthTopBit, Setup(.server),
      [good, TestFrame(Opcode(rawValue: 0x2)).with(lengthBytes: 8, claimed: .max).bytes],
      kept: [TestFrame(Opcode(rawValue: 0x2)).with(lengthBytes: 8, claimed: .max >> 1).bytes],
      continues: false,
      finds: [
        "violation length_top_bit, server, packet 2, offset 6: length 0xffffffffffffffff",
        "warning lost_frame_sync, server, packet 2, offset 6: a frame cannot have 2⁶³ bytes or more",
      ]),
    RuleCase(
      .lengthTopBit, Setup(.server),
      [good, TestFrame(Opcode(rawValue: 0x2), [1, 2, 3]).with(lengthBytes: 8, claimed: 1 << 63 | 3).bytes],
      kept: [TestFrame(Opcode(rawValue: 0x2), [1, 2, 3]).with(lengthBytes: 8).bytes],
      finds: ["violation length_top_bit, server, packet 2, offset 6: length 0x8000000000000003, read on as 3"]
    ),
    RuleCase(
      .nonMinimalLength, Setup(.server),
      [good, TestFrame(Opcode.binary, [UInt8](repeating: 7, count: 125)).with(lengthBytes: 2).bytes],
      kept: [TestFrame(Opcode.binary, [UInt8](repeating: 7, count: 126)).with(lengthBytes: 2).bytes],
      finds: ["violation non_minimal_length, server, packet 2, offset 6: length 125 written in 2 bytes"]),
    RuleCase(
      .nonMinimalLength, Setup(.server),
      [good, TestFrame(Opcode.binary, [UInt8](repeating: 7, count: 65_535)).with(lengthBytes: 8).bytes],
      kept: [TestFrame(Opcode.binary, [UInt8](repeating: 7, count: 65_536)).with(lengthBytes: 8).bytes],
      finds: ["violation non_minimal_length, server, packet 2, offset 6: length 65535 written in 8 bytes"]),
    RuleCase(
      .longControlFrame, Setup(.server),
      [good, TestFrame(Opcode.ping, [UInt8](repeating: 7, count: 126)).bytes],
      kept: [TestFrame(Opcode.ping, [UInt8](repeating: 7, count: 125)).bytes],
      finds: ["violation long_control_frame, server, packet 2, offset 6: ping of 126 bytes"]),
    RuleCase(
      .fragmentedControlFrame, Setup(.server), [good, TestFrame(Opcode.ping, [7], fin: false).bytes],
      kept: [TestFrame(Opcode.ping, [7]).bytes],
      finds: ["violation fragmented_control_frame, server, packet 2, offset 6: ping with FIN 0"]),
  ]

  static let ofMessages: [RuleCase] = [
    RuleCase(
      .continuationWithoutStart, Setup(.server), [good, TestFrame(Opcode.continuation, [7]).bytes],
      kept: [TestFrame("a", fin: false).bytes, TestFrame(Opcode.continuation, [0x62]).bytes],
      finds: ["violation continuation_without_start, server, packet 2, offset 6: no message is open"]),
    RuleCase(
      .messageInsideMessage, Setup(.server), [good, TestFrame("a", fin: false).bytes, TestFrame("b").bytes],
      kept: [
        TestFrame("a", fin: false).bytes, TestFrame(Opcode.ping).bytes, TestFrame(Opcode.continuation).bytes,
      ],
      finds: [
        "warning unfinished_message, server, packet 2, offset 6: 1 frame of it, without FIN",
        "violation message_inside_message, server, packet 3, offset 9: text frame while the message begun in packet 2 is not finished",
      ]),
    RuleCase(
      .invalidUTF8, Setup(.server), [good, TestFrame(Opcode.text, [0x61, 0xED, 0xA0, 0x80]).bytes],
      kept: [TestFrame(Opcode.text, [0x61, 0xED, 0x9F, 0xBF]).bytes],
      finds: ["violation invalid_utf8, server, packet 2, offset 10: not UTF-8 from byte 2 of the message"]),
    RuleCase(
      .invalidUTF8, Setup(.server), [good, TestFrame(Opcode.text, [0x61, 0xE2, 0x82]).bytes],
      kept: [
        TestFrame(Opcode.text, [0x61, 0xE2], fin: false).bytes,
        TestFrame(Opcode.continuation, [0x82, 0xAC]).bytes,
        TestFrame(Opcode.binary, [0xFF]).bytes,
      ],
      finds: ["violation invalid_utf8, server, packet 2, offset 10: not UTF-8 from byte 3 of the message"]),
    // The first byte that cannot stand where it stands is in the second fragment.
    RuleCase(
      .invalidUTF8, Setup(.server),
      [
        TestFrame(Opcode.text, [0x61, 0xE2], fin: false).bytes,
        TestFrame(Opcode.continuation, [0x82, 0x28, 0x28], fin: false).bytes,
        TestFrame(Opcode.continuation).bytes,
      ],
      kept: [
        TestFrame(Opcode.text, [0x61, 0xE2], fin: false).bytes,
        TestFrame(Opcode.continuation, [0x82, 0xAC, 0x28]).bytes,
      ],
      finds: ["violation invalid_utf8, server, packet 2, offset 7: not UTF-8 from byte 3 of the message"]),
  ]

  static let ofClosing: [RuleCase] =
    [
      RuleCase(
        .closePayloadOneByte, Setup(.server), [good, TestFrame(Opcode.close, [3]).bytes],
        kept: [TestFrame(Opcode.close).bytes],
        finds: [
          "violation close_payload_one_byte, server, packet 2, offset 6: the payload is one byte",
          "violation frame_after_close, server, packet 3, offset 9: text frame after Close",
        ]),
      RuleCase(
        .invalidUTF8CloseReason, Setup(.server), [good, close(1000, [0x61, 0xC0])],
        kept: [close(1000, Array("né".utf8))],
        finds: [
          "violation invalid_utf8_close_reason, server, packet 2, offset 6: not UTF-8 from byte 1 of the reason",
          "violation frame_after_close, server, packet 3, offset 12: text frame after Close",
        ]),
      RuleCase(
        .notAFrame, Setup(.server), [good + Array("HTTP/1.1 200 OK\r\n\r\n".utf8)], kept: [good],
        continues: false,
        finds: [
          "violation not_a_frame, server, packet 1, offset 6: an HTTP response begins here; the rest of the stream is not read"
        ]),
      RuleCase(
        .notAFrame, Setup(.server), [close(1000), Array("bye\n".utf8)],
        kept: [close(1000), TestFrame(Opcode.pong).bytes], continues: false,
        finds: [
          "violation not_a_frame, server, packet 2, offset 4: what follows the Close begins with 0x62; the rest is not read"
        ]),
      RuleCase(
        .frameAfterClose, Setup(.server), [close(1000)],
        kept: [close(1000), TestFrame(Opcode.pong).bytes],
        finds: ["violation frame_after_close, server, packet 2, offset 4: text frame after Close"]),
      RuleCase(
        .repeatedClose, Setup(.server), [close(1000), close(1000)],
        kept: [close(1000), TestFrame(Opcode.pong).bytes],
        finds: [
          "note repeated_close, server, packet 2, offset 4: another Close frame",
          "violation frame_after_close, server, packet 3, offset 8: text frame after Close",
        ]),
    ]
    + [
      (999, 1000, "codes below 1000 are not used"), (1004, 1003, "1004 is reserved"),
      (1005, 1007, "1005 is for local use and must not be sent"),
      (1006, 1008, "1006 is for local use and must not be sent"),
      (1015, 1014, "1015 is for local use and must not be sent"),
      (1016, 3000, "1016 is reserved for the protocol and not defined"),
      (2999, 4999, "2999 is reserved for the protocol and not defined"),
      (5000, 4000, "codes from 5000 are not defined"),
    ]
    .map { bad, fine, objection in
      RuleCase(
        .invalidCloseCode, Setup(.server), [good, close(bad)], kept: [close(fine)],
        finds: [
          "violation invalid_close_code, server, packet 2, offset 6: code \(bad): \(objection)",
          "violation frame_after_close, server, packet 3, offset 10: text frame after Close",
        ])
    }

  static func masked(_ keys: [[UInt8]]) -> [[UInt8]] { keys.map { TestFrame("x", key: $0).bytes } }

  static let ofKeys: [RuleCase] = [
    RuleCase(
      .zeroMaskingKey, Setup(.client), masked([key, [0, 0, 0, 0]]),
      kept: masked([key, [0, 0, 0, 1]]),
      finds: ["note zero_masking_key, client, packet 2, offset 7: masking key 00000000"]),
    RuleCase(
      .constantMaskingKey, Setup(.client), masked([key, key, key]),
      kept: masked([key, key, [1, 2, 3, 4], [1, 2, 3, 4], key]),
      finds: [
        "note constant_masking_key, client, packet 3, offset 14: three frames in a row with the same key"
      ]),
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
      .windowExceeded, smallWindow, [good, referring(back: 257)],
      kept: [referring(back: 256)],
      finds: [
        "violation window_exceeded, server, packet 2, offset 6: refers 257 bytes back; max_window_bits=8 was agreed on, which is 256"
      ]),
    RuleCase(
      .deflateTail, Setup(.server, compression: true),
      [
        good,
        TestFrame(.text, Deflater().message(Array("Hello".utf8), keepingTail: true), reserved: 4).bytes,
      ],
      kept: [TestFrame(Opcode.text, Deflater().message(Array("Hello".utf8)), reserved: 4).bytes],
      finds: [
        "violation deflate_tail, server, packet 2, offset 6: the compressed bytes do not end within an empty block"
      ]),
    RuleCase(
      .deflateTail, Setup(.server, compression: true), [good, TestFrame(Opcode.text, reserved: 4).bytes],
      kept: [TestFrame(Opcode.text, [0], reserved: 4).bytes],
      finds: [
        "violation deflate_tail, server, packet 2, offset 6: the compressed bytes do not end within an empty block"
      ]),
    RuleCase(
      .deflateTail, Setup(.server, compression: true),
      [good, TestFrame(Opcode.text, hex("f3 48 cd c9 c9 07 00"), reserved: 4).bytes],
      kept: [TestFrame(Opcode.text, hex("f3 48 cd c9 c9 07 00 00"), reserved: 4).bytes],
      finds: [
        "violation deflate_tail, server, packet 2, offset 6: the compressed bytes do not end within an empty block"
      ]),
    RuleCase(
      .inflationFailed, Setup(.server, compression: true),
      [good, TestFrame(Opcode.text, hex("f2 48 05 07"), reserved: 4).bytes],
      kept: [TestFrame(Opcode.text, hex("f2 48 cd c9 c9 07 00"), reserved: 4).bytes],
      finds: ["violation inflation_failed, server, packet 2, offset 6: invalid distance too far back"]),
    RuleCase(
      .inflationTooLarge,
      {
        var setup = Setup(.server, compression: true); setup.options.inflatedBytes = 4; return setup
      }(),
      [good, TestFrame(Opcode.text, hex("f2 48 cd c9 c9 07 00"), reserved: 4).bytes],
      kept: [TestFrame(Opcode.text, Deflater().message(Array("Hell".utf8)), reserved: 4).bytes, good],
      finds: [
        "warning inflation_too_large, server, packet 2, offset 6: more than 4 bytes, which is the limit"
      ]),
  ]

  static let ofEndings: [RuleCase] = [
    RuleCase(
      .truncatedFrame, Setup(.server), [good, [0x81, 2, 0x61]],
      kept: [[0x81, 1, 0x61]],
      continues: false,
      finds: ["warning truncated_frame, server, packet 2, offset 6: 1 of 2 payload bytes never came"]),
    RuleCase(
      .truncatedFrame, Setup(.server), [good, [0x81, 126, 0]], kept: [[0x81, 0]],
      continues: false,
      finds: ["warning truncated_frame, server, packet 2, offset 6: only 3 bytes of a frame header"]),
    RuleCase(
      .unfinishedMessage, Setup(.server), [good, [0x01, 1, 0x61]],
      kept: [[0x01, 1, 0x61], [0x80, 0]], continues: false,
      finds: ["warning unfinished_message, server, packet 2, offset 6: 1 frame of it, without FIN"]),
  ]
}

@Suite struct FramingRulesTests {
  @Test(
    "A broken rule is reported with its side, packet, offset and detail, nothing else is, and reading goes on",
    arguments: RuleCase.all)
  func broken(_ rule: RuleCase) {
    let after =
      rule.setup.side == .client ? TestFrame("after", key: [8, 1, 7, 3]).bytes : TestFrame("after").bytes
    let outcome = decode(rule.continues ? rule.broken + [after] : rule.broken, rule.setup)
    #expect(outcome.seen.anomalies.map(\.finding) == rule.finds)
    #expect(outcome.rules.filter { $0 == rule.rule.rule.name }.count == 1)
    #expect(
      outcome.seen.anomalies.allSatisfy {
        $0.position == position($0.position.offset, packet: $0.position.packet)
      })
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
    // These need bytes that were lost, or frames behind others: FrameSearchTests, LossTests, StepDoubtTests.
    #expect(missing == [.contextLost, .lostFrameSync, .outOfStep, .resynchronised])
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
