import HTTP1
import PacketLayers
import SessionTestSupport
import TCPReassembly
import TestSupport
import Testing
import WebSocketDecoding
import WireBytes

@testable import SessionAnalysis

/// Limits on what is remembered of a session and of those before it, at the limit and one beyond.
@Suite("Limits of sessions, at the limit and one beyond")
struct SessionLimitTests {
  private func analyzed(_ script: (inout SyntheticSession) -> Void) -> Heard {
    var session = SyntheticSession()
    script(&session)
    return analyze(session.packets)
  }

  // MARK: One session

  @Test("Pings that wait for their pongs", arguments: [(64, true), (65, false)] as [(Int, Bool)])
  func openPings(count: Int, isFirstKnown: Bool) {
    let heard = analyzed { session in
      for number in 0..<count { session.frame(.server, Opcode.ping, [UInt8(number)]) }
      // The pong to the first one.
      session.frame(.client, Opcode.pong, [0])
    }
    #expect(heard.controls.last?.answers?.packet == (isFirstKnown ? 6 : nil))
    // Behind the limit a pong may be an answer to what is forgotten.
    #expect(!heard.rules.contains("unsolicited_pong"))
  }

  @Test(
    "Unanswered pings that are counted",
    arguments: [(1, "the ping"), (64, "64 pings, the last"), (65, "64 pings, the last")] as [(Int, String)])
  func unansweredPings(count: Int, words: String) {
    let heard = analyzed { session in
      for number in 0..<count { session.frame(.server, Opcode.ping, [UInt8(number)]) }
      session.wait(seconds: 6)
      session.text(.client, "still here")
    }
    let detail = heard.anomalies.last { $0.anomaly.rule == SessionRule.pingNotAnswered }?.anomaly.detail
    let verb = count == 1 ? " has" : ", have"
    #expect(
      detail?.hasPrefix("\(words) in packet \(5 + count)\(verb) no pong") == true, "\(detail ?? "nothing")")
  }

  @Test(
    "Violations that are remembered for the verdict",
    arguments: [15, 16, 40])
  func violations(before: Int) {
    let heard = analyzed { session in
      for _ in 0..<before { session.send(.client, [0xA9, 0x80, 1, 2, 3, 4]) }
      session.frame(.client, Opcode.text, [0xFF])
      session.close(.server, 1007)
      session.close(.client, 1007)
      session.end(.server)
    }
    #expect(heard.rules.count { $0 == "reserved_bit" } == before)
    #expect(heard.rules.contains("invalid_utf8"))
    #expect(heard.closed.first?.verdict.cause?.name == "violation")
  }

  @Test(
    "Reports of one rule, and what is said of those beyond",
    arguments: [(64, []), (65, [65])] as [(Int, [Int])])
  func reports(count: Int, suppressed: [Int]) {
    let heard = analyzed { session in
      for _ in 0..<count { session.send(.client, [0xA9, 0x80, 1, 2, 3, 4]) }
      session.end(.client)
    }
    #expect(heard.rules.count { $0 == "reserved_bit" } == 64)
    #expect(heard.closed.first?.suppressed.map(\.count) == suppressed)
    #expect(heard.closed.first?.suppressed.allSatisfy { $0.side == .client } == true)
  }

  /// A client that asks again and again on one connection, and is refused each time.
  private func refusals(_ count: Int) -> Heard {
    var tcp = TCPConversation()
    tcp.handshake()
    for _ in 0..<count {
      tcp.send(
        from: .client,
        ("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(SyntheticSession.key)\r\n\r\n").utf8)
      tcp.send(from: .server, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".utf8)
    }
    tcp.close()
    return analyze(tcp.packets)
  }

  @Test(
    "Refused requests of one connection that are open until it ends",
    arguments: [(64, 0), (65, 1), (66, 2)] as [(Int, Int)])
  func refused(count: Int, early: Int) {
    let heard = refusals(count)
    #expect(heard.opened.count == count)
    #expect(heard.closed.count == count)
    #expect(heard.closed.map(\.session.number) == Array(1...UInt64(count)))
    let last = heard.closed.last?.position.packet
    #expect(heard.closed.count { $0.position.packet != last } == early)
  }

  // MARK: Several sessions

  private func upgradeRequest() throws -> HTTPHead {
    let exchange = HTTP1Exchange()
    let request = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n"
    let place = StreamPosition(offset: 0, packet: 1, time: .testStart)
    guard case .found(let events) = exchange.receive(Array(request.utf8).span, from: .client, at: place),
      case .upgradeRequested(let head)? = events.first
    else { throw NoRequest() }
    return head
  }

  private struct NoRequest: Error {}

  private func client(_ number: Int) -> Endpoint {
    Endpoint(address: IPAddress(ipv4: 0x0A00_0000 + UInt32(number)), port: 40_000)
  }

  @Test("Clients that may come back", arguments: [(8192, true), (8193, false)] as [(Int, Bool)])
  func chains(clients: Int, isFirstKnown: Bool) throws {
    let server = Endpoint(address: IPAddress(ipv4: 1), port: 80)
    let handshake = Handshake(request: try upgradeRequest(), response: nil)
    var history = SessionHistory()
    func trace(_ session: Int, of number: Int, at start: CaptureTime) -> SessionTrace {
      SessionTrace(
        SessionReference(number: UInt64(session), start: start), client: client(number), server: server,
        handshake: handshake)
    }
    for number in 1...clients {
      history.closed(trace(number, of: number, at: .testStart), end: .testStart, isWanted: false)
    }
    let later = CaptureTime.testStart.advanced(milliseconds: 1000)
    let first = history.opened(trace(clients + 1, of: 1, at: later))?.reconnect
    #expect((first?.after == 1) == isFirstKnown)
    let last = history.opened(trace(clients + 2, of: clients, at: later))?.reconnect
    #expect(last?.after == UInt64(clients))
  }

  @Test(
    "Lost sessions of one client that wait for their successors",
    arguments: [(64, 1), (65, 2)] as [(Int, UInt64)])
  func lost(sessions: Int, first: UInt64) throws {
    let server = Endpoint(address: IPAddress(ipv4: 1), port: 80)
    let handshake = Handshake(request: try upgradeRequest(), response: nil)
    func trace(_ session: Int, at start: CaptureTime) -> SessionTrace {
      SessionTrace(
        SessionReference(number: UInt64(session), start: start), client: client(1), server: server,
        handshake: handshake)
    }
    var history = SessionHistory()
    for number in 1...sessions {
      history.closed(trace(number, at: .testStart), end: .testStart, isWanted: false)
    }
    let later = CaptureTime.testStart.advanced(milliseconds: 1000)
    let after = (1...70).map { history.opened(trace(sessions + $0, at: later))?.reconnect.after }
    #expect(after.first == first)
    #expect(after.compactMap { $0 } == Array(first...UInt64(sessions)))
  }

  @Test("Pauses of a client that are listed", arguments: [(16, 16), (17, 16)] as [(Int, Int)])
  func delays(reconnects: Int, listed: Int) {
    let packets = (0...reconnects).flatMap { number in
      var session = SyntheticSession(
        clientPort: 40_000 + UInt16(number), start: .testStart.advanced(milliseconds: number * 3000))
      session.end(.server)
      return session.packets
    }
    let last = analyze(packets).opened.last?.reconnect
    #expect(last?.count == reconnects)
    #expect(last?.delays.count == listed)
  }

  @Test("Servers whose ends are counted", arguments: [(4096, 1), (4097, 0)] as [(Int, Int)])
  func servers(count: Int, others: Int) {
    var ends = RecentEnds()
    for number in 1...count { _ = ends.note(client(number), at: .testStart) }
    #expect(ends.note(client(1), at: .testStart) == others)
  }

  // MARK: Legs

  private func message(_ number: Int, bytes: UInt64 = 100) -> MessageFingerprint {
    MessageFingerprint(
      number: UInt64(number), hash: UInt64(number), bytes: bytes,
      at: .testStart.advanced(milliseconds: number))
  }

  @Test(
    "Messages of a leg that wait for the other one",
    arguments: [(256, 0), (257, 1), (258, 2)] as [(Int, UInt64)])
  func waitingMessages(count: Int, differences: UInt64) {
    var alignment = LegAlignment(side: .client, mayStartLate: false)
    for number in 1...count { alignment.receive(message(number), onFront: true) }
    #expect(alignment.waiting == min(count, 256))
    #expect(alignment.differenceCount == differences)
  }

  @Test("Differences of two legs that are listed", arguments: [(16, 16), (17, 16)] as [(Int, Int)])
  func differences(count: Int, listed: Int) {
    var alignment = LegAlignment(side: .client, mayStartLate: false)
    for number in 1...count { alignment.receive(message(number), onFront: true) }
    alignment.finish(isWhole: true)
    #expect(alignment.differenceCount == UInt64(count))
    #expect(alignment.differences.count == listed)
  }

  @Test("Bytes from which on a message tells whose it is", arguments: [(4, 0), (5, 1)] as [(UInt64, Int)])
  func telling(bytes: UInt64, telling: Int) {
    var alignment = LegAlignment(side: .client, mayStartLate: false)
    alignment.receive(message(1, bytes: bytes), onFront: true)
    alignment.receive(message(1, bytes: bytes), onFront: false)
    #expect(alignment.matched == 1)
    #expect(alignment.telling == telling)
  }

  // MARK: Texts and notes

  @Test(
    "Bytes of a text that may be a heartbeat: an object of any members, and one that begins as heartbeats do",
    arguments: [(40, false, true), (41, false, false), (128, true, true), (129, true, false)]
      as [(Int, Bool, Bool)])
  func heartbeatTexts(bytes: Int, startsLikeOne: Bool, isOne: Bool) {
    let (start, end) =
      startsLikeOne
      ? ("{\"type\":\"ping\",\"id\":\"", "\"}") : ("{\"id\":\"", "\",\"type\":\"ping\",\"v\":1}")
    let text = start + String(repeating: "1", count: bytes - start.utf8.count - end.utf8.count) + end
    #expect((HeartbeatText(Array(text.utf8).span) != nil) == isOne)
  }

  private func retransmission(_ number: Int) -> TransportNote {
    .retransmitted(UInt64(number * 10)..<UInt64(number * 10 + 5), wasAcknowledged: false)
  }

  @Test(
    "What TCP did to bytes that no message has taken, of one direction",
    arguments: [(256, 256), (257, 129)] as [(Int, Int)])
  func notes(count: Int, kept: Int) {
    var notes = TransportNotes()
    var room = 100_000
    for number in 1...count {
      let place = StreamPosition(offset: UInt64(number * 10), packet: UInt64(number), time: .testStart)
      notes.take(retransmission(number), at: place, &room)
    }
    #expect(notes.count == kept)
    #expect(room == 100_000 - kept)
    #expect(notes.summary.retransmissions == UInt64(count))
  }

  @Test(
    "The same where there is little room in all", arguments: [(9, 9), (10, 10), (11, 10)] as [(Int, Int)])
  func notesInAll(count: Int, kept: Int) {
    var notes = TransportNotes()
    var room = 10
    for number in 1...count {
      let place = StreamPosition(offset: UInt64(number * 10), packet: UInt64(number), time: .testStart)
      notes.take(retransmission(number), at: place, &room)
    }
    #expect(notes.count == kept)
    #expect(notes.summary.retransmissions == UInt64(count))
  }
}
