import Foundation
import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

/// Which connections without a handshake are taken for WebSockets.
@Suite struct MidstreamDetectorTests {
  /// `WSTAP_OTHER_STREAMS` connections of other protocols, all together.
  @Test("Other protocols are not taken for frames")
  func otherProtocols() {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["WSTAP_OTHER_STREAMS"].flatMap { Int($0) } ?? 260
    let seed = environment["WSTAP_OTHER_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max / 2)
    print("WSTAP_OTHER_SEED=\(seed)")
    for number in 0..<count {
      let kind = OtherProtocol.all[number % OtherProtocol.all.count]
      let seeded = SeededRandom(seed: seed &+ UInt64(number))
      var random = seeded
      if let alarm = recognise(kind.packets(&random)).recognition {
        Issue.record("\(kind), \(seeded): \(alarm.reason)")
      }
    }
  }

  @Test("Of WebSockets that HTTP/2 carries, hardly one is taken for a connection with frames of its own")
  func carriers() {
    // Frames of a WebSocket are all that some of these packets show, whatever is around them.
    var random = SeededRandom(seed: 14)
    var taken = 0
    for _ in 0..<100 {
      for kind in OtherProtocol.carriersOfFrames where recognise(kind.packets(&random)).recognition != nil {
        taken += 1
      }
    }
    #expect(taken <= 2)
  }

  @Test("Nor are they if a snapshot length cut their packets", arguments: [6, 14, 42])
  func cutProtocols(captured: Int) {
    var random = SeededRandom.fresh()
    for kind in OtherProtocol.all {
      for _ in 0..<3 {
        let before = random
        if let alarm = recognise(kind.packets(&random), cutTo: captured).recognition {
          Issue.record("\(kind), \(before): \(alarm.reason)")
        }
      }
    }
  }

  @Test("Frames of which a snapshot length left the headers are recognised", arguments: [6, 14, 42])
  func cutFrames(captured: Int) {
    var random = SeededRandom.fresh()
    for opcode in [Opcode.text, .binary] {
      let turns = (0..<6).map { number -> OtherProtocol.Turn in
        let payload = (0..<Int.random(in: 8...120, using: &random)).map { _ in
          UInt8.random(in: 0x20...0x7E, using: &random)
        }
        let isClient = number & 1 == 0
        let key = (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }
        return (
          isClient ? 0 : 1, frame(0x80 | opcode.rawValue, payload, isMasked: isClient, key: key)
        )
      }
      #expect(recognise(turns, cutTo: captured).recognition != nil, "\(opcode), \(random)")
    }
  }

  /// How a connection that is joined midstream goes on, and who sends what.
  struct Conversation: Sendable, CustomStringConvertible {
    var description: String
    var client: [[UInt8]]
    var server: [[UInt8]]

    private static let keys: [[UInt8]] = [
      [0x37, 0xFA, 0x21, 0x3D], [0x91, 0x02, 0xC3, 0xB4], [0xE5, 0x66, 0x17, 0x08],
    ]

    private static func masked(_ frames: TestFrame...) -> [[UInt8]] {
      zip(frames, keys).map { frame, key in
        var frame = frame
        frame.key = key
        return frame.bytes
      }
    }

    static let all = [
      Conversation(
        description: "short texts", client: masked(TestFrame("hello there"), TestFrame("and again")),
        server: [TestFrame("hello there yourself").bytes, TestFrame("and again too").bytes]),
      Conversation(
        description: "closing frames", client: masked(TestFrame(.close, [0x03, 0xE8])),
        server: [TestFrame(.close, [0x03, 0xE8]).bytes]),
      Conversation(
        description: "pings and pongs",
        client: masked(
          TestFrame(.pong, [1, 2, 3, 4]), TestFrame(.pong, [1, 2, 3, 5]),
          TestFrame(.pong, [9, 2, 3, 5])),
        server: [[1, 2, 3, 4], [1, 2, 3, 5], [9, 2, 3, 5]].map { TestFrame(.ping, $0).bytes }),
      Conversation(
        description: "one text of the client", client: masked(TestFrame("a text of some length, readable")),
        server: []),
      Conversation(
        description: "one JSON text of the server", client: [],
        server: [
          TestFrame("{\"event\":\"welcome\",\"time\":1700000000,\"users\":[\"somebody\",\"nobody\"]}").bytes
        ]),
      Conversation(
        description: "binary of the server alone", client: [],
        server: (1...4).map {
          TestFrame(.binary, [UInt8](repeating: 0xA0 &+ $0, count: 20 + Int($0) * 7)).bytes
        }),
      Conversation(
        description: "a Close of the server and its end", client: [],
        server: [TestFrame(.close, [0x03, 0xE8]).bytes]),
      Conversation(
        description: "a Close of the client and its end",
        client: [TestFrame(.close, [0x03, 0xE9], key: [0x12, 0xA4, 0x7F, 0xC6]).bytes], server: []),
      Conversation(
        // The client's first payload ends with what may be half a header.
        description: "compressed messages without a length that tells",
        client: [
          [0xC1, 0x87, 0x4B, 0xFD, 0x21, 0x09, 0x09, 0xEC, 0x15, 0x8C, 0x41, 0xFF, 0x21],
          [0x88, 0x82, 0xCC, 0xD4, 0xEC, 0xC6, 0xCF, 0x3C],
        ],
        server: [[0xC1, 0x07, 0x42, 0x91, 0x36, 0xC5, 0x90, 0x06, 0x00], [0x88, 0x02, 0x03, 0xE8]]),
      Conversation(
        description: "a pong in two packets before a Close",
        client: masked(TestFrame(.ping, Array("3170875f".utf8))),
        server: [
          [0x8A, 0x08, 0x63, 0x38, 0x31, 0x66, 0x30], [0x61, 0x35, 0x62],
          TestFrame(.close, [0x03, 0xE8]).bytes,
        ]),
      Conversation(
        description: "two short frames in the first packet",
        client: masked(TestFrame("hello there"), TestFrame("and again")),
        server: [
          TestFrame(.ping, [1, 2, 3]).bytes + TestFrame(.pong, [4, 5, 6]).bytes,
          TestFrame("hello there yourself").bytes,
        ]),
      Conversation(
        description: "header and payload in packets of their own",
        client: (1...3).flatMap { number -> [[UInt8]] in
          let frame = TestFrame("message number \(number)", key: keys[number - 1]).bytes
          return [Array(frame.prefix(6)), Array(frame.dropFirst(6))]
        },
        server: (1...3).flatMap { number -> [[UInt8]] in
          let frame = TestFrame("{\"answer\": \(number)}").bytes
          return [Array(frame.prefix(2)), Array(frame.dropFirst(2))]
        }),
    ]

    var packets: [OtherProtocol.Turn] {
      (0..<max(client.count, server.count)).flatMap { index -> [OtherProtocol.Turn] in
        [(0, client), (1, server)].compactMap { side, packets in
          index < packets.count ? (direction: side, bytes: packets[index]) : nil
        }
      }
    }
  }

  @Test(
    "Frames of either side are recognised, and the client by its mask", arguments: Conversation.all, [0, 1])
  func frames(conversation: Conversation, clientDirection: Int) throws {
    let packets = conversation.packets.map {
      ($0.direction == 0 ? clientDirection : 1 - clientDirection, $0.bytes)
    }
    let recognition = try #require(recognise(packets).recognition)
    #expect(recognition.swapsSides == (clientDirection == 1))
    for side in Side.allCases {
      if let start = recognition.start(of: side) { #expect(start.offset == 0) }
    }
  }

  /// 524: the default MSS of 536 with the timestamps option. Smaller ones are known by many packets having that size.
  @Test(arguments: [1448, 524, 160])
  func aHugeFrameIsPassedOverFromItsMiddle(segmentBytes: Int) throws {
    var random = SeededRandom(seed: 11)
    let frames = (0..<3).map { _ in
      TestFrame(.binary, random.bytes(500_000)).from(.client, &random).bytes
    }
    let stream = Array(frames.joined().dropFirst(1000))
    let packets = stride(from: 0, to: stream.count, by: segmentBytes).map {
      (direction: 0, bytes: Array(stream[$0..<min($0 + segmentBytes, stream.count)]))
    }
    let (recognition, _) = recognise(packets)
    let found = try #require(recognition)
    #expect(!found.swapsSides)
  }

  @Test(
    "Large messages are found from the middle of one, whatever the segments' size",
    arguments: [1448, 536, 500, 256, 140])
  func largeMessages(segmentBytes: Int) {
    var found = 0
    for seed in 0..<8 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      // One side sends, and the other answers now and then.
      let isClient = seed % 2 == 0
      var packets: [OtherProtocol.Turn] = []
      for number in 0..<12 {
        let size = Int.random(in: 8000...40_000, using: &random)
        let large = TestFrame(number % 3 == 0 ? Opcode.text : Opcode.binary, random.bytes(size)).from(
          isClient ? .client : .server, &random
        ).bytes
        packets += stride(from: 0, to: large.count, by: segmentBytes).map {
          (0, Array(large[$0..<min($0 + segmentBytes, large.count)]))
        }
        if number % 2 == 0 {
          packets.append(
            (1, TestFrame("{\"got\":\(number)}").from(isClient ? .server : .client, &random).bytes))
        }
      }
      packets.removeFirst(Int.random(in: 1..<packets.count / 3, using: &random))
      if let recognition = recognise(packets).recognition, recognition.swapsSides != isClient {
        found += 1
      }
    }
    #expect(found >= 7)
  }

  @Test(
    "Where both sides mask, or neither does, the ports say who is the client",
    arguments: [(true, .server), (false, .client)] as [(Bool, Side)])
  func sameMasks(masked: Bool, likelyClient: Side) throws {
    var random = SeededRandom(seed: 7)
    let packets: [OtherProtocol.Turn] = (0..<8).map { number in
      (
        number % 2,
        TestFrame("{\"number\":\(number),\"text\":\"said by \(number % 2)\"}")
          .from(masked ? .client : .server, &random).bytes
      )
    }
    let detector = MidstreamDetector(likelyClient: likelyClient)
    let recognition = try #require(recognise(packets, with: detector).recognition)
    #expect(recognition.swapsSides == (likelyClient == .server))
    #expect(recognition.masked[0] == masked && recognition.masked[1] == masked)
    #expect(recognition.start(of: .client)?.offset == 0 && recognition.start(of: .server)?.offset == 0)
    #expect(
      recognition.reason.contains(
        masked ? ", both masked, so the client is a guess (" : ", neither masked, so the client is a guess (")
    )
  }

  @Test func whatIsHeldIsBounded() {
    var random = SeededRandom(seed: 12)
    let detector = MidstreamDetector()
    var most = 0
    for number in 0..<4000 {
      let place = position(UInt64(number) * 1448, packet: UInt64(number))
      let bytes = random.bytes(1448)
      if number % 3 == 0 { detector.gap(10, from: .server, at: place) }
      if case .dismissed = detector.receive(bytes.span, from: number % 2 == 0 ? .client : .server, at: place)
      {
        #expect(most < 4 * MidstreamDetector.heldLimit)
        return
      }
      most = max(most, detector.cost)
    }
    Issue.record("it looks for ever")
  }

  @Test("A stream of gaps alone is dismissed as soon as their number is not kept any more")
  func gaps() {
    let detector = MidstreamDetector()
    let byte: [UInt8] = [0x20]
    for number in 1...20_000 {
      let place = position(UInt64(number) * 11, packet: UInt64(number))
      detector.gap(10, from: .client, at: place)
      if case .dismissed = detector.receive(byte.span, from: .client, at: place) { return }
      #expect(detector.cost < 2 * MidstreamDetector.heldLimit)
    }
    Issue.record("it looks for ever")
  }

  /// Frames of both sides, a gap, and the client's end, as they would be read.
  private static let sessionInPieces: [ReplayBuffer.Piece] = {
    var pieces: [ReplayBuffer.Piece] = []
    var offsets: [Side: UInt64] = [.client: 0, .server: 0]
    func add(_ side: Side, _ content: ReplayBuffer.Piece.Content, _ length: Int) {
      let place = position(offsets[side] ?? 0, packet: UInt64(pieces.count + 1))
      // Only a packet that brings bytes tells what its sender had acknowledged.
      let acknowledged = if case .bytes = content { offsets[side.peer] } else { nil as UInt64? }
      pieces.append(
        ReplayBuffer.Piece(side: side, position: place, peerAcknowledged: acknowledged, content: content))
      offsets[side, default: 0] += UInt64(length)
    }
    func send(_ side: Side, _ frame: TestFrame) { add(side, .bytes(frame.bytes), frame.bytes.count) }
    add(.server, .bytes([0x20, 0x21, 0x22]), 3)
    add(.server, .gap(7), 7)
    // The directions have the wrong names: who is called the server masks.
    send(.server, TestFrame("hello there", key: [0x37, 0xFA, 0x21, 0x3D]))
    send(.client, TestFrame("{\"hello\": \"yourself\"}"))
    add(.client, .end, 0)
    send(.server, TestFrame("and again", key: [0x91, 0x02, 0xC3, 0xB4]))
    send(.server, TestFrame("for the last time", key: [0xE5, 0x66, 0x17, 0x08]))
    return pieces
  }()

  @Test("It does not matter how many pieces waited elsewhere before", arguments: 0...sessionInPieces.count)
  func handedOver(count: Int) throws {
    let pieces = Self.sessionInPieces
    let (expected, last) = try #require(detect(pieces, waiting: 0))
    let (found, seen) = try #require(detect(pieces, waiting: count))
    #expect(seen == max(last, count))
    #expect(found.swapsSides && expected.swapsSides)
    #expect(found.reason == expected.reason)
    for side in Side.allCases { #expect(found.start(of: side) == expected.start(of: side)) }
    #expect(found.replay.pieces.count == seen)
    for (piece, original) in zip(found.replay.pieces, pieces) {
      #expect(piece.side == original.side.peer && piece.content == original.content)
      #expect(piece.position == original.position && piece.peerAcknowledged == original.peerAcknowledged)
    }
  }

  /// What is recognized in pieces of which the first `waiting` are handed over, and after how many of them.
  private func detect(_ pieces: [ReplayBuffer.Piece], waiting: Int) -> (MidstreamRecognition, Int)? {
    let detector = MidstreamDetector()
    var buffer = ReplayBuffer()
    for piece in pieces[..<waiting] { buffer.append(piece) }
    if case .recognized(let found) = detector.receive(buffer) { return (found, waiting) }
    for (index, piece) in pieces.enumerated().dropFirst(waiting) {
      var finding = MidstreamDetector.Finding.undecided
      switch piece.content {
      case .bytes(let bytes):
        finding = detector.receive(
          bytes.span, from: piece.side, at: piece.position, peerAcknowledged: piece.peerAcknowledged)
      case .gap(let bytes): detector.gap(bytes, from: piece.side, at: piece.position)
      case .passedOver: break
      case .end: finding = detector.finish(piece.side, at: piece.position)
      }
      if case .recognized(let found) = finding { return (found, index + 1) }
    }
    return nil
  }

  /// Direction 0 has the provisional name of the client.
  private func recognise(
    _ packets: [OtherProtocol.Turn], cutTo captured: Int = .max,
    with detector: MidstreamDetector = MidstreamDetector()
  ) -> (recognition: MidstreamRecognition?, packets: Int) {
    var offsets: [UInt64] = [0, 0]
    for (index, (direction, bytes)) in packets.enumerated() {
      let place = position(offsets[direction], packet: UInt64(index + 1))
      let side: Side = direction == 0 ? .client : .server
      offsets[direction] += UInt64(bytes.count)
      let part = Array(bytes.prefix(captured))
      defer {
        if part.count < bytes.count {
          detector.gap(UInt64(bytes.count - part.count), from: side, at: place.advanced(by: part.count))
        }
      }
      switch detector.receive(part.span, from: side, at: place) {
      case .undecided: break
      case .dismissed: return (nil, index + 1)
      case .recognized(let recognition): return (recognition, index + 1)
      }
    }
    // Each side ends, the one that spoke last at first.
    for direction in [packets.last?.direction ?? 0, 1 - (packets.last?.direction ?? 0)] {
      let place = position(offsets[direction], packet: UInt64(packets.count + 1))
      if case .recognized(let recognition) = detector.finish(direction == 0 ? .client : .server, at: place) {
        return (recognition, packets.count + 1)
      }
    }
    return (nil, packets.count)
  }
}
