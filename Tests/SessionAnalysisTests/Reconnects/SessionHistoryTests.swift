import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis

@Suite struct SessionHistoryTests {
  /// Sessions to one place, each so many milliseconds after the start, each ended at once.
  private func sessions(
    at starts: [Int], path: String = "/", end: (inout SyntheticSession) -> Void = { $0.end(.server) }
  ) -> [Packet] {
    starts.enumerated().flatMap { index, start in
      var session = SyntheticSession(
        clientPort: 40_000 + UInt16(start / 100 % 10_000) + UInt16(index), path: path,
        start: CaptureTime.testStart.advanced(milliseconds: start))
      end(&session)
      return session.packets
    }
  }

  @Test func aClientThatComesBackIsCountedWithItsDelays() {
    let heard = analyze(sessions(at: [0, 1000, 3000, 7000]))
    #expect(heard.opened.map { $0.reconnect?.count } == [nil, 1, 2, 3])
    #expect(heard.opened.map { $0.reconnect?.after } == [nil, 1, 2, 3])
    // The request is the fourth packet of a session, the first FIN the sixth.
    #expect(heard.opened.map { $0.reconnect.map { $0.delay / 1_000_000 } } == [nil, 998, 1998, 3998])
  }

  @Test func aClientThatWaitsLongerEachTimeShowsItsBackoff() {
    let heard = analyze(sessions(at: [0, 1000, 3000, 7000, 15_000]))
    #expect(heard.opened.map { $0.reconnect?.backoff?.shape } == [nil, nil, nil, .exponential, .exponential])
    #expect(heard.opened.last?.reconnect?.delays.map { $0 / 1_000_000 } == [998, 1998, 3998, 7998])
  }

  @Test func onlyTheLastDelaysAreKept() {
    let heard = analyze(sessions(at: (0..<40).map { $0 * 3000 }))
    #expect(heard.opened.last?.reconnect?.delays.count == 16)
    #expect(heard.opened.last?.reconnect?.backoff?.shape == .fixed)
  }

  @Test("Paths as long as a head can be are told apart to the last byte")
  func longPaths() {
    let start = "/" + String(repeating: "a", count: 4000)
    let packets =
      sessions(at: [0], path: start + "b") + sessions(at: [2000], path: start + "c")
      + sessions(at: [4000], path: start + "b?t=1")
    #expect(analyze(packets).opened.map { $0.reconnect?.count } == [nil, nil, 1])
  }

  @Test func aTokenInTheQueryMayChange() {
    let packets =
      sessions(at: [0], path: "/a?token=1") + sessions(at: [2000], path: "/a?token=2")
      + sessions(at: [4000], path: "/b")
    #expect(analyze(packets).opened.map { $0.reconnect?.count } == [nil, 1, nil])
  }

  @Test(
    "A client that closed by itself does not reconnect, one that was told to go does",
    arguments: [
      (Side.client, 1000, false), (.client, 1001, false), (.client, 1011, true), (.server, 1012, true),
    ])
  func wanted(side: Side, code: Int, isReconnect: Bool) {
    let heard = analyze(
      sessions(at: [0, 2000]) {
        $0.close(side, UInt16(code))
        $0.close(side.peer, UInt16(code))
        $0.end(.server)
      })
    #expect((heard.opened.last?.reconnect != nil) == isReconnect)
  }

  /// A session of some user; with `life` the server resets it so many milliseconds after its start.
  private func session(
    at start: Int, port: UInt16, life: Int? = nil, host: String = "h", request: [String] = []
  ) -> [Packet] {
    var session = SyntheticSession(
      clientPort: port, start: CaptureTime.testStart.advanced(milliseconds: start), request: request,
      host: host)
    if let life {
      session.tcp.wait(milliseconds: life)
      session.end(.server)
    }
    return session.packets
  }

  private func inOrder(_ packets: [Packet]) -> [Packet] {
    packets.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }

  @Test("Of the sessions after a lost one only the first replaces it")
  func oneSuccessor() {
    var packets = session(at: 0, port: 40_000, life: 100)
    for number in 1...7 { packets += session(at: 200 + number * 700, port: 41_000 + UInt16(number)) }
    let heard = analyze(packets)
    #expect(heard.opened.map { $0.reconnect?.after } == [nil, 1] + Array(repeating: nil, count: 6))
    #expect(!heard.rules.contains("reconnect_storm"))
  }

  @Test("As many sessions as were lost at once are one reconnect each, in their order")
  func oneReconnectEach() {
    var packets: [Packet] = []
    for number in 0..<8 { packets += session(at: number, port: 40_000 + UInt16(number), life: 1000 - number) }
    for number in 0..<10 { packets += session(at: 2000 + number * 400, port: 41_000 + UInt16(number)) }
    let heard = analyze(inOrder(packets))
    #expect(heard.opened.dropFirst(8).map { $0.reconnect?.after } == [1, 2, 3, 4, 5, 6, 7, 8, nil, nil])
    #expect(heard.opened.compactMap { $0.reconnect?.count } == Array(repeating: 1, count: 8))
    #expect(heard.opened.allSatisfy { $0.reconnect?.backoff == nil })
    #expect(!heard.rules.contains("reconnect_storm"))
  }

  @Test("A session that was lost long before the last one waits behind it")
  func lastLost() {
    let packets =
      session(at: 0, port: 40_000, life: 100) + session(at: 50, port: 40_001, life: 9000)
      + session(at: 10_000, port: 40_002)
    #expect(analyze(inOrder(packets)).opened.map { $0.reconnect?.after } == [nil, nil, 2])
  }

  @Test(
    "Users behind one address are told apart by their browsers and cookies",
    arguments: [
      (["User-Agent: a"], ["User-Agent: b"], false), (["User-Agent: a"], ["User-Agent: a"], true),
      (["User-Agent: a"], [], false), (["Cookie: sid=1"], ["Cookie: sid=2"], false),
      (["Cookie: sid=1; lb=1"], ["Cookie: lb=2; sid=1"], true), (["Cookie: sid=1"], [], false),
      (["Cookie: sid=1; a=1; b=1"], ["Cookie: sid=2; a=1; b=2"], false), ([], ["Cookie: ;"], true),
    ])
  func users(first: [String], second: [String], isReconnect: Bool) {
    let packets =
      session(at: 0, port: 40_000, life: 100, request: first)
      + session(at: 1000, port: 40_001, request: second)
    #expect(analyze(packets).opened.last?.reconnect?.after == (isReconnect ? 1 : nil))
  }

  @Test func ofSeveralUsersTheSameOneComesBack() {
    let cookies = (1...3).map { ["Cookie: lang=en; sid=\($0)"] }
    var packets: [Packet] = []
    for (number, cookie) in cookies.enumerated() {
      packets += session(at: number, port: 40_000 + UInt16(number), life: 100, request: cookie)
    }
    for (number, cookie) in cookies.reversed().enumerated() {
      packets += session(at: 1000 + number, port: 41_000 + UInt16(number), request: cookie)
    }
    #expect(analyze(inOrder(packets)).opened.map { $0.reconnect?.after } == [nil, nil, nil, 3, 2, 1])
  }

  @Test func anotherHostOfTheSameServerIsNoReconnect() {
    let packets =
      session(at: 0, port: 40_000, life: 100, host: "a") + session(at: 1000, port: 40_001, host: "b")
    #expect(analyze(packets).opened.allSatisfy { $0.reconnect == nil })
  }

  @Test("A proxy that asks for other clients does not reconnect")
  func upstreams() {
    var packets: [Packet] = []
    for number in 0..<3 {
      let start = CaptureTime.testStart.advanced(milliseconds: number * 1000)
      let key = "dGhlIHNhbXBsZSBub25jZ\(number)=="
      var front = SyntheticSession(
        client: "10.0.0.\(10 + number)", clientPort: 40_000, server: TestEndpoint("10.0.0.2", 80),
        start: start,
        key: key)
      var back = SyntheticSession(
        client: "10.0.0.2", clientPort: 50_000 + UInt16(number), server: TestEndpoint("10.0.1.3", 9000),
        start: start.advanced(milliseconds: 1), key: key)
      front.tcp.wait(milliseconds: 100)
      back.tcp.wait(milliseconds: 100)
      front.end(.server)
      back.end(.server)
      packets += front.packets + back.packets
    }
    let heard = analyze(inOrder(packets))
    #expect(heard.opened.count { $0.leg != nil } == 3)
    #expect(heard.opened.allSatisfy { $0.reconnect == nil })
  }

  @Test("Clients that all use one key are not proxies of each other")
  func oneKeyForAll() {
    var packets: [Packet] = []
    for number in 0..<2 {
      for server in [3, 4] {
        var session = SyntheticSession(
          client: "10.0.0.\(10 + server)", clientPort: 40_000 + UInt16(number),
          server: TestEndpoint(TestAddress("10.0.0.\(server)"), 80),
          start: .testStart.advanced(milliseconds: number * 1000 + server))
        session.tcp.wait(milliseconds: 100)
        session.end(.server)
        packets += session.packets
      }
    }
    #expect(analyze(inOrder(packets)).opened.map { $0.reconnect?.after } == [nil, nil, 1, 2])
  }

  @Test func aRequestWithoutUpgradeIsNoneOfAClientThatReconnects() {
    var packets: [Packet] = []
    for number in 0..<2 {
      var tcp = TCPConversation(
        client: TestEndpoint(TestAddress("10.0.0.1"), 40_000 + UInt16(number)),
        server: TestEndpoint("10.0.0.2", 80), start: .testStart.advanced(milliseconds: number * 1000))
      tcp.handshake()
      tcp.send(
        from: .client,
        Array(
          "GET / HTTP/1.0\r\nHost: h\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(SyntheticSession.key)\r\n\r\n"
            .utf8))
      tcp.send(from: .server, Array("HTTP/1.1 505 No\r\nContent-Length: 0\r\n\r\n".utf8))
      tcp.fin(from: .server)
      tcp.fin(from: .client)
      packets += tcp.packets
    }
    let heard = analyze(packets)
    #expect(heard.opened.count == 2)
    #expect(heard.opened.allSatisfy { $0.reconnect == nil })
  }

  @Test func oneThatComesBackAfterALongTimeIsNew() {
    #expect(analyze(sessions(at: [0, 700_000])).opened.allSatisfy { $0.reconnect == nil })
  }

  @Test(
    "Five reconnects within ten seconds are a storm, and are reported once",
    arguments: [(1000, 9, 1), (1000, 5, 0), (1900, 9, 1), (2400, 9, 0), (3000, 9, 0)])
  func storms(interval: Int, count: Int, reports: Int) {
    let heard = analyze(sessions(at: (0..<count).map { $0 * interval }))
    #expect(heard.rules.filter { $0 == "reconnect_storm" }.count == reports)
  }

  @Test func theLegsAroundAProxyAreFoundByTheKey() {
    var front = SyntheticSession(server: TestEndpoint("10.0.0.2", 80))
    var back = SyntheticSession(
      clientPort: 50_000, server: TestEndpoint("10.0.0.3", 9000),
      start: CaptureTime.testStart.advanced(milliseconds: 1))
    front.end(.client)
    back.end(.client)
    let heard = analyze(front.packets + back.packets)
    #expect(heard.opened.map { $0.leg?.of } == [nil, 1])
    #expect(heard.opened.last?.leg?.isFront == false)
    #expect(heard.opened.last?.leg?.delay == 1_000_000)
  }

  @Test func theSameKeyOnceMoreAtTheSameServerIsNoLeg() {
    #expect(analyze(sessions(at: [0, 0])).opened.allSatisfy { $0.leg == nil })
  }

  @Test func aKeyOfASessionThatIsOverIsNoLeg() {
    var first = SyntheticSession()
    first.end(.client)
    let second = SyntheticSession(
      clientPort: 50_000, server: TestEndpoint("10.0.0.3", 9000),
      start: CaptureTime.testStart.advanced(milliseconds: 5000))
    #expect(analyze(first.packets + second.packets).opened.allSatisfy { $0.leg == nil })
  }
}
