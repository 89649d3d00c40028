import Testing
import WireBytes

@testable import HTTP1

@Suite("Heads where the body of another message should go on")
struct StrayHeadsTests {
  private static let post = head("POST /a HTTP/1.1", "Host: h", "Content-Length: 900") + Array("abc".utf8)
  private static let chunked =
    head("POST /a HTTP/1.1", "Host: h", "Transfer-Encoding: chunked") + Array("3\r\nabc\r\n".utf8)
  private static let created = head("HTTP/1.1 200 OK", "Content-Length: 0")
  private static let refused = head("HTTP/1.1 403 Forbidden", "Content-Length: 0")

  @Test("The answer to an upgrade ends a response without length, or with a wrong one")
  func answer() {
    let before: [[UInt8]] = [
      head("HTTP/1.1 200 Connection established"), head("HTTP/1.1 200 OK", "Content-Length: 9000"),
      head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + Array("500\r\nab".utf8),
    ]
    for response in before {
      let conversation = Conversation(
        [.server(response), .client(upgrade), .server(switching), .server(hello)], startCaptured: false)
      #expect(conversation.ending == .webSocket && conversation.serverAfter == hello)
      #expect(conversation.handshakes.last?.acceptValid == true)
    }
  }

  @Test(
    "A refusal ends a response without length, for nobody asks again on a connection that is to be closed")
  func refusal() {
    let steps: [Step] = [
      .server(head("HTTP/1.1 200 Connection established")), .client(upgrade), .server(Self.refused),
    ]
    #expect(Conversation(steps, startCaptured: false).handshakes.map(\.outcome) == [.rejected])
  }

  @Test("A body that holds a 101 for another key, or a refusal, goes on")
  func body() {
    let other = head(goodResponse.without("Sec-WebSocket-Accept", adding: "Sec-WebSocket-Accept: AAAA"))
    for bytes in [other, Self.refused, Array("HTTP/1.1 101 is the status".utf8)] {
      let conversation = Conversation(
        [
          .server(head("HTTP/1.1 200 OK", "Content-Length: 9000")), .client(upgrade), .server(bytes),
          .serverEnd, .clientEnd,
        ], startCaptured: false)
      #expect(conversation.handshakes.map(\.outcome) == [.incomplete])
    }
  }

  @Test("An upgrade request ends the body of an answered request if the next answer fits")
  func request() {
    for post in [Self.post, Self.chunked] {
      let granted = Conversation([
        .client(post), .server(Self.created), .client(upgrade), .server(switching), .client(maskedHello),
        .server(hello),
      ])
      #expect(granted.ending == .webSocket && granted.isClientCertain)
      #expect(granted.clientAfter == maskedHello && granted.serverAfter == hello)
      #expect(
        granted.handshakes.first?.acceptValid == true && granted.handshakes.first?.anomalies.isEmpty == true)
      let refused = Conversation([
        .client(post), .server(Self.created), .client(upgrade), .server(Self.refused), .client(get),
      ])
      #expect(refused.handshakes.map(\.outcome) == [.rejected])
    }
  }

  @Test("A body that holds an upgrade request is a body as long as no answer fits")
  func document() {
    let cases: [[Step]] = [
      // No further answer; the answer of the request itself; one for another key; the body goes on.
      [.client(Self.post), .server(Self.created), .client(upgrade)],
      [.client(Self.post), .client(upgrade), .server(Self.refused)],
      [
        .client(Self.post), .server(Self.created), .client(upgrade), .client(Array("text".utf8)),
        .server(Self.refused),
      ],
      [.client(Self.post), .server(Self.created), .client(upgrade + Array("x".utf8)), .server(Self.refused)],
    ]
    for (number, steps) in cases.enumerated() {
      #expect(Conversation(steps + [.clientEnd, .serverEnd]).handshakes.isEmpty, "\(number)")
    }
  }

  @Test("A 101 without a request that was read says whether the request was captured")
  func unread() {
    func detail(_ conversation: Conversation) -> String? {
      conversation.handshakes.first?.anomalies.first { $0.rule.name == "request_not_captured" }?.detail
    }
    let unread = Conversation([
      .client(Self.post), .server(Self.created), .client(upgrade + Array("x".utf8)), .server(switching),
      .clientEnd,
      .serverEnd,
    ])
    #expect(detail(unread)?.contains("was not read") == true)
    #expect(unread.handshakes.first?.isRequestUnread == true)
    let missing = Conversation([.server(switching)], startCaptured: false)
    #expect(detail(missing)?.contains("was not captured") == true)
  }
}
