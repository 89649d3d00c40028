import SessionTestSupport
import Sessions
import Testing

@testable import Output
@testable import SessionAnalysis

/// Recordings of nginx, HAProxy and a small program between a client at 127.0.0.9 and a server at 127.0.0.3.
@Suite("Recordings of both legs around a proxy")
struct ProxyCaseTests {
  private func heard(_ name: String) throws -> Heard { analyze(try packets(ofCase: "proxy/\(name)")) }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let closedBy: ClosingSide
    /// How the leg that ends first, and the one that ends last, is said to end.
    let sentences: [String]
    /// What was sent on both legs.
    let steps: String
    let cause: String?
    var testDescription: String { name }

    init(_ name: String, by closer: ClosingSide, _ sentences: [String], _ steps: String, cause: String? = nil)
    {
      (self.name, closedBy, self.sentences, self.steps) = (name, closer, sentences, steps)
      self.cause = cause
    }
  }

  @Test(
    "There is one verdict over both legs, and neither contradicts it",
    arguments: [
      Case(
        "nginx-default-timeout-of-60s", by: .proxy,
        [
          "closed by the proxy between #2 and #1",
          "closed by the proxy between #2 and #1, 60.1 s after the last byte (nginx proxy_read_timeout)",
        ], "the proxy closed #1 (FIN in packet", cause: "idle_timeout"),
      Case(
        "nginx-timeout-of-3s", by: .proxy,
        [
          "closed by the proxy between #2 and #1",
          "closed by the proxy between #2 and #1, 3.0 s after the last byte "
            + "(perhaps nginx proxy_read_timeout, by default 60 s)",
        ], "the proxy closed #1 (FIN in packet 33), and #2 60 µs later (FIN in packet 34)", cause: "silence"),
      Case(
        "haproxy-tunnel-timeout-of-3s", by: .proxy,
        [
          "closed by the proxy between #2 and #1",
          "closed by the proxy between #2 and #1, 3.0 s after the last byte (perhaps an idle timeout)",
        ], "the proxy closed #2 (FIN in packet 29), and #1 76 µs later (RST in packet 30)", cause: "silence"),
      Case(
        "nginx-passes-close-on", by: .client,
        ["closed by the client with 4001", "closed by the client with 4001"],
        "the proxy passed the Close on to #1 in packet 28, 62 µs later", cause: "close_reason"),
      Case(
        "nginx-client-ends-tcp", by: .client,
        Array(repeating: "TCP closed by the client without a Close frame (a browser reports 1006)", count: 2),
        "the client closed #2 (FIN in packet 27), and the proxy closed #1 63 µs later (FIN in packet 28)"),
      Case(
        "nginx-server-dies", by: .server,
        Array(repeating: "TCP closed by the server without a Close frame (a browser reports 1006)", count: 2),
        "the server closed #1 (FIN in packet 29), and the proxy closed #2 164 µs later (FIN in packet 32)"),
      Case(
        "haproxy-client-resets", by: .client,
        Array(repeating: "TCP reset by the client without a Close frame (a browser reports 1006)", count: 2),
        "the client reset #2", cause: "unread_data"),
    ])
  func verdict(_ expected: Case) throws {
    let closed = try heard(expected.name).closed
    #expect(closed.map(\.closedBy) == [expected.closedBy, expected.closedBy])
    #expect(closed.map(\.endingSentence) == expected.sentences)
    let (first, last) = (try #require(closed.first), try #require(closed.last))
    #expect(last.cause?.name == expected.cause)
    let told = last.legs.flatMap { $0.endingPhrases(seenFrom: last.session.number) }
    #expect(told.count == 1 && told[0].hasPrefix(expected.steps), "\(told)")
    #expect(
      first.legs.flatMap { $0.endingPhrases(seenFrom: first.session.number) }
        == ["the verdict on both legs is with #\(last.session.number)"])
  }

  @Test func theEvidenceOfALegNamesTheProxy() throws {
    let closed = try heard("nginx-timeout-of-3s").closed
    #expect(closed[0].evidenceLines.last == "FIN from the proxy in packet 33, from the server in packet 35")
    #expect(closed[1].evidenceLines.last == "FIN from the proxy in packet 34, from the client in packet 37")
  }

  @Test("A request that lost its upgrade in the proxy is one attempt with its other leg")
  func droppedUpgrade() throws {
    let heard = try heard("nginx-drops-upgrade")
    #expect(heard.opened.last?.leg?.of == 1 && heard.opened.last?.leg?.isFront == true)
    let leg = try #require(heard.closed.last?.legs.first)
    #expect(leg.basis == .key && leg.isFinal && leg.of == 1)
    #expect(
      leg.handshakeDifferences.map(\.phrase) == [
        "the proxy passes on HTTP/1.0 (was HTTP/1.1)", #"the proxy passes on no Upgrade (was "websocket")"#,
        #"the proxy passes on Connection "close" (was "Upgrade")"#,
        #"the proxy passes on Host "127.0.0.3:9001" (was "127.0.0.2:8080")"#,
      ])
    #expect(
      leg.endingPhrases(seenFrom: 2)
        == ["refused by the server with 505 in packet 11 (#1); the proxy passed that on in packet 14 (#2)"])
    let first = try #require(heard.closed.first)
    #expect(
      first.legs.flatMap { $0.endingPhrases(seenFrom: first.session.number) }
        == ["the verdict on both legs is with #2"])
    #expect(heard.findings.filter { $0.contains("proxy_dropped_upgrade") }.count == 1)
    #expect(heard.closed.map { $0.cause?.name } == ["proxy_dropped_upgrade", "proxy_dropped_upgrade"])
    #expect(
      Set(heard.closed.map(\.causePhrase)) == [
        "because the proxy between #2 and #1 dropped Upgrade and Connection, and asked with HTTP/1.0"
      ])
  }

  @Test(
    "The upstream behind a 502, 503 or 504 is named",
    arguments: [
      (
        "nginx-502-upstream-refused", "upstream_refused",
        "upstream 127.0.0.3:9999 refused the connection (RST in answer to SYN, packet 7)"
      ),
      (
        "haproxy-503-upstream-refused-twice", "upstream_refused",
        "upstream 127.0.0.3:9999 refused 2 connections (RST in answer to SYN, packets 6, 9)"
      ),
      (
        "nginx-504-upstream-silent", "upstream_unanswered",
        "upstream 127.0.0.4:9001 did not answer 4 SYNs (packets 6 to 9)"
      ),
    ])
  func upstream(name: String, cause: String, words: String) throws {
    let close = try #require(try heard(name).closed.first)
    #expect(close.cause?.name == cause)
    #expect(close.causePhrase == words)
  }

  @Test func aMessageThatOneLegLacksIsALine() throws {
    let closed = try heard("proxy-drops-message").closed
    let last = try #require(closed.last)
    let lines = last.legs.flatMap { $0.differencePhrases(seenFrom: last.session.number) }
    #expect(lines.count == 1 && lines[0].contains("has message 2 from the client: packet"), "\(lines)")
  }

  @Test func aChainOfForwardedAddressesIsOneSessionOnTwoLegs() throws {
    let heard = try heard("nginx-forwarded-for-chain")
    #expect(heard.opened.count == 2)
    #expect(heard.closed.flatMap(\.legs).filter(\.isFinal).count == 1)
    #expect(heard.opened.allSatisfy { $0.reconnect == nil })
  }
}
