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
    #expect(controls == 0)
  }

  @Test(
    "The same where several frames are written together", arguments: OutOfStepStream.Trouble.allCases,
    Side.allCases)
  func together(trouble: OutOfStepStream.Trouble, side: Side) {
    var random = SeededRandom(seed: 14)
    var (good, found, controls) = (0, 0, 0)
    for _ in 0..<40 {
      let stream = OutOfStepStream(trouble, from: side, writesTogether: true, &random)
      let outcome = read(stream.packets, Setup(side))
      good += stream.good.count
      found += stream.found(among: outcome.seen)
      controls += outcome.seen.controls.count
      #expect(outcome.counts.streamBytes == UInt64(stream.packets.joined().count))
    }
    #expect(found * 100 >= good * 98, "\(found) of \(good) messages")
    #expect(controls == 0)
  }

  @Test("Frames in the packet that a wrong length leads out of are found", arguments: Side.allCases)
  func behindWrongLength(side: Side) {
    var random = SeededRandom(seed: 15)
    for _ in 0..<20 {
      let bad = TestFrame(.binary, random.bytes(150)).from(side, &random).with(
        lengthBytes: 2, claimed: 0x9600)
      let good = (0..<9).map { TestFrame(.binary, random.bytes(30 + $0 * 7)).from(side, &random) }
      let packets = [
        bad.bytes + good[..<3].flatMap(\.bytes), good[3..<6].flatMap(\.bytes), good[6...].flatMap(\.bytes),
      ]
      let outcome = read(packets, Setup(side))
      #expect(outcome.messages.map(\.payload) == good.map(\.payload))
      #expect(outcome.rules == ["out_of_step", "resynchronised"])
      #expect(outcome.counts.unexplainedBytes == UInt64(bad.bytes.count))
      #expect(
        outcome.seen.anomalies.first?.detail
          == "another frame begins at byte 150 of its payload: binary, 30 B")
    }
  }

  @Test(
    "A length in more bytes than it needs is no frame of its own, whatever the packets",
    arguments: Side.allCases,
    [2, 8])
  func longForm(side: Side, lengthBytes: Int) {
    var random = SeededRandom(seed: 22)
    for size in 1...12 {
      for shift in 0..<size {
        let bytes = [
          TestFrame("welcome").from(side, &random),
          TestFrame("five!").from(side, &random).with(lengthBytes: lengthBytes, claimed: 5),
          TestFrame(.close, [0x03, 0xE8] + Array("fine".utf8)).from(side, &random),
        ].flatMap(\.bytes)
        let starts = [0] + Array(stride(from: shift == 0 ? size : shift, to: bytes.count, by: size))
        let packets = starts.indices.map {
          Array(bytes[starts[$0]..<($0 + 1 < starts.count ? starts[$0 + 1] : bytes.count)])
        }
        let outcome = read(packets, Setup(side))
        #expect(outcome.texts == ["welcome", "five!"], "\(size) from \(shift)")
        #expect(outcome.rules == ["non_minimal_length"], "\(size) from \(shift)")
        #expect(outcome.seen.controls.count == 1, "\(size) from \(shift)")
      }
    }
  }

  @Test(
    "What was written into a frame of many packets is named with its place",
    arguments: [
      (TestFrame(.ping, Array("12345678".utf8)), "ping, 8 B"),
      (TestFrame("{\"id\": 91447}"), "text, 13 B {\"id\": 91447}"),
    ])
  func withinLongFrame(other: TestFrame, what: String) {
    let whole = TestFrame(String(repeating: "some text, ", count: 400)).bytes
    let good = (0..<4).map { TestFrame("{\"n\":\($0)}") }
    let packets =
      [
        Array(whole[..<1448]), Array(whole[1448..<2896]), other.bytes, Array(whole[2896..<4344]),
        Array(whole[4344...]),
      ]
      + good.map(\.bytes)
    let outcome = read(packets, Setup(.server))
    #expect(outcome.texts.suffix(3) == good.suffix(3).map { String(decoding: $0.payload, as: UTF8.self) })
    #expect(outcome.seen.controls.isEmpty)
    #expect(
      outcome.seen.anomalies.first?.detail
        == "another frame begins with packet 3 at byte 2892 of its 4400 bytes of payload: \(what)")
  }

  @Test("The last byte of a frame may look like another one, behind which a control frame breaks a rule")
  func controlBehindLastByte() {
    // The last byte of the text is masked to 0x88, which begins a Close.
    let text = TestFrame("hello", key: [0xE7, 0x95, 0x2B, 0x67]).bytes
    let ping = TestFrame(.ping, [UInt8](repeating: 0, count: 126), key: [0x16, 0x78, 0x7E, 0xA3]).bytes
    let outcome = read([Array(text.dropLast()), text.suffix(1) + ping], Setup(.client))
    #expect(outcome.texts == ["hello"])
    #expect(outcome.rules == ["long_control_frame"])
    #expect(outcome.seen.controls.count == 1)
  }

  @Test("A frame between two packets of another one does not make others up", arguments: Side.allCases)
  func betweenPackets(side: Side) {
    var random = SeededRandom(seed: 18)
    var wrong = 0
    for size in 24..<60 {
      let whole = TestFrame(.binary, random.bytes(size)).from(side, &random).bytes
      let other = TestFrame("{\"id\": 91447}").from(side, &random)
      let cut = Int.random(in: 8..<16, using: &random)
      let good = (0..<6).map { TestFrame("{\"n\":\($0)}").from(side, &random) }
      let packets = [Array(whole[..<cut]), other.bytes, Array(whole[cut...])] + good.map(\.bytes)
      let outcome = read(packets, Setup(side))
      let seen = outcome.messages.map(\.payload)
      #expect(seen.suffix(6) == good.map(\.payload), "\(size)")
      if !Set(seen).isSubset(of: (good + [other]).map(\.payload)) { wrong += 1 }
      #expect(outcome.seen.controls.isEmpty, "\(size)")
    }
    #expect(wrong == 0)
  }

  @Test(
    "A control frame that breaks a rule is none where packets with frames of their own lead to its end",
    arguments: [1, 3, 8])
  func controlFrameOfOtherFrames(swallowed: Int) {
    var random = SeededRandom(seed: 19)
    let texts = (0..<12).map { TestFrame("{\"n\":\($0)}").from(.server, &random) }
    let size = texts[3..<3 + swallowed].reduce(10) { $0 + $1.bytes.count }
    // The rest of a frame that another one was written into.
    let rest = [0x99, UInt8(size)] + random.bytes(10)
    let outcome = read(texts[..<3].map(\.bytes) + [rest] + texts[3...].map(\.bytes), Setup(.server))
    #expect(outcome.seen.controls.isEmpty)
    #expect(outcome.messages.map(\.payload) == texts.map(\.payload))
    #expect(outcome.rules == ["out_of_step", "resynchronised"])
  }

  @Test("The last bytes of a frame whose length is too small are no pong that breaks a rule")
  func controlOfLastBytes() {
    var random = SeededRandom(seed: 24)
    let texts = (0..<9).map { TestFrame("{\"n\":\($0)}").bytes }
    let bad = TestFrame(.binary, random.bytes(50) + [0x9A, 0x00]).with(claimed: 50)
    let outcome = read(texts[..<3] + [bad.bytes] + texts[3...], Setup(.server))
    #expect(outcome.seen.controls.isEmpty)
    #expect(outcome.texts == (0..<9).map { "{\"n\":\($0)}" })
    #expect(outcome.rules == ["out_of_step", "resynchronised"])
  }

  @Test("A pong that breaks a rule at the end of its packet is one if the side does it again")
  func controlLikeOthers() {
    var random = SeededRandom(seed: 25)
    let pong = TestFrame(.pong, reserved: 1).bytes
    let packets = (0..<6).map { TestFrame(.binary, random.bytes(40)).bytes + ($0 % 3 == 1 ? pong : []) }
    let outcome = read(packets, Setup(.server))
    #expect(outcome.seen.controls.count == 2)
    #expect(outcome.messages.count == 6)
    #expect(outcome.rules == ["reserved_bit", "reserved_bit"])
  }

  @Test(
    "A ping whose length takes more bytes than it needs is one, though the end of the length looks like a header",
    arguments: [2, 8])
  func controlOfLongForm(lengthBytes: Int) {
    var random = SeededRandom(seed: 27)
    let packets = (0..<6).map { packet in
      let ping = TestFrame(.ping, random.bytes(4)).with(lengthBytes: lengthBytes)
      let message = TestFrame(.binary, random.bytes(40)).bytes
      return packet % 3 == 1
        ? message + ping.bytes : packet % 3 == 2 ? TestFrame(.pong).bytes + message : message
    }
    let outcome = read(packets, Setup(.server))
    #expect(outcome.seen.controls.count == 4)
    #expect(outcome.messages.count == 6)
    #expect(outcome.rules == ["non_minimal_length", "non_minimal_length"])
  }

  @Test(
    "The first frame behind a length in the wrong byte order is found, too, if its payload is random",
    arguments: Side.allCases, [700, 1400])
  func behindSwappedLength(side: Side, size: Int) {
    var random = SeededRandom(seed: 26)
    for _ in 0..<20 {
      let bad = TestFrame(.binary, random.bytes(size)).from(side, &random).with(
        lengthBytes: 2, claimed: UInt64(UInt16(size).byteSwapped))
      let good = (0..<9).map { TestFrame(.binary, random.bytes(9 + $0 * 7)).from(side, &random) }
      let packets = [
        bad.bytes + good[..<2].flatMap(\.bytes), good[2..<4].flatMap(\.bytes), good[4..<6].flatMap(\.bytes),
        good[6...].flatMap(\.bytes),
      ]
      let outcome = read(packets, Setup(side))
      #expect(outcome.messages.map(\.payload) == good.map(\.payload))
    }
  }

  @Test("A pong that begins the packet behind a wrong length is one", arguments: Side.allCases)
  func controlBehindWrongLength(side: Side) {
    var random = SeededRandom(seed: 28)
    let bad = TestFrame(.binary, random.bytes(1400)).from(side, &random).with(
      lengthBytes: 2, claimed: UInt64(UInt16(1400).byteSwapped))
    let frames =
      [TestFrame(.pong, Array("12345".utf8))] + (0..<7).map { _ in TestFrame(.binary, random.bytes(20)) }
    let good = frames.map { $0.from(side, &random).bytes }
    let packets = [bad.bytes, good[0] + good[1]] + good[2...]
    let outcome = read(packets, Setup(side))
    #expect(outcome.seen.controls.count == 1)
    #expect(outcome.messages.map(\.payload) == frames.dropFirst().map(\.payload))
    #expect(outcome.rules == ["out_of_step", "resynchronised"])
  }

  @Test(
    "However many frames are within the open one, few of them are looked at to tell whether they are chance")
  func workForChance() throws {
    var random = SeededRandom(seed: 29)
    let within = (0..<10_000).flatMap { _ in
      TestFrame(.binary, random.bytes(.random(in: 1..<3, using: &random))).bytes
    }
    let bytes = TestFrame(.binary, within).bytes
    let header = FrameHeader(parsing: bytes.span)
    let open = try #require(header)
    let rules = HeaderRules(side: .server, compression: .none, sawClose: false)
    let search = FrameSearch(side: .server, allowsCompression: false, reachesBack: true)
    let walk = FrameWalk(
      behind: open, left: UInt64(within.count), from: 0, rules, faults: [], messageIsOpen: false,
      knowsPackets: true)
    let place = StreamPosition(offset: 0, packet: 1, time: CaptureTime(nanoseconds: 0))
    let doubt = StepDoubt(
      .packet(byte: 0, number: 1), frame: place, start: place, lead: 0, read: 0, peer: .unknown,
      packetStart: 0, startsPacket: true, search, walk,
      FrameEvidence(side: .server, allowsCompression: false), likelyFirst: 0x82)
    let (taken, decision) = doubt.receive(within.span, at: place, peer: .unknown, endsPacket: true)
    #expect(taken == within.count && decision == nil)
    #expect(doubt.finding != nil)
    #expect(search.headersRead < 1000)
  }

  @Test("Frames behind a text that was cut are found, though their headers look like text at first")
  func behindCutText() {
    var random = SeededRandom(seed: 16)
    // With these keys the next header is seven bytes of ASCII under the mask of the text that was cut.
    let cut = TestFrame(String(repeating: "a", count: 80), key: [0xE1, 0xE1, 0x51, 0x52]).bytes.prefix(46)
    let good = (0..<6).map {
      TestFrame("{\"n\":\($0)}", key: $0 == 0 ? [0x11, 0x12, 0xD1, 0xD2] : random.bytes(4))
    }
    let outcome = read([Array(cut) + good[0].bytes + good[1].bytes] + good[2...].map(\.bytes), Setup(.client))
    #expect(outcome.texts == (0..<6).map { "{\"n\":\($0)}" })
    #expect(outcome.rules == ["out_of_step", "resynchronised"])
    #expect(outcome.counts.unexplainedBytes == 46)
  }

  @Test("However the bytes are cut into calls", arguments: OutOfStepStream.Trouble.allCases, Side.allCases)
  func cuts(trouble: OutOfStepStream.Trouble, side: Side) {
    var random = SeededRandom.fresh()
    for _ in 0..<3 {
      let stream = OutOfStepStream(trouble, from: side, messages: 4, &random)
      let bytes = Array(stream.packets.joined())
      guard bytes.count < 4000 else { continue }
      verifySplitFeeding([.bytes(bytes)], randomCuts: 3) { events($0, Setup(side)) }
    }
  }

  @Test("A binary frame whose length is too small is not shown as if it was right", arguments: Side.allCases)
  func tooShort(side: Side) {
    var random = SeededRandom(seed: 3)
    var frame = TestFrame(.binary, Array("a table: 17 chairs, 4 lamps".utf8)).from(side, &random)
    frame.claimed = 20
    let good = (0..<3).map { TestFrame("{\"n\":\($0)}").from(side, &random).bytes }
    let outcome = read([frame.bytes] + good, Setup(side))
    #expect(outcome.texts == ["{\"n\":0}", "{\"n\":1}", "{\"n\":2}"])
    #expect(outcome.rules == ["out_of_step", "resynchronised"])
    #expect(
      outcome.seen.anomalies.first?.detail
        == "its 20 bytes of payload end within packet 1, and no frame begins after them")
    #expect(outcome.counts.unexplainedBytes == UInt64(frame.bytes.count))
  }

  @Test("A frame within a binary one, of which nothing but its end is wrong", arguments: Side.allCases)
  func withinBinary(side: Side) {
    var random = SeededRandom(seed: 5)
    let whole = TestFrame(.binary, random.bytes(200)).from(side, &random).bytes
    let other = TestFrame("{\"type\":\"ping\"}").from(side, &random).bytes
    let place = 100
    let good = (0..<3).map { TestFrame("{\"n\":\($0)}").from(side, &random).bytes }
    let outcome = read([Array(whole[..<place]) + other + whole[place...]] + good, Setup(side))
    #expect(outcome.texts == ["{\"n\":0}", "{\"n\":1}", "{\"n\":2}"])
    let header = side == .client ? 8 : 4
    #expect(
      outcome.seen.anomalies.first?.detail
        == "another frame begins at byte \(place - header) of its 200 bytes of payload: text, 15 B {\"type\":\"ping\"}"
    )
  }

  @Test("A page behind a message in its packet does not make that doubtful")
  func pageBehindMessage() {
    let page = Array("<html><body>502 Bad Gateway</body></html>\n".utf8)
    let packets = [TestFrame("{\"n\":0}").bytes + page] + (1..<4).map { TestFrame("{\"n\":\($0)}").bytes }
    let outcome = read(packets, Setup(.server))
    #expect(outcome.texts == (0..<4).map { "{\"n\":\($0)}" })
    #expect(outcome.counts.unexplainedBytes == UInt64(page.count))
  }

  @Test("A control frame behind which nothing makes sense is none", arguments: [Opcode.ping, .pong, .close])
  func controlOfRest(opcode: Opcode) {
    let rest = TestFrame(opcode, [0x03, 0xE8]).bytes + [0x7C, 0x71, 0x07, 0xF1, 0x55]
    let packets =
      [TestFrame(.binary, Array(repeating: 0xA7, count: 40)).bytes + rest]
      + (0..<3).map { TestFrame("{\"n\":\($0)}").bytes }
    let outcome = read(packets, Setup(.server))
    #expect(outcome.seen.controls.isEmpty)
    #expect(outcome.rules.first == "out_of_step")
    #expect(Array(outcome.texts.suffix(3)) == ["{\"n\":0}", "{\"n\":1}", "{\"n\":2}"])
  }

  @Test("A frame that swallowed the first byte of the next one does not make a ping of the rest of that")
  func pingOfRest() {
    let bad = TestFrame(.binary, Array(repeating: 0xA7, count: 20)).with(claimed: 21)
    // Without its first byte it is 09 08: a ping of eight bytes.
    let next = TestFrame(.binary, [0x08, 0x2A, 0xF7, 0x4A, 0xEB, 0x44, 0x99, 0xB2, 0x99])
    let last = TestFrame(.binary, Array(repeating: 0x3D, count: 20))
    let packets = [bad.bytes, next.bytes + last.bytes] + (0..<3).map { TestFrame("{\"n\":\($0)}").bytes }
    let outcome = read(packets, Setup(.server))
    #expect(outcome.seen.controls.isEmpty)
    #expect(outcome.messages.map(\.payload).prefix(2) == [next.payload, last.payload])
    #expect(outcome.rules == ["out_of_step", "resynchronised"])
  }

  @Test("A ping between messages in one packet is one", arguments: Side.allCases)
  func pingBetween(side: Side) {
    var random = SeededRandom(seed: 9)
    let packet = [
      TestFrame(.binary, random.bytes(50)), TestFrame(.ping, [1, 2]), TestFrame(.binary, random.bytes(50)),
      TestFrame(.pong),
    ].flatMap { $0.from(side, &random).bytes }
    let outcome = read([packet], Setup(side))
    #expect(outcome.seen.controls.map(\.control.opcode) == [.ping, .pong])
    #expect(outcome.rules.isEmpty)
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

  @Test(
    "Peers that break a rule now and then, in frames that are written with others, stay in step",
    arguments: [Habit.wrongMask, .reservedBits, .longForm], Side.allCases)
  func nowAndThen(habit: Habit, side: Side) {
    var random = SeededRandom(seed: 8)
    for _ in 0..<20 {
      let packets = (0..<8).map { _ in
        (0..<3).flatMap { _ in
          Int.random(in: 0..<5, using: &random) == 0
            ? Self.frame(habit, side, &random)
            : TestFrame(.binary, random.bytes(.random(in: 2..<300, using: &random))).from(side, &random).bytes
        }
      }
      let outcome = read(packets, Setup(side))
      #expect(!outcome.rules.contains("out_of_step"))
      #expect(outcome.counts.frames == 24)
    }
  }

  @Test(
    "A compressed message that cannot be inflated is evidence, like text that is not UTF-8",
    arguments: Side.allCases)
  func cutCompressed(side: Side) {
    var random = SeededRandom(seed: 17)
    let deflater = Deflater()
    var found = 0
    for _ in 0..<20 {
      func message(_ size: Int) -> [UInt8] {
        let text = (0..<size).map { _ in UInt8.random(in: 0x20..<0x7F, using: &random) }
        return TestFrame(.text, deflater.message(text, forgetting: true), reserved: 4).from(side, &random)
          .bytes
      }
      var packets = (0..<2).map { _ in message(30) }
      let before = packets.joined().count
      let bad = message(90)
      let cut = Array(bad[..<Int.random(in: 20..<bad.count - 2, using: &random)])
      let good = (0..<9).map { message([20, 40, 9][$0 % 3]) }
      packets.append(cut + good[..<3].joined())
      packets += [Array(good[3..<6].joined()), Array(good[6...].joined())]
      let outcome = read(packets, Setup(side, compression: true, forgetsContext: true))
      let starts = good.indices.map { UInt64(before + cut.count + good[..<$0].joined().count) }
      let seen = Set(outcome.messages.dropFirst(2).map(\.message.first.offset))
      #expect(seen.isSubset(of: starts))
      found += seen.count
    }
    #expect(found >= 170)
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
