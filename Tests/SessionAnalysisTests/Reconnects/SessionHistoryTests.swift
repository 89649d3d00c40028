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
