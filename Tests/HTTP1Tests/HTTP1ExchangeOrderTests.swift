import TestSupport
import Testing
import WireBytes

@testable import HTTP1

/// A gap is given up late, and then what follows it is read after all that the other side sent meanwhile.
@Suite("An exchange whose heads were cut, or are read in another order than they were sent")
struct HTTP1ExchangeOrderTests {
  @Test("A rejection whose head was cut answers the request before it, though others were cut as well")
  func cutRejectionAfterCutRequest() {
    let conversation = Conversation([
      .client(Array("GET /chat HTTP/1.1\r\nHost: ".utf8)), .clientLost(128),
      .server(head("HTTP/1.1 401 Unauthorized", "Content-Length: 2") + [0x6E, 0x6F]), .client(upgrade),
      .server(Array("HTTP/1.1 401 Unauthorized\r".utf8)), .serverLost(24),
      .client(Array("GET /chat485 HTTP/1.1\r\nHos".utf8)), .clientLost(177),
      .server(Array("HTTP/1.1 101 Switching Pro".utf8)), .serverLost(149), .client(maskedHello),
      .server(hello),
      .serverEnd,
    ])
    // The last two heads are an upgrade as well, of which only the starts were captured.
    #expect(conversation.handshakes.map(\.outcome) == [.rejected, .upgraded])
    #expect(conversation.handshakes.first?.response?.start.packet == 5)
  }

  @Test(
    "The same fields make a 101 one to WebSocket whether it waited for a request or not",
    arguments: [
      ("Sec-WebSocket-Accept: \(sampleAccept)", true), ("Sec-WebSocket-Version: 13", true),
      ("Sec-WebSocket-Key: \(sampleKey)", true), ("Sec-WebSocket-Key1: 1 2", true), ("Server: x", false),
    ])
  func switchWithoutRequest(field: String, isWebSocket: Bool) {
    let steps = [Step.server(head("HTTP/1.1 101 x", "Upgrade: h2c", field)), .client(maskedHello)]
    for startCaptured in [true, false] {
      let ending = Conversation(steps, startCaptured: startCaptured).ending
      #expect(
        ending == (isWebSocket ? .webSocket : .other("h2c")), "captured from its start: \(startCaptured)")
    }
  }

  @Test("A response that is read before its request, which a gap delayed, answers that one")
  func lateRequestsAfterGap() {
    var conversation = Conversation()
    conversation.take(.client(Array("GET /chat HTTP/1.1\r\nHost: ".utf8)), packet: 4)
    conversation.take(
      .server(head("HTTP/1.1 401 Unauthorized", "Content-Length: 2") + [0x6E, 0x6F]), packet: 5)
    conversation.take(.server(Array("HTTP/1.1 401 Unauthorized\r".utf8)), packet: 7)
    conversation.take(.serverLost(24), packet: 12)
    conversation.take(.server(Array("HTTP/1.1 101 Switching Pro".utf8)), packet: 9)
    conversation.take(.serverLost(149), packet: 12)
    conversation.take(.server(hello), packet: 11)
    #expect(conversation.events.isEmpty)
    // Now the gap is given up, and what follows it comes at last.
    conversation.take(.clientLost(128), packet: 12)
    conversation.take(.client(upgrade), packet: 6)
    #expect(conversation.handshakes.map(\.outcome) == [.rejected])
    #expect(conversation.handshakes.first?.request?.start.packet == 6)
    #expect(conversation.handshakes.first?.response?.start.packet == 7)
    conversation.take(.client(Array("GET /chat485 HTTP/1.1\r\nHos".utf8)), packet: 8)
    conversation.take(.clientLost(177), packet: 12)
    conversation.take(.client(maskedHello), packet: 10)
    conversation.take(.serverEnd, packet: 12)
    #expect(conversation.handshakes.map(\.outcome) == [.rejected, .upgraded])
    #expect(conversation.handshakes.last?.request?.start.packet == 8)
    #expect(conversation.handshakes.last?.response?.start.packet == 9)
  }

  @Test("A response after a gap does not wait for a request that follows it")
  func requestAfterResponse() {
    var conversation = Conversation()
    conversation.take(.client(get), packet: 4)
    conversation.take(.server(ok), packet: 5)
    conversation.take(.server(head("HTTP/1.1 403 Forbidden", "Content-Length: 0")), packet: 7)
    // What the gap took is the request of packet 6.
    conversation.take(.clientLost(50), packet: 9)
    conversation.take(.client(upgrade), packet: 8)
    #expect(conversation.handshakes.isEmpty)
    conversation.take(.server(switching), packet: 9)
    #expect(conversation.ending == .webSocket)
    #expect(conversation.handshakes.map(\.outcome) == [.upgraded])
  }

  @Test(
    "Heads that were both cut before they say to what are an upgrade of which that is not known",
    arguments: [
      ("GET / HTTP/1.1\r\nHost: h", "HTTP/1.1 101 Switching Pro", true),
      ("GET / HTTP/1.1\r\nUpgrade: webs", "HTTP/1.1 101 Switching Pro", false),
      ("GET / HTTP/1.1\r\nHost: h", "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nCo", false),
    ])
  func unnamed(request: String, response: String, isUnnamed: Bool) {
    let conversation = Conversation([
      .client(Array(request.utf8)), .clientLost(100), .server(Array(response.utf8)), .serverLost(90),
      .client(maskedHello), .server(hello),
    ])
    #expect(conversation.ending == (isUnnamed ? .unnamed : .webSocket))
    #expect(conversation.handshakes.map(\.outcome) == [.upgraded])
    #expect(conversation.clientAfter == maskedHello && conversation.serverAfter == hello)
  }

  @Test("How much of a response was captured is said of the request that it answers alone")
  func startOfResponse() {
    let (start, ok) = (Array("HTTP/1".utf8), head("HTTP/1.1 200 OK", "Content-Length: 0"))
    let cases: [([Step], String)] = [
      (
        [.client(upgrade), .server(start), .serverLost(90)],
        "only the first 6 bytes of the response to this request were"
      ),
      (
        [.client(upgrade), .server(Array(start.prefix(1))), .serverLost(90)],
        "only the first byte of the response to this request was"
      ),
      ([.client(upgrade), .serverLost(96)], "no response to this request was"),
      (
        [.client(get), .server(start), .serverLost(90), .client(upgrade), .server([])],
        "no response to this request was"
      ),
      (
        [.client(get), .server(start), .serverLost(90), .client(get), .server(ok), .client(upgrade)],
        "no response to this request was"
      ),
    ]
    for (number, (steps, words)) in cases.enumerated() {
      let conversation = Conversation(steps + [.serverEnd, .clientEnd])
      let found = conversation.handshakes.last?.anomalies.map(\.detail)
      #expect(found == ["\(words) captured"], "\(number)")
    }
  }

  @Test("What a client sent behind a refused request is there for a 101 that comes after all")
  func unreadBeforeSwitch() {
    let refusal = head("HTTP/1.1 403 Forbidden", "Content-Length: 0")
    let cases: [[Step]] = [
      [.server(refusal + switching + hello)], [.server(refusal), .server(switching + hello)],
      [.server(refusal), .server(Array(switching.prefix(20))), .server(switching.dropFirst(20) + hello)],
    ]
    for (number, answers) in cases.enumerated() {
      let conversation = Conversation([.client(upgrade + maskedHello)] + answers)
      #expect(conversation.ending == .webSocket, "\(number)")
      #expect(conversation.clientAfter == maskedHello && conversation.serverAfter == hello, "\(number)")
    }
  }
}
