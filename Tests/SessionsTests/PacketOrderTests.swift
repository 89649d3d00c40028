import Foundation
import SessionTestSupport
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis
@testable import Sessions

@Suite("What two sides did is judged in the order of packets")
struct PacketOrderTests {
  // MARK: By itself

  /// The names of what may be judged, in order.
  private func due(_ order: inout PacketOrder) -> [UInt64] {
    var packets: [UInt64] = []
    while let entry = order.takeFirst(through: order.due) { packets.append(entry.packet) }
    return packets
  }

  @Test func waitsUntilThePeerIsKnown() {
    var order = PacketOrder()
    order.note(.server, in: 7, peerIsRead: false)
    #expect(order.due == 0)
    order.add(.close, of: .server, in: 7)
    #expect(due(&order) == [])
    order.note(.client, in: 5, peerIsRead: false)
    order.add(.close, of: .client, in: 5)
    #expect(due(&order) == [5])
    order.note(.client, in: 8, peerIsRead: false)
    order.add(.close, of: .client, in: 8)
    #expect(due(&order) == [7])
    order.note(.server, in: 9, peerIsRead: true)
    #expect(order.due == 9)
    #expect(due(&order) == [8])
  }

  @Test func sortsByPacketAndKeepsTheOrderWithinOne() {
    var order = PacketOrder()
    for (packet, side) in [(9, Side.client), (3, .server), (9, .client), (5, .server)] as [(UInt64, Side)] {
      order.add(side == .client ? .close : .fin, of: side, in: packet)
    }
    order.add(.fin, of: .client, in: 9)
    let found = order.waiting.map { "\($0.packet) \($0.side) \($0.fact)" }
    #expect(found == ["3 server fin", "5 server fin", "9 client close", "9 client close", "9 client fin"])
  }

  @Test func isBoundedByNumberAndBytes() {
    var order = PacketOrder()
    for packet in 1...UInt64(PacketOrder.limit) { order.add(.fin, of: .client, in: packet) }
    #expect(!order.isOver)
    order.add(.fin, of: .client, in: 100)
    #expect(order.isOver)
    #expect(order.takeFirst()?.packet == 1)
    #expect(!order.isOver)

    var large = PacketOrder()
    let position = StreamPosition(offset: 0, packet: 1, time: .testStart)
    for _ in 0..<2 {
      large.add(
        .pong(payload: [UInt8](repeating: 0, count: PacketOrder.payloadLimit / 2), at: position), of: .client,
        in: 1)
    }
    #expect(!large.isOver)
    large.add(.ping(PingPairing.Ping(position: position, payload: [0].span)), of: .server, in: 2)
    #expect(large.isOver)
    _ = large.takeFirst()
    #expect(!large.isOver)
  }

  @Test("A pong answers the oldest ping with its payload that came before it")
  func pairing() {
    var pings = PingPairing()
    func place(_ packet: UInt64) -> StreamPosition {
      StreamPosition(offset: 0, packet: packet, time: .testStart)
    }
    for (packet, payload) in [(3, 1), (5, 2), (7, 1), (9, 3)] as [(UInt64, UInt8)] {
      pings.add(PingPairing.Ping(position: place(packet), payload: [payload].span))
    }
    func answer(_ payload: UInt8, _ packet: UInt64) -> UInt64? {
      let bytes = [payload]
      return pings.answer(bytes.span, in: packet)?.packet
    }
    #expect(answer(4, 20) == nil)
    #expect(answer(3, 8) == nil, "the ping came later")
    #expect(answer(1, 8) == 3)
    #expect(answer(1, 8) == 7)
    #expect(pings.summary.count == 1)
    #expect(answer(3, 10) == 9)
  }

  // MARK: In sessions

  /// Whole and without the handshake.
  private func tell(
    _ missing: Int = 0, _ script: (inout SyntheticSession) -> Void
  ) throws -> (heard: Heard, close: SessionClose) {
    var session = SyntheticSession()
    script(&session)
    let heard = analyze(Array(session.packets.dropFirst(missing)))
    return (heard, try #require(heard.closed.first))
  }

  private static let handshake = 5

  private func pings(_ close: SessionClose, of side: Side) -> String? {
    close.heartbeats.first { $0.kind == .ping && $0.side == side }.map {
      "\($0.answered ?? 0) of \($0.count)"
    }
  }

  @Test("A pong in the first bytes heard of a client answers the ping before it", arguments: [0, handshake])
  func pongThatWaited(missing: Int) throws {
    let (heard, close) = try tell(missing) {
      for round in 0..<4 { $0.text(.server, "the server's frames are recognised \(round)") }
      $0.frame(.server, .ping, [1])
      // One frame of a few bytes proves nothing: it is held until the texts after it.
      $0.frame(.client, .pong, [1])
      // With the same payload, and told before the pong.
      $0.frame(.server, .ping, [1])
      $0.wait(seconds: 6)
      for round in 0..<4 { $0.text(.client, "so are the client's \(round)") }
      $0.fin(.server)
      $0.fin(.client)
    }
    #expect(pings(close, of: .server) == "1 of 2")
    let pong = try #require(heard.controls.first { $0.frame.opcode == .pong })
    #expect(pong.roundTrip == 1_000_000)
    #expect(close.verdict.how == .fin)
    // The second one has none.
    #expect(heard.rules.filter { $0 == "ping_not_answered" }.count == 1)
  }

  @Test("So does a pong that was told before its ping", arguments: [0, handshake])
  func pingThatWaited(missing: Int) throws {
    let (heard, close) = try tell(missing) {
      for round in 0..<4 { $0.text(.server, "the server's frames are recognised \(round)") }
      $0.frame(.client, .ping, [1])
      $0.frame(.server, .pong, [1])
      $0.frame(.server, .pong, [2])
      $0.wait(seconds: 6)
      for round in 0..<4 { $0.text(.client, "so are the client's \(round)") }
      $0.text(.server, "later")
      $0.fin(.server)
      $0.fin(.client)
    }
    #expect(pings(close, of: .client) == "1 of 1")
    #expect(close.heartbeats.first?.roundTrips.average == 1_000_000)
    #expect(!heard.rules.contains("ping_not_answered"))
    // Nobody asked for [2]. Without the handshake a ping before it may be missing.
    let unsolicited = heard.anomalies.filter { $0.anomaly.rule == SessionRule.unsolicitedPong }
    #expect(unsolicited.count == (missing == 0 ? 1 : 0))
  }

  /// The ping waits in the reassembler until it is sure that the bytes before it were not captured.
  @Test(
    "A ping behind lost bytes is answered by the pong that came while it waited", arguments: [false, true])
  func pingBehindLoss(isAtStart: Bool) throws {
    let (heard, close) = try tell {
      if !isAtStart { $0.text(.server, "before") }
      $0.lose(40, .server)
      $0.frame(.server, .ping, [1])
      $0.frame(.client, .pong, [1])
      $0.text(.client, "goes on")
      $0.wait(seconds: 6)
      for round in 0..<4 { $0.text(.server, "the server goes on \(round)") }
      $0.text(.client, "so does the client")
      $0.fin(.server)
      $0.fin(.client)
    }
    #expect(pings(close, of: .server) == "1 of 1")
    #expect(!heard.rules.contains("ping_not_answered"), "\(heard.findings)")
    #expect(close.heartbeats.first?.roundTrips.average == 1_000_000)
  }

  @Test("A pong behind lost bytes answers the ping that it answered")
  func pongBehindLoss() throws {
    let (_, close) = try tell {
      $0.frame(.server, .ping, [1])
      $0.lose(40, .client)
      $0.frame(.client, .pong, [1])
      $0.frame(.server, .ping, [1])
      $0.wait(seconds: 1)
      for round in 0..<4 { $0.text(.client, "the client goes on \(round)") }
      $0.fin(.server)
      $0.fin(.client)
    }
    #expect(pings(close, of: .server) == "1 of 2")
    #expect(close.heartbeats.first?.roundTrips.average == 1_000_000)
  }

  @Test(
    "Which pings a side had open at its Close does not depend on when a pong was told",
    arguments: [0, handshake])
  func openAtClose(missing: Int) throws {
    let (_, close) = try tell(missing) {
      for round in 0..<4 { $0.text(.server, "the server's frames are recognised \(round)") }
      $0.frame(.server, .ping, [1])
      $0.frame(.client, .pong, [1])
      $0.wait(seconds: 30)
      $0.close(.server, 1011)
      for round in 0..<4 { $0.text(.client, "the client's frames are found \(round)") }
      $0.close(.client, 1011)
      $0.end(.server)
    }
    guard case .silence? = close.verdict.cause else {
      Issue.record("\(String(describing: close.verdict.cause)): the ping was answered")
      return
    }
  }

  @Test("Which were open at its FIN does not, either", arguments: [0, handshake])
  func openAtFin(missing: Int) throws {
    let (_, close) = try tell(missing) {
      for round in 0..<4 { $0.text(.server, "the server's frames are recognised \(round)") }
      $0.frame(.server, .ping, [1])
      $0.wait(seconds: 8)
      $0.fin(.server)
      // Too late, as all that follows.
      $0.frame(.client, .pong, [1])
      for round in 0..<4 { $0.text(.client, "the client's frames are found \(round)") }
      $0.fin(.client)
    }
    #expect(pings(close, of: .server) == "1 of 1")
    guard case .unansweredPings(1, .ping, by: .server, _)? = close.verdict.cause else {
      Issue.record("\(String(describing: close.verdict.cause)): the ping was not answered by then")
      return
    }
  }

  /// While its side is detected nothing is told, so that a FIN comes before the session.
  @Test("A FIN by which a session is recognised had pings open before it", arguments: [0, handshake])
  func finThatTells(missing: Int) throws {
    let (_, close) = try tell(missing) {
      $0.frame(.client, .ping, [1, 2])
      $0.wait(seconds: 8)
      $0.close(.server, 1001)
      $0.fin(.client)
      $0.fin(.server)
    }
    #expect(pings(close, of: .client) == "0 of 1")
    #expect(close.verdict.closedBy == .server)
  }

  @Test("An application's answer is one to the question before it, also behind lost bytes")
  func questionBehindLoss() throws {
    let (_, close) = try tell {
      $0.text(.server, "before")
      $0.lose(40, .server)
      $0.text(.server, "ping")
      $0.text(.client, "pong")
      $0.text(.client, "the client goes on, which may be an answer to an earlier question only")
      $0.wait(seconds: 1)
      $0.text(.server, "ping")
      $0.text(.server, "the server goes on with a text that proves that frames are read again")
      $0.wait(seconds: 6)
      $0.fin(.server)
      $0.fin(.client)
    }
    let beat = try #require(close.heartbeats.first)
    #expect(beat.count == 2)
    #expect(beat.answered == 1)
    #expect(beat.roundTrips.average == 1_000_000)
    guard case .unansweredPings(1, .text, by: .server, _)? = close.verdict.cause else {
      Issue.record("\(String(describing: close.verdict.cause)): the second question has no answer")
      return
    }
  }

  @Test("A FIN that waits for lost bytes is where it was captured")
  func finThatWaited() throws {
    let (_, close) = try tell {
      $0.text(.client, "before")
      $0.lose(40, .client)
      $0.fin(.client)
      $0.fin(.server)
      $0.wait(seconds: 3)
      $0.rst(.server)
    }
    #expect(close.verdict.closedBy == .client)
    #expect(close.verdict.evidence.contains(.fin(from: .client, packet: 7)), "\(close.verdict.evidence)")
  }

  @Test(
    "What waits without end is judged before its turn, and nothing is said of pongs that nobody asked for")
  func withoutEnd() throws {
    let (heard, close) = try tell(Self.handshake) {
      for round in 0..<4 { $0.text(.server, "the server's frames are recognised \(round)") }
      for round in 0..<100 { $0.frame(.server, .ping, [UInt8(round)]) }
      // Bytes in which no frame is found.
      $0.send(.client, [UInt8](repeating: 0x77, count: 2000))
      for round in 0..<100 { $0.frame(.server, .pong, [UInt8(round)]) }
      $0.fin(.server)
      $0.fin(.client)
    }
    #expect(pings(close, of: .server) == "0 of 100")
    #expect(!heard.rules.contains("unsolicited_pong"))
  }

  @Test("Questions of an application that nobody answers do not make pings doubtful")
  func manyQuestions() throws {
    let (heard, close) = try tell {
      for _ in 0..<(PacketOrder.limit * 2) { $0.text(.client, "ping") }
      $0.frame(.client, .pong)
      $0.end(.client)
    }
    #expect(close.heartbeats.first?.count == UInt64(PacketOrder.limit * 2))
    #expect(heard.rules.contains("unsolicited_pong"))
  }

  // MARK: Random conversations

  /// Pings, pongs, questions and answers of both sides between texts, some of which are lost; and what is to be said of them.
  private struct Talk {
    var session = SyntheticSession()
    private(set) var expected: [Expected] = []
    private(set) var controls: [Side: Int] = [.client: 0, .server: 0]

    /// The heartbeats of one kind and side.
    struct Expected: Equatable, CustomStringConvertible {
      var kind: HeartbeatKind
      var side: Side
      var count = 0
      var answered = 0
      var roundTrips: [Int64] = []

      var description: String { "\(side) \(kind): \(answered) of \(count) \(roundTrips.sorted())" }
    }

    private var open: [Side: [(payload: UInt8, time: CaptureTime)]] = [.client: [], .server: []]
    private var lastQuestion: [Side: CaptureTime] = [:]

    init(_ random: inout SeededRandom, losses: Int) {
      for side in Side.allCases { session.text(side, "a text that shows what the frames of the \(side) are") }
      for number in 0..<Int.random(in: 4...40, using: &random) { step(number, losses, &random) }
      // Enough to be in step again.
      for number in 0..<4 {
        for side in Side.allCases { session.text(side, "the \(side) goes on with the text \(number)") }
      }
      session.end(.client)
    }

    private mutating func step(_ number: Int, _ losses: Int, _ random: inout SeededRandom) {
      let side = Bool.random(using: &random) ? Side.client : .server
      let payload = UInt8.random(in: 0..<3, using: &random)
      let now = session.tcp.now
      switch Int.random(in: 0..<10, using: &random) {
      case 0...1:
        session.frame(side, .ping, [payload])
        controls[side, default: 0] += 1
        note(.ping, side) { $0.count += 1 }
        open[side]?.append((payload, now))
      case 2...3:
        session.frame(side, .pong, [payload])
        controls[side, default: 0] += 1
        guard let index = open[side.peer]?.firstIndex(where: { $0.payload == payload }) else { break }
        let asked = open[side.peer]?[index].time ?? now
        note(.ping, side.peer) {
          $0.answered += 1
          $0.roundTrips.append(now.nanoseconds(since: asked))
        }
        open[side.peer]?.removeSubrange(...index)
      case 4:
        session.text(side, "ping")
        note(.text, side) { $0.count += 1 }
        lastQuestion[side] = now
      case 5:
        session.text(side, "pong")
        guard let asked = lastQuestion[side.peer] else { break }
        note(.text, side.peer) {
          $0.answered += 1
          $0.roundTrips.append(now.nanoseconds(since: asked))
        }
        lastQuestion[side.peer] = nil
      case 6 where losses > 0 && Int.random(in: 0..<losses, using: &random) == 0:
        session.lose(Int.random(in: 10...90, using: &random), side)
      default:
        session.text(side, "the text number \(number) of the \(side)")
      }
      session.wait(seconds: Double(Int.random(in: 1...40, using: &random)) / 1000)
    }

    private mutating func note(_ kind: HeartbeatKind, _ side: Side, _ change: (inout Expected) -> Void) {
      let place = expected.firstIndex { $0.kind == kind && $0.side == side }
      if place == nil { expected.append(Expected(kind: kind, side: side)) }
      change(&expected[place ?? expected.count - 1])
    }
  }

  /// The losses are of whole texts, so that all that asks and answers is captured. `WSTAP_TALK_SEED` replays a run.
  @Test(
    "Who answered whom is told right, whatever was told late",
    arguments: [(0, 0), (0, handshake), (1, 0), (2, handshake)])
  func random(losses: Int, missing: Int) throws {
    let environment = ProcessInfo.processInfo.environment
    let seed = environment["WSTAP_TALK_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max / 2)
    print("WSTAP_TALK_SEED=\(seed)")
    var random = SeededRandom(seed: seed)
    let talks = environment["WSTAP_TALKS"].flatMap { Int($0) } ?? 300
    var compared = 0
    for _ in 0..<talks {
      let talk = Talk(&random, losses: losses)
      let heard = analyze(Array(talk.session.packets.dropFirst(missing)))
      guard let close = heard.closed.first, heard.closed.count == 1,
        close.client.unexplainedBytes == 0, close.server.unexplainedBytes == 0
      else { continue }
      compared += 1
      for (side, counts) in [(Side.client, close.client), (.server, close.server)] {
        #expect(counts.pings + counts.pongs == UInt64(talk.controls[side] ?? 0))
      }
      // Pongs without pings, which are a heartbeat of their own, are judged elsewhere.
      let found = close.heartbeats.filter { $0.kind != .pong }.map { beat in
        Talk.Expected(
          kind: beat.kind, side: beat.side, count: Int(beat.count), answered: Int(beat.answered ?? 0),
          roundTrips: beat.roundTrips.exact)
      }
      #expect(
        found.map(\.description) == talk.expected.map(\.description), "\(talk.session.packets.count) packets")
    }
    #expect(compared * 2 > talks, "of \(talks)")
  }
}

extension Distribution {
  /// All values, as long as there are few.
  fileprivate var exact: [Int64] {
    (0..<count).compactMap { quantile(perMille: ($0 + 1) * 1000 / max(1, count)) }
  }
}
