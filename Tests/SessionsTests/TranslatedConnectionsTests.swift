import SessionTestSupport
import TCPReassembly
import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis
@testable import Sessions

@Suite("A connection before and after address translation")
struct TranslatedConnectionsTests {
  /// A session with these initial sequence numbers; only the client's and the server's addresses and ports differ by `number`.
  private func session(
    _ number: Int, _ sequences: (UInt32, UInt32) = (3_360_281_102, 638_585_273), milliseconds: Int = 0,
    key: String = SyntheticSession.key, path: String = "/", cut: Int? = nil
  ) -> [Packet] {
    var session = SyntheticSession(
      client: "10.0.\(number).1", clientPort: UInt16(40_000 + number),
      server: TestEndpoint(TestAddress("10.0.\(number).2"), 80), path: path,
      start: .testStart.advanced(milliseconds: milliseconds), key: key, sequences: sequences)
    session.text(.client, "hello")
    session.wait(seconds: 5)
    session.end(.client)
    guard let cut else { return session.packets }
    return session.packets.map { $0.cut(to: cut) }
  }

  private func sessions(_ packets: [[Packet]]) -> Int { analyze(packets.flatMap(\.self)).opened.count }

  @Test func anotherPortOfTheClientMakesNoOtherConnection() {
    let heard = analyze(session(0) + session(1))
    #expect(heard.opened.count == 1)
    #expect(heard.rules.filter { $0 == "address_translated" }.count == 1)
    #expect(
      heard.anomalies.last?.anomaly.detail.contains("10.0.1.1:40001 → 10.0.1.2:80: same initial") == true)
  }

  @Test(
    "Numbers that a program made up say nothing",
    arguments: [
      (0, 0), (0, 1), (1, 1), (1000, 5000), (100_000_000, 200_000_000), (0x1111_1111, 0x2222_2222),
      (3_360_281_102, 3_360_281_103), (0x0101_0100, 0x7654_3210), (0xFFFF_FFFF, 0xFFFF_FFFE),
    ] as [(UInt32, UInt32)])
  func madeUp(client: UInt32, server: UInt32) {
    #expect(sessions([session(0, (client, server)), session(1, (client, server))]) == 2)
  }

  @Test func theSameNumbersWithAnotherKeyAreMadeUpForGood() {
    let other = "x3JJHMbDL1EzLkh9GBhXDw=="
    #expect(sessions([session(0), session(1, key: other)]) == 2)
    #expect(sessions([session(0), session(1, key: other), session(2, key: other)]) == 3)
  }

  @Test("A copy begins at the same time", arguments: [(900, 1), (1100, 2)])
  func delay(milliseconds: Int, count: Int) {
    #expect(sessions([session(0), session(1, milliseconds: milliseconds)]) == count)
  }

  @Test(
    "A request that was cut before its key does as far as it goes",
    arguments: [
      (80, 80, "/", 0, 1), (80, 70, "/", 0, 1), (80, 300, "/", 0, 1), (80, 80, "/other", 0, 2),
      (80, 80, "/", 90, 1), (80, 80, "/", 110, 2), (300, 300, "/other", 0, 1),
    ])
  func cutRequest(first: Int, second: Int, path: String, milliseconds: Int, count: Int) {
    let sessions = [session(0, cut: first), session(1, milliseconds: milliseconds, path: path, cut: second)]
    #expect(self.sessions(sessions) == count)
  }

  @Test(
    "The key may be cut, too: it is one session at all snapshot lengths",
    arguments: Array(stride(from: 90, through: 250, by: 10)))
  func snapshotLengths(length: Int) throws {
    let heard = analyze(try packets(ofCase: "proxy/nat-whole").map { $0.cut(to: length) })
    #expect(heard.opened.count == 1)
    let closed = try #require(heard.closed.first)
    #expect((closed.client.messages, closed.server.messages) == (2, 2))
    #expect(closed.translations.count == 1)
    #expect(closed.verdict.how == .closeHandshake)
  }

  @Test func recordedWithAnotherPort() throws {
    let heard = analyze(try packets(ofCase: "proxy/nat-other-client-port"))
    #expect(heard.opened.count == 1)
    let closed = try #require(heard.closed.first)
    #expect(closed.translations.map { "\($0.initiator)" } == ["10.77.1.2:38176"])
    #expect(closed.legs.isEmpty && closed.client.messages == 2 && closed.server.messages == 2)
  }
}
