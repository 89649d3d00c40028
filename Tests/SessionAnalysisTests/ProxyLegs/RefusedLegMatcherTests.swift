import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import Output
@testable import SessionAnalysis

@Suite struct RefusedLegMatcherTests {
  private static let upgrade = ["Upgrade: websocket", "Connection: Upgrade"]
  private static let version = "Sec-WebSocket-Version: 13"
  private static let key = "Sec-WebSocket-Key: \(SyntheticSession.key)"

  /// A client at 10.0.0.1 asks a proxy at 10.0.0.2, which asks a server at 10.0.0.3.
  private func legs(
    number: Int = 0, path: String = "/ws", at start: Int = 0, front: [String] = upgrade + [version, key],
    back: [String], version httpVersion: String = "HTTP/1.1", answers: (server: Int?, proxy: Int)
  ) -> [Packet] {
    var (asked, asks) = (
      TCPConversation(
        client: TestEndpoint("10.0.0.1", UInt16(40_000 + number)), server: TestEndpoint("10.0.0.2", 80),
        start: .testStart.advanced(milliseconds: start)),
      TCPConversation(
        client: TestEndpoint("10.0.0.2", UInt16(50_000 + number)), server: TestEndpoint("10.0.0.3", 9000),
        start: .testStart.advanced(milliseconds: start + 5))
    )
    func head(_ lines: [String]) -> [UInt8] { Array((lines.map { $0 + "\r\n" }.joined() + "\r\n").utf8) }
    func answer(_ status: Int) -> [UInt8] { head(["HTTP/1.1 \(status) No", "Content-Length: 0"]) }
    asked.handshake()
    asked.send(from: .client, head(["GET \(path) HTTP/1.1", "Host: h"] + front))
    asks.handshake()
    asks.send(from: .client, head(["GET \(path) \(httpVersion)", "Host: h"] + back))
    asks.wait(milliseconds: 3)
    if let status = answers.server { asks.send(from: .server, answer(status)) }
    asks.close()
    asked.now = asks.now
    asked.send(from: .server, answer(answers.proxy))
    asked.close()
    return asked.packets + asks.packets
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let back: [String]
    var version = "HTTP/1.1"
    let answers: [Int?]
    let basis: LegComparison.Basis
    let dropped: Bool
    let words: String
  }

  @Test(
    "Both legs of a request that was refused are one attempt",
    arguments: [
      Case(
        testDescription: "the server refuses", back: upgrade + [version, key], answers: [403, 403],
        basis: .key, dropped: false, words: "refused by the server with 403 in packet"),
      Case(
        testDescription: "the proxy drops Upgrade and asks with HTTP/1.0",
        back: ["Connection: close", version, key], version: "HTTP/1.0", answers: [400, 400], basis: .key,
        dropped: true, words: "refused by the server with 400 in packet"),
      Case(
        testDescription: "the proxy drops the key", back: upgrade + [version], answers: [400, 400],
        basis: .request, dropped: true, words: "refused by the server with 400 in packet"),
      Case(
        testDescription: "the proxy makes another answer of it", back: upgrade + [version, key],
        answers: [500, 502], basis: .key, dropped: false, words: "the server answered with 500 in packet"),
      Case(
        testDescription: "the server does not answer", back: upgrade + [version, key], answers: [nil, 504],
        basis: .key, dropped: false, words: "the server did not answer what the proxy asked in packet"),
    ])
  func linked(_ expected: Case) throws {
    let heard = analyze(
      legs(
        back: expected.back, version: expected.version,
        answers: (expected.answers[0], expected.answers[1] ?? 0)))
    #expect(heard.opened.count == 2)
    #expect(heard.opened.compactMap(\.leg).map(\.isInferred) == [expected.basis == .request])
    let legs = heard.closed.flatMap { close in close.legs.map { (close.session.number, $0) } }
    // The leg that ends last tells of both; the other one may have ended before it was known to be one.
    #expect(legs.map(\.1.isFinal) == [true])
    let (session, last) = try #require(legs.last)
    #expect(last.basis == expected.basis)
    let told = last.endingPhrases(seenFrom: session)
    #expect(told.count == 1 && told[0].hasPrefix(expected.words), "\(told)")
    // The server's leg has ended by then.
    let dropped = heard.anomalies.filter { $0.anomaly.rule == SessionRule.proxyDroppedUpgrade }
    #expect(dropped.map(\.session) == (expected.dropped ? [2] : []))
    #expect(dropped.allSatisfy { $0.anomaly.detail.hasSuffix(" (#1)") && $0.anomaly.side == nil })
    #expect(heard.lateAnomalies.isEmpty)
  }

  @Test(
    "What the proxy dropped is the cause where the server's answer is about the request",
    arguments: [(400, true), (426, true), (404, true), (200, true), (401, false), (403, false), (503, false)])
  func cause(status: Int, isCause: Bool) throws {
    let heard = analyze(
      legs(back: ["Connection: close", Self.version, Self.key], answers: (status, status)))
    let front = try #require(heard.closed.last)
    #expect(front.legs.first?.isFront == true)
    #expect((front.cause?.name == "proxy_dropped_upgrade") == isCause)
    if isCause {
      #expect(front.causePhrase == "because the proxy between #2 and #1 dropped Upgrade and Connection")
    }
  }

  @Test("What is asked after the answer is another attempt")
  func others() {
    let back = Self.upgrade + [Self.version]
    // The second one is asked for after the first was answered.
    let late = legs(back: back, answers: (400, 400)).map { packet in
      let isBack = packet.bytes[29] == 3 || packet.bytes[33] == 3
      return Packet(packet.bytes, time: isBack ? packet.time.advanced(milliseconds: 2000) : packet.time)
    }
    #expect(analyze(late).closed.allSatisfy { $0.legs.isEmpty })
  }

  @Test func eachOfManyAttemptsFindsItsOwn() {
    let packets = (0..<20).flatMap { number in
      legs(
        number: number, path: "/\(number)", at: 3 * number, back: Self.upgrade + [Self.version],
        answers: (400, 400))
    }
    let heard = analyze(packets)
    let ports = Dictionary(uniqueKeysWithValues: heard.opened.map { ($0.session.number, $0.client.port) })
    let pairs = heard.opened.compactMap { open in open.leg.map { (open.client.port, ports[$0.of] ?? 0) } }
    #expect(pairs.count == 20)
    #expect(pairs.allSatisfy { max($0, $1) - min($0, $1) == 10_000 })
  }
}
