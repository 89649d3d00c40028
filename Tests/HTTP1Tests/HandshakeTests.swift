import Testing
import WireBytes

@testable import HTTP1

@Suite("A handshake as a whole")
struct HandshakeTests {
  @Test("the example of RFC 6455 §1.2 is without fault")
  func example() throws {
    let request =
      goodRequest + ["Sec-WebSocket-Protocol: chat, superchat", "Sec-WebSocket-Extensions: a;b, c"]
    let response = goodResponse + ["Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: c; d=1"]
    let seen = try #require(handshake(request, response))
    #expect(seen.outcome == .upgraded && seen.anomalies.isEmpty && seen.dialect == .rfc6455)
    #expect((seen.key, seen.accept, seen.expectedAccept) == (sampleKey, sampleAccept, sampleAccept))
    #expect(seen.acceptValid == true)
    #expect((seen.version, seen.origin) == ("13", "http://example.com"))
    #expect(seen.subprotocolsOffered == ["chat", "superchat"] && seen.subprotocolsSelected == ["chat"])
    #expect(seen.extensionsOffered == ["a;b", "c"] && seen.extensionsSelected == ["c; d=1"])
    #expect(seen.url() == "ws://server.example.com/chat")
    #expect(seen.url(isSecure: true) == "wss://server.example.com/chat")
  }

  @Test("an accept of another key makes it invalid, and says what was expected")
  func wrongAccept() throws {
    let key = "K8o1cNIxO2pR6inTIDBSgg=="
    let seen = try #require(
      handshake(
        goodRequest.without("Sec-WebSocket-Key", adding: "Sec-WebSocket-Key: \(key)"),
        goodResponse.without(
          "Sec-WebSocket-Accept", adding: "Sec-WebSocket-Accept: GnoYH/ip/ZMh+a5rX5P/YR6e68g=")
      ))
    #expect(seen.outcome == .invalid && seen.acceptValid == false)
    #expect(seen.expectedAccept == "guE/5GyBmwSZ7hEA9Lc6ubvN+Iw=")
    let anomaly = try #require(seen.anomalies.first)
    #expect(
      anomaly.detail
        == "Sec-WebSocket-Accept is \"GnoYH/ip/ZMh+a5rX5P/YR6e68g=\", expected \"guE/5GyBmwSZ7hEA9Lc6ubvN+Iw=\""
    )
    #expect(anomaly.rule.reference == "RFC 6455 §4.2.2" && anomaly.side == .server)
    #expect(anomaly.position.packet == 2)
  }

  @Test("another status rejects, no response leaves it incomplete")
  func otherOutcomes() throws {
    let rejected = try #require(handshake(goodRequest, ["HTTP/1.1 403 Forbidden", "Content-Length: 0"]))
    #expect(rejected.outcome == .rejected && rejected.acceptValid == nil)
    let conversation = Conversation([.client(head(goodRequest)), .serverEnd, .clientEnd])
    let incomplete = try #require(conversation.handshakes.first)
    #expect(incomplete.outcome == .incomplete && incomplete.response == nil)
    #expect(incomplete.anomalies.map(\.rule) == [HandshakeRule.unanswered])
  }

  @Test(
    "the place is what the client named",
    arguments: [
      ("GET http://other.example/x HTTP/1.1", "ws://other.example/x"),
      ("GET /a?b=c HTTP/1.1", "ws://server.example.com/a?b=c"),
      ("GET x HTTP/1.1", "ws://server.example.com/x"),
    ])
  func urls(line: String, url: String) {
    #expect(handshake(goodRequest.beginning(line))?.url() == url)
    #expect(handshake(["GET / HTTP/1.1", "Upgrade: websocket"])?.url() == nil)
  }

  @Test("drafts are recognised by what they send")
  func dialects() {
    let hixie76 = [
      "GET / HTTP/1.1", "Upgrade: WebSocket", "Connection: Upgrade", "Host: h", "Sec-WebSocket-Key1: 1 2",
    ]
    let hixie75 = ["GET / HTTP/1.1", "Upgrade: WebSocket", "Connection: Upgrade", "Host: h", "Origin: o"]
    let old = ["HTTP/1.1 101 Web Socket Protocol Handshake", "Upgrade: WebSocket", "Connection: Upgrade"]
    for (request, response, dialect, rule) in [
      (hixie76, old, Handshake.Dialect.hixie76, HandshakeRule.draftHixie76),
      (hixie75, old + ["WebSocket-Origin: o"], .hixie75, HandshakeRule.draftHixie75),
      (hixie75 + ["WebSocket-Protocol: p"], old, .hixie75, HandshakeRule.draftHixie75),
    ] {
      let seen = handshake(request, response)
      #expect(seen?.dialect == dialect && seen?.outcome == .upgraded)
      #expect(seen?.anomalies.map(\.rule) == [rule])
    }
    for version in [0, 7, 8, 12] {
      let request = goodRequest.without("Sec-WebSocket-Version", adding: "Sec-WebSocket-Version: \(version)")
      let seen = handshake(request)
      #expect(seen?.dialect == .hybi(version: version) && seen?.outcome == .upgraded)
    }
  }

  @Test("long values are cut in the details, never in the heads")
  func longValues() throws {
    let value = String(repeating: "x", count: 5000)
    let seen = try #require(
      handshake(goodRequest.without("Upgrade", adding: "Upgrade: \(value)")))
    #expect(seen.request?["Upgrade"] == value)
    #expect(seen.anomalies.first?.detail.utf8.count ?? .max < 200)
  }
}
