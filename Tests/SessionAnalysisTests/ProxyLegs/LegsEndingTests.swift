import Pipeline
import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import Output
@testable import SessionAnalysis
@testable import Sessions

/// Both legs of a session that said something, and then end as a script says.
private struct TwoLegs {
  var front: SyntheticSession
  var back: SyntheticSession

  init(server: String? = nil, request: [String] = []) {
    let fields = server.map { ["Server: \($0)"] } ?? []
    front = SyntheticSession(server: TestEndpoint("10.0.0.2", 80), request: request, response: fields)
    back = SyntheticSession(
      client: "10.0.0.2", clientPort: 50_000, server: TestEndpoint("10.0.0.3", 9000),
      start: .testStart.advanced(milliseconds: 1))
    for text in ["first message", "second message", "third message"] {
      front.text(.client, text)
      meet()
      back.text(.client, text)
      meet()
    }
  }

  /// Nothing was captured before of either leg that comes after what follows.
  mutating func meet() {
    let now = max(front.tcp.now, back.tcp.now)
    (front.tcp.now, back.tcp.now) = (now, now)
  }

  mutating func wait(_ seconds: Double) {
    meet()
    front.wait(seconds: seconds)
    back.wait(seconds: seconds)
  }

  mutating func onFront(_ script: (inout SyntheticSession) -> Void) {
    script(&front)
    meet()
  }

  mutating func onBack(_ script: (inout SyntheticSession) -> Void) {
    script(&back)
    meet()
  }

  var packets: [Packet] { front.packets + back.packets }
}

@Suite struct LegsEndingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let closedBy: ClosingSide?
    /// What the leg says that ends last.
    let sentence: String
    let steps: String
    let packets: [Packet]

    fileprivate init(
      _ name: String, by closer: ClosingSide?, _ sentence: String, _ steps: String, server: String? = nil,
      _ script: (inout TwoLegs) -> Void
    ) {
      (testDescription, closedBy, self.sentence, self.steps) = (name, closer, sentence, steps)
      var legs = TwoLegs(server: server)
      script(&legs)
      packets = legs.packets
    }
  }

  /// The proxy ends both legs: it is the server of the first and the client of the second.
  private static func timeout(_ legs: inout TwoLegs, after seconds: Double) {
    legs.wait(seconds)
    legs.onFront { $0.fin(.server) }
    legs.onBack { $0.fin(.client) }
    legs.onBack { $0.fin(.server) }
    legs.onFront { $0.fin(.client) }
  }

  static let cases = [
    Case(
      "a timeout of nginx", by: .proxy,
      "closed by the proxy between #1 and #2, 60.0 s after the last byte (nginx proxy_read_timeout)",
      "the proxy closed #1 (FIN in packet", server: "nginx/1.22.1"
    ) { timeout(&$0, after: 60) },
    Case(
      "a timeout of a proxy that does not say what it is", by: .proxy,
      "closed by the proxy between #1 and #2, 60.0 s after the last byte "
        + "(perhaps nginx proxy_read_timeout, AWS ALB idle timeout, Apache httpd Timeout)",
      "the proxy closed #1 (FIN in packet"
    ) { timeout(&$0, after: 60) },
    Case(
      "a timeout of Envoy", by: .proxy,
      "closed by the proxy between #1 and #2, 300.0 s after the last byte (Envoy stream_idle_timeout)",
      "the proxy closed #1 (FIN in packet", server: "envoy"
    ) { timeout(&$0, after: 300) },
    Case(
      "a timeout of HAProxy, as Debian configures it", by: .proxy,
      "closed by the proxy between #1 and #2, 50.0 s after the last byte "
        + "(perhaps HAProxy as Debian configures it)",
      "the proxy closed #1 (FIN in packet"
    ) { timeout(&$0, after: 50) },
    Case(
      "a timeout that a proxy has not by default", by: .proxy,
      "closed by the proxy between #1 and #2, 7.0 s after the last byte "
        + "(perhaps nginx proxy_read_timeout, by default 60 s)",
      "the proxy closed #1 (FIN in packet", server: "nginx"
    ) { timeout(&$0, after: 7) },
    Case(
      "a proxy that closes with a Close of its own", by: .proxy,
      "closed by the proxy between #1 and #2 with 1001 (going away)", "the proxy closed #1 (Close 1001"
    ) {
      $0.onFront { $0.close(.server, 1001) }
      $0.onBack { $0.fin(.client) }
      $0.onFront { $0.close(.client, 1001) }
      $0.onBack { $0.fin(.server) }
      $0.onFront { $0.end(.server) }
    },
    Case(
      "a proxy that resets both", by: .proxy, "reset by the proxy between #1 and #2",
      "the proxy reset #2 (RST in packet"
    ) {
      $0.onBack { $0.rst(.client) }
      $0.onFront { $0.rst(.server) }
    },
    Case(
      "a Close of the server, passed on", by: .server, "closed by the server with 1011 (internal error)",
      "the proxy passed the Close on to #1 in packet"
    ) {
      $0.onBack { $0.close(.server, 1011) }
      $0.onFront { $0.close(.server, 1011) }
      $0.onFront { $0.close(.client, 1011) }
      $0.onBack { $0.close(.client, 1011) }
      $0.onFront { $0.end(.server) }
      $0.onBack { $0.end(.server) }
    },
    Case(
      "a Close of the client that a skewed clock shows on the server's leg first", by: .client,
      "closed by the client with 1000 (normal closure)", "the proxy passed the Close on to #2 in packet"
    ) {
      $0.onBack { $0.close(.client, 1000) }
      $0.onFront { $0.close(.client, 1000) }
      $0.onBack { $0.close(.server, 1000) }
      $0.onFront { $0.close(.server, 1000) }
      $0.onFront { $0.end(.server) }
      $0.onBack { $0.end(.server) }
    },
    Case(
      "a server that dies", by: .server, "TCP closed by the server without a Close frame",
      "the server reset #2 (RST in packet"
    ) {
      $0.onBack { $0.rst(.server) }
      $0.onFront { $0.fin(.server) }
      $0.onFront { $0.fin(.client) }
    },
    Case(
      "a client that dies", by: .client, "TCP closed by the client without a Close frame",
      "the client reset #1 (RST in packet"
    ) {
      $0.onFront { $0.rst(.client) }
      $0.onBack { $0.fin(.client) }
      $0.onBack { $0.fin(.server) }
    },
    Case(
      "a server's leg that stays open", by: .proxy, "closed by the proxy between #1 and #2",
      "the proxy closed #1 (FIN in packet"
    ) {
      $0.onFront { $0.fin(.server) }
      $0.onFront { $0.fin(.client) }
    },
    Case(
      "a Close that the proxy swallows", by: .client, "TCP closed by the client without a Close frame",
      "the client closed #1 (Close 1000 (normal closure) in packet"
    ) {
      $0.onFront { $0.close(.client, 1000) }
      $0.onFront { $0.close(.server, 1000) }
      $0.onFront { $0.end(.server) }
      $0.onBack { $0.end(.client) }
    },
  ]

  @Test("Who ended a session is told by what was sent on both legs", arguments: cases)
  func ending(_ expected: Case) throws {
    let heard = analyze(expected.packets)
    #expect(heard.closed.map(\.closedBy) == [expected.closedBy, expected.closedBy])
    let last = try #require(heard.closed.last)
    let leg = try #require(last.legs.first)
    #expect(leg.isFinal)
    #expect(last.endingSentence.hasPrefix(expected.sentence), "\(last.endingSentence)")
    let told = leg.endingPhrases(seenFrom: last.session.number)
    #expect(told.count == 1 && told[0].hasPrefix(expected.steps), "\(told)")
  }

  @Test func aSessionOfOneLegIsTheClientsOrTheServersAsBefore() {
    var session = SyntheticSession()
    session.end(.server)
    let closed = analyze(session.packets).closed
    #expect(closed.map(\.closedBy) == [.server])
    #expect(closed[0].legsEnding == nil)
  }

  @Test(
    "Sessions of a client that has one key for all of them are not told as legs",
    arguments: [(delay: 500, texts: ["hello", "hello"]), (0, ["hello", "something else"]), (0, [])])
  func sameKey(delay: Int, texts: [String]) {
    var first = SyntheticSession()
    var second = SyntheticSession(
      clientPort: 40_001, server: TestEndpoint("10.0.0.3", 80),
      start: .testStart.advanced(milliseconds: delay))
    if texts.count == 2 {
      first.text(.client, texts[0])
      second.text(.client, texts[1])
    }
    first.wait(seconds: 1)
    second.wait(seconds: 1)
    first.end(.server)
    second.end(.client)
    let closed = analyze(first.packets + second.packets).closed
    #expect(closed.allSatisfy { $0.legsEnding == nil })
    #expect(Set(closed.map(\.closedBy)) == [.client, .server])
  }

  @Test func aSilenceThatOnlyOneLegShowsIsNoIdleTimeout() throws {
    var legs = TwoLegs(server: "nginx")
    legs.wait(59)
    // The server said something that the proxy kept.
    legs.onBack { $0.text(.server, "late") }
    legs.wait(1)
    legs.onFront { $0.fin(.server) }
    legs.onBack { $0.fin(.client) }
    legs.onBack { $0.fin(.server) }
    legs.onFront { $0.fin(.client) }
    let last = try #require(analyze(legs.packets).closed.last)
    #expect(last.closedBy == .proxy && last.cause == nil, "\(last.sentence)")
  }

  @Test("Fields that a proxy changed are listed, and secrets are not shown")
  func differences() throws {
    var legs = TwoLegs(request: [
      "Origin: https://app.example/?token=aB3dE5fG7hI9jK1lM3nO5pQ7", "Sec-WebSocket-Protocol: chat",
      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    ])
    legs.onFront { $0.end(.client) }
    legs.onBack { $0.end(.client) }
    var options = AnalysisOptions()
    options.hidesSecrets = true
    let last = try #require(analyze(legs.packets, options).closed.last)
    let found = try #require(last.legs.first).handshakeDifferences
    #expect(found.map(\.field) == ["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Origin"])
    #expect(found.allSatisfy { $0.back == nil && !$0.breaksUpgrade })
    #expect(found.last?.front?.contains("aB3dE5") == false, "\(found)")
  }
}
