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

  @Test(
    "A proxy's timeout is set in whole seconds",
    arguments: [
      (3.0, "nginx", true), (2.99, "nginx", true), (2.75, "nginx", true), (3.015, "nginx", true),
      (9.066, "nginx", false), (3.5, "nginx", false), (2.75, "envoy", false), (2.95, "envoy", true),
      (20.035, "envoy", true), (20.06, "envoy", false), (9.066, nil, false), (9.001, nil, true),
    ] as [(Double, String?, Bool)])
  func wholeSeconds(seconds: Double, server: String?, mayBe: Bool) throws {
    var legs = TwoLegs(server: server)
    Self.timeout(&legs, after: seconds)
    let last = try #require(analyze(legs.packets).closed.last)
    #expect(last.closedBy == .proxy)
    #expect(last.endingSentence.contains("s after the last byte"))
    #expect(last.endingSentence.contains("perhaps") == mayBe, "\(last.endingSentence)")
  }

  @Test func aPacketOfTheOtherLegIsNamedWithIt() throws {
    var legs = TwoLegs()
    let unmasked = SyntheticSession.frame(.server, .text, Array("no mask".utf8))
    legs.onFront { $0.send(.client, unmasked) }
    legs.onBack { $0.send(.client, unmasked) }
    legs.onBack { $0.close(.server, 1002) }
    legs.onFront { $0.close(.server, 1002) }
    legs.onBack { $0.end(.server) }
    legs.onFront { $0.end(.server) }
    let heard = analyze(legs.packets)
    let (first, last) = (try #require(heard.closed.first), try #require(heard.closed.last))
    #expect((first.session.number, last.session.number) == (2, 1))
    let place = heard.findings.first { $0.hasPrefix("#2 violation unmasked_client_frame") }
      .flatMap { $0.split(separator: "packet ").last?.split(separator: ",").first }
    #expect(
      last.causePhrase == "after unmasked_client_frame by the client in packet \(place ?? "") (#2)",
      "\(heard.findings)")
    #expect(last.sentence.hasSuffix("(#2)"))
  }

  @Test("What the client sends after the end has begun could not be passed on")
  func lateMessages() throws {
    var legs = TwoLegs()
    legs.onBack { $0.fin(.server) }
    legs.onBack { $0.fin(.client) }
    legs.onFront { $0.fin(.server) }
    legs.onFront { $0.text(.client, "one that comes late") }
    legs.onFront { $0.text(.client, "another one that comes late") }
    legs.onFront { $0.rst(.server) }
    let heard = analyze(legs.packets)
    #expect(heard.closed.map(\.closedBy) == [.server, .server])
    let leg = try #require(heard.closed.last?.legs.first)
    #expect((leg.matched, leg.differenceCount, leg.notCompared) == (3, 0, 2))
    #expect(!heard.rules.contains("legs_differ"))
    // The RST is the proxy's.
    #expect(
      heard.closed.last?.sentence == "TCP closed by the server without a Close frame (a browser reports 1006)"
    )
  }

  @Test("The verdict that the first leg to end points to is there, whatever is known later")
  func promisedVerdict() throws {
    var legs = TwoLegs()
    legs.onFront { $0.text(.client, "one that the proxy drops") }
    legs.onFront { $0.text(.client, "another one that the proxy drops") }
    legs.onBack { $0.end(.server) }
    legs.onFront { $0.end(.server) }
    let closed = analyze(legs.packets).closed
    let told = closed.map { close in close.legs.flatMap { $0.endingPhrases(seenFrom: close.session.number) } }
    #expect(told.first == ["the verdict on both legs is with #1"])
    #expect(told.last?.count == 1 && told.last?[0].hasPrefix("the server closed #2") == true, "\(told)")
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
