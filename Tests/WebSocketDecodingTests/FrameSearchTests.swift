import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// Bytes in which no frame is, and frames in bytes where they have to be found.
@Suite struct FrameSearchTests {
  /// Data of the same structure throughout.
  struct Pattern: Sendable, CustomStringConvertible {
    var description: String
    var unit: [UInt8]

    init(_ description: String, _ unit: [UInt8]) {
      self.description = description
      self.unit = unit
    }

    static let all =
      [0x00, 0x01, 0x02, 0x41, 0x7E, 0x80, 0x81, 0x82, 0x88, 0x8A, 0xC1, 0xFE, 0xFF].map {
        Pattern("the byte \($0)", [$0])
      } + [
        Pattern("16-bit numbers", [0x00, 0x02]), Pattern("more 16-bit numbers", [0x82, 0x02]),
        Pattern("records", [0x82, 0x02, 0x82, 0x02, 0x00, 0x01]), Pattern("long lengths", [0x82, 0x7E]),
        Pattern("long masked lengths", [0x82, 0xFE]), Pattern("UTF-16", [0x61, 0x00, 0x20, 0x00]),
        Pattern("English", Array("À la carte, the quick brown fox jumps over the lazy dog. ".utf8)),
        Pattern("Hungarian", Array("Ápolás, Árvíztűrő tükörfúrógép és Áldás. ".utf8)),
        Pattern("Chinese", Array("你好，世界。今天天气不错，我们去公园散步吧。、 、a".utf8)),
        Pattern("Japanese", Array("「こんにちは」、 と、 言いました。ABC、DEF、 ".utf8)),
        Pattern("Russian", Array("Привет, мир! Как дела? Сегодня Ё и Ѐ хорошая погода. ".utf8)),
      ]
  }

  @Test("Data of a regular structure is no chain of frames", arguments: Pattern.all, Side.allCases)
  func regularData(pattern: Pattern, side: Side) {
    for packet in [1, 536, 1448, 1460, 16_384] {
      let count = packet == 1 ? 1000 : packet < 2000 ? 8 : 1
      var bytes: [UInt8] = []
      while bytes.count < packet * count { bytes += pattern.unit }
      let packets = (0..<count).map { Packet.bytes(Array(bytes[$0 * packet..<($0 + 1) * packet])) }
      let outcome = decode(packets, Setup(side, compression: true, outOfStep: true))
      #expect(outcome.counts.frames == 0, "packets of \(packet)")
      #expect(outcome.counts.unexplainedBytes == UInt64(packet * count))
    }
  }

  @Test("Random bytes are no chain of frames", arguments: Side.allCases)
  func randomData(side: Side) {
    // A fixed seed: once in a million searches chance wins.
    var random = SeededRandom(seed: 0x5EA_4C4)
    for _ in 0..<100 {
      let packets = (0..<12).map { _ in Packet.bytes(random.bytes(1448)) }
      let outcome = decode(packets, Setup(side, compression: true, outOfStep: true))
      #expect(outcome.counts.frames == 0)
    }
  }

  @Test("Binary frames are found by their chain", arguments: Side.allCases, [false, true])
  func binaryChain(side: Side, onePacket: Bool) {
    var random = SeededRandom(seed: 77)
    let frames = (0..<12).map { _ in
      TestFrame(.binary, random.bytes(Int.random(in: 20...300, using: &random))).from(side, &random)
        .bytes
    }
    let packets = onePacket ? [Packet.bytes(frames.flatMap { $0 })] : frames.map { Packet.bytes($0) }
    let outcome = decode(packets, Setup(side, outOfStep: true))
    // What is before the first certain frame may have led there by chance: it stays unexplained.
    #expect(outcome.counts.frames >= (onePacket ? 9 : 12))
    #expect(outcome.seen.messages.allSatisfy { $0.message.complete })
    #expect(outcome.rules == ["resynchronised"])
  }

  @Test("The same small frame in every packet is believed in the end", arguments: Side.allCases)
  func keepAlives(side: Side) {
    var random = SeededRandom(seed: 78)
    let packets = (0..<8).map { _ in Packet.bytes(TestFrame("2").from(side, &random).bytes) }
    let outcome = decode(packets, Setup(side, outOfStep: true))
    #expect(outcome.texts == Array(repeating: "2", count: 8))
  }

  @Test("The first frame after the rest of another is found", arguments: Side.allCases)
  func afterTheRestOfAFrame(side: Side) {
    var random = SeededRandom(seed: 79)
    for rest in [1, 40, 500, 5000] {
      let texts = (0..<5).map { "{\"number\":\($0),\"what\":\"a text as any other\"}" }
      let frames = texts.map { TestFrame($0).from(side, &random).bytes }
      let outcome = decode([random.bytes(rest) + frames.flatMap { $0 }], Setup(side, outOfStep: true))
      // Readable text proves little where nothing is masked: the first frame may have led to the second by chance.
      #expect(outcome.texts == (side == .client ? texts : Array(texts[1...])), "after \(rest) bytes")
      let passedOver = UInt64(rest + (side == .client ? 0 : frames[0].count))
      #expect(outcome.counts.unexplainedBytes == passedOver)
    }
  }

  @Test func aReadableMaskedTextIsBelievedAtOnce() {
    let seen = Recorder()
    let context = DecodingContext(options: DecodingOptions(), sink: seen)
    defer { withExtendedLifetime(context) {} }
    let output = unsafe WebSocketOutput(uncounted: context, session: SessionIndex(0))
    var decoder = Setup(.client, outOfStep: true).decoder()
    let bytes = TestFrame("{\"type\":\"hello\",\"version\":3}", key: [0x9A, 0x13, 0x77, 0xE1]).bytes
    _ = decoder.receive(bytes.span, at: position(0, packet: 1), into: output)
    #expect(seen.texts == ["{\"type\":\"hello\",\"version\":3}"])
  }

  @Test func aLargeFrameIsFoundThoughItIsLongerThanWhatIsHeld() {
    var random = SeededRandom(seed: 80)
    let payload = random.bytes(FrameSearch.heldLimit * 2)
    let bytes = TestFrame(.binary, payload).bytes + TestFrame("after").bytes
    let outcome = decode([random.bytes(100), bytes], Setup(.server, outOfStep: true))
    #expect(outcome.messages.map { $0.payload } == [payload, Array("after".utf8)])
    #expect(outcome.counts.unexplainedBytes == 100)
  }

  @Test func framesAreFoundAfterMoreThanWhatIsHeld() {
    var random = SeededRandom(seed: 81)
    let packets = (0..<500).map { _ in Packet.bytes(random.bytes(1448)) }
    let frames = (0..<9).map {
      Packet.bytes(TestFrame("{\"number\":\($0),\"what\":\"text\"}", key: random.bytes(4)).bytes)
    }
    let outcome = decode(packets + frames, Setup(.client, outOfStep: true))
    #expect(outcome.texts.count == 9)
    #expect(outcome.counts.unexplainedBytes == 500 * 1448)
  }

  @Test("What was lost and found in one call does not depend on the stack")
  func lostAndFoundAgainAndAgain() {
    var random = SeededRandom(seed: 82)
    let bad = TestFrame(.binary).with(lengthBytes: 8, claimed: .max).bytes
    var bytes: [UInt8] = []
    for _ in 0..<4000 {
      bytes +=
        TestFrame("a text that is readable enough to be believed", key: random.bytes(4)).bytes
        + TestFrame(.binary, key: [1, 2, 3, 4]).with(lengthBytes: 8, claimed: .max).bytes
    }
    bytes += bad
    let outcome = decode([bytes], Setup(.client))
    #expect(outcome.messages.count > 3000)
    #expect(outcome.counts.streamBytes == UInt64(bytes.count))
  }

  @Test("A search tries every place once, whatever the bytes, however they come", arguments: Side.allCases)
  func work(side: Side) {
    var random = SeededRandom(seed: 83)
    let size = FrameSearch.heldLimit / 4
    var streams = [("random bytes", random.bytes(size))]
    for pattern in Pattern.all {
      streams.append((pattern.description, Array((0..<size).map { pattern.unit[$0 % pattern.unit.count] })))
    }
    for (index, (name, bytes)) in streams.enumerated() {
      // Each on one side as a whole and on the other in pieces.
      let piece = index & 1 == Int(side.rawValue) ? size : 1000
      let search = FrameSearch(side: side, allowsCompression: true)
      var (start, packet) = (0, UInt64(1))
      while start < size {
        let end = min(start + piece, size)
        let (_, finding) = search.receive(
          bytes.span.extracting(start..<end), at: position(UInt64(start), packet: packet))
        if finding != nil { break }
        (start, packet) = (end, packet + 1)
      }
      // A header that is not all there yet is looked at again with the next step, of which there is one in 256 bytes.
      #expect(search.placesTried <= size + size / 128 + Int(packet), "\(name) in pieces of \(piece)")
    }
  }

  @Test("What a sender knew of its peer stays with the packets that a search holds")
  func peerState() {
    let sink = PeerStates()
    let context = DecodingContext(options: DecodingOptions(), sink: sink)
    var decoder = WebSocketDecoder(side: .server, compression: .none)
    decoder.startOutOfStep()
    let frames = [
      TestFrame(.ping, [1]), TestFrame("{\"first\": \"text that is readable\"}"), TestFrame(.ping, [2]),
      TestFrame("{\"second\": \"text that is readable, too\"}"), TestFrame(.ping, [3]),
    ]
    var offset: UInt64 = 0
    for (index, frame) in frames.enumerated() {
      let peer = PeerState(acknowledged: UInt64(index) * 100, lastPacket: UInt64(index))
      let output = unsafe WebSocketOutput(uncounted: context, session: SessionIndex(3), peer: peer)
      _ = decoder.receive(frame.bytes.span, at: position(offset, packet: UInt64(index + 1)), into: output)
      offset += UInt64(frame.bytes.count)
    }
    decoder.finish(
      at: position(offset, packet: 9),
      into: unsafe WebSocketOutput(uncounted: context, session: SessionIndex(3)))
    #expect(sink.acknowledged == [0, 200, 400])
  }
}

/// Keeps what senders of control frames knew of their peers.
private final class PeerStates: WebSocketSink {
  private(set) var acknowledged: [UInt64?] = []

  func message(
    _ message: borrowing Message, in session: SessionIndex, missing: [MissingRange], payload: Span<UInt8>
  ) {}
  func control(
    _ control: borrowing ControlFrame, in session: SessionIndex, peer: PeerState, payload: Span<UInt8>
  ) { acknowledged.append(peer.acknowledged) }
  func frame(_ frame: borrowing Frame, in session: SessionIndex, payload: Span<UInt8>) {}
  func anomaly(_ anomaly: Anomaly, in session: SessionIndex, peer: PeerState) {}
}
