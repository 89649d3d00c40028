import TestSupport
import Testing
import WireBytes

@testable import HTTP1

@Suite("An exchange until it is another protocol")
struct HTTP1ExchangeTests {
  @Test("an upgrade hands both sides over at the byte after their heads")
  func upgrades() {
    let conversation = Conversation([
      .client(upgrade), .server(switching + hello), .client(maskedHello), .server(hello),
    ])
    #expect(conversation.ending == .webSocket)
    #expect(conversation.requests.count == 1 && conversation.handshakes.map(\.outcome) == [.upgraded])
    #expect(conversation.clientAfter == maskedHello && conversation.serverAfter == hello + hello)
    #expect(conversation.isClientCertain)
  }

  @Test("how HTTP goes on for the client after the upgrade is the remainder's business")
  func clientRemainder() {
    let request = head(goodRequest + ["Content-Length: 6"])
    var body = Conversation([.client(request + [1, 2]), .server(switching + hello)])
    #expect(body.ending == .webSocket && body.isClientLate && body.serverAfter == hello)
    body.take(.client([3, 4, 5]))
    #expect(body.isClientLate && body.clientAfter.isEmpty)
    body.take(.client([6] + maskedHello))
    #expect(body.isClientCertain && body.clientAfter == maskedHello)

    var gap = Conversation([.client(request + [1, 2]), .server(switching)])
    gap.take(.clientLost(4))
    #expect(gap.isClientCertain)
    var longGap = Conversation([.client(request + [1, 2]), .server(switching)])
    longGap.take(.clientLost(5))
    #expect(!longGap.isClientLate && !longGap.isClientCertain)

    // The request is not captured; what cannot be read comes back, with what had been collected before.
    var late = Conversation([.server(switching + hello)], startCaptured: false)
    #expect(late.isClientLate)
    late.take(.client(Array(get.dropLast(20))))
    late.take(.client(Array(get.suffix(20))))
    late.take(.client(Array("AB".utf8)))
    #expect(late.isClientLate && late.clientAfter.isEmpty)
    late.take(.client([1, 2]))
    #expect(!late.isClientLate && !late.isClientCertain && late.clientAfter == Array("AB".utf8) + [1, 2])
    #expect(late.replayed.pieces.map(\.peerAcknowledged) == [4000])
  }

  @Test(
    "frames where an upgrade request should have a chunk break its body, and are frames, whenever the 101 comes"
  )
  func framesInsteadOfChunks() {
    let request = head(goodRequest + ["Transfer-Encoding: chunked"])
    let (asked, framed) = (Step.client(request), Step.client(maskedHello))
    let answered = Step.server(switching + hello)
    for steps in [
      [asked, answered, framed], [asked, framed, answered], [answered, asked, framed],
      [.client(request + maskedHello), answered], [answered, .client(request + maskedHello)],
    ] {
      let conversation = Conversation(steps + [framed, answered])
      #expect(conversation.ending == .webSocket && conversation.isClientCertain)
      #expect(conversation.rules == ["http_chunk_syntax"])
      #expect(conversation.clientAfter == maskedHello + maskedHello)
      #expect(conversation.serverAfter == hello + switching + hello)
    }
  }

  @Test(
    "a 101 has no body, whatever its fields say",
    arguments: ["Transfer-Encoding: chunked", "Content-Length: 5"])
  func switchWithBodyFields(field: String) {
    let answered = Step.server(head(goodResponse + [field]) + hello)
    for steps in [[.client(upgrade), answered], [answered, .client(upgrade)]] {
      let conversation = Conversation(steps + [.client(maskedHello), .server(hello)])
      #expect(conversation.ending == .webSocket && conversation.isClientCertain && conversation.rules.isEmpty)
      #expect(conversation.handshakes.map { $0.anomalies.map(\.rule.name) } == [["body_fields_in_101"]])
      #expect(conversation.clientAfter == maskedHello && conversation.serverAfter == hello + hello)
    }
  }

  @Test("a 101 that comes before its request waits for that one, however the client's requests are cut")
  func switchBeforeOrdinaryRequest() {
    for requests in [
      [get + upgrade + maskedHello], [get, upgrade, maskedHello], [get, upgrade + maskedHello],
    ] {
      let conversation = Conversation([.server(switching + hello)] + requests.map { .client($0) })
      #expect(conversation.ending == .webSocket && conversation.isClientCertain)
      #expect(conversation.handshakes.map(\.acceptValid) == [true])
      #expect(conversation.clientAfter == maskedHello && conversation.serverAfter == hello)
    }
  }

  @Test("a 101 to a request that was cut names that one, whichever comes first in the capture")
  func cutRequestAfterAnswer() {
    let conversation = Conversation([
      .server(switching + hello), .client(Array(upgrade.prefix(20))), .clientLost(100), .client(maskedHello),
    ])
    #expect(conversation.ending == .webSocket && conversation.handshakes.first?.request?.isCut == true)
    #expect(conversation.clientAfter == maskedHello && conversation.serverAfter == hello)
  }

  @Test("requests that come to light after the answer are not taken for frames")
  func lateRequest() {
    // The first request was lost; the others waited behind the hole until the 101 was read.
    for rest in [
      [get, get + upgrade + maskedHello], [get, get, upgrade, maskedHello], [upgrade + maskedHello],
    ] {
      let conversation = Conversation(
        [.server(ok + ok + switching + hello), .clientLost(UInt64(get.count))] + rest.map { .client($0) })
      #expect(conversation.ending == .webSocket)
      #expect(conversation.clientAfter == maskedHello && conversation.serverAfter == hello)
    }
  }

  @Test("frames that the client sends before the answer wait for it, wherever they are")
  func earlyFrames() throws {
    for steps in [
      [.client(upgrade + maskedHello), .server(switching)],
      [.client(upgrade), .client(maskedHello), .server(switching)],
      [
        .client(upgrade + maskedHello.prefix(3)), .client(Array(maskedHello.dropFirst(3))),
        .server(switching),
      ],
    ] as [[Step]] {
      var conversation = Conversation(steps.dropLast())
      #expect(conversation.clientAfter.isEmpty && conversation.ending == nil)
      conversation.take(try #require(steps.last))
      #expect(conversation.clientAfter == maskedHello && conversation.ending == .webSocket)
      let anomaly = try #require(conversation.handshakes.first?.anomalies.first)
      #expect(anomaly.rule == HandshakeRule.dataBeforeResponse && anomaly.side == .client)
      #expect(anomaly.detail.hasPrefix("11 bytes"))
    }
  }

  @Test(
    "bytes before the answer are too early; in hixie-76 the first eight are the challenge",
    arguments: [(1, true, false), (8, true, false), (9, true, true), (16, true, true)])
  func earlyBytes(count: Int, isEarly: Bool, isEarlyInHixie76: Bool) {
    let hixie76 = [
      "GET / HTTP/1.1", "Upgrade: WebSocket", "Connection: Upgrade", "Host: h", "Sec-WebSocket-Key1: 1 2",
    ]
    for (request, isEarly) in [(goodRequest, isEarly), (hixie76, isEarlyInHixie76)] {
      let conversation = Conversation([
        .client(head(request)), .client([UInt8](repeating: 0x81, count: count)), .server(switching),
      ])
      let found = conversation.handshakes.first?.anomalies.filter {
        $0.rule == HandshakeRule.dataBeforeResponse
      }
      #expect(
        found?.map(\.detail)
          == (isEarly
            ? [
              "\(count == 1 ? "1 byte of the client precedes" : "\(count) bytes of the client precede") "
                + "the server's answer in the capture"
            ] : []))
    }
  }

  @Test("the order in which the capture shows the two heads does not matter")
  func disorder() {
    for steps in [
      [.server(switching + hello), .client(upgrade + maskedHello)],
      [
        .server(Array(switching.prefix(20))), .client(upgrade), .server(switching.dropFirst(20) + hello),
        .client(maskedHello),
      ],
      [.server(Array(switching)), .server(hello), .client(upgrade), .client(maskedHello)],
      [.client(get), .server(ok + switching + hello), .client(upgrade + maskedHello)],
      [.server(ok + ok + switching + hello), .client(get + get), .client(upgrade + maskedHello)],
    ] as [[Step]] {
      let conversation = Conversation(steps)
      #expect(conversation.ending == .webSocket)
      #expect(conversation.handshakes.map(\.outcome) == [.upgraded])
      #expect(conversation.handshakes.first?.anomalies.isEmpty == true)
      #expect(conversation.clientAfter == maskedHello && conversation.serverAfter == hello)
    }
  }

  @Test("plain requests before an upgrade are no sessions, pipelined or not, whatever their bodies")
  func pipelined() {
    let post = head("POST / HTTP/1.1", "Content-Length: 4") + Array("GET ".utf8)
    let chunked = head("POST / HTTP/1.1", "Transfer-Encoding: chunked") + Array("3\r\nabc\r\n0\r\n\r\n".utf8)
    let answer =
      head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + Array("3\r\nabc\r\n0\r\nA: b\r\n\r\n".utf8)
    let conversation = Conversation([
      .client(get + post + chunked + upgrade), .server(ok + answer), .server(ok + switching), .server(hello),
    ])
    #expect(conversation.handshakes.map(\.outcome) == [.upgraded] && conversation.rules.isEmpty)
    #expect(conversation.serverAfter == hello)
  }

  @Test(
    "answers without a body do not shift the ones behind them",
    arguments: [
      (["HEAD / HTTP/1.1"], ["HTTP/1.1 200 OK", "Content-Length: 99"]),
      (["GET / HTTP/1.1"], ["HTTP/1.1 304 Not Modified", "Content-Length: 99"]),
      (["DELETE / HTTP/1.1"], ["HTTP/1.1 204 No Content"]),
      (["HEAD / HTTP/1.1"], ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked"]),
    ])
  func withoutBody(request: [String], response: [String]) {
    let early = head("HTTP/1.1 103 Early Hints", "Link: x") + head("HTTP/1.1 100 Continue")
    let conversation = Conversation([
      .client(head(request) + upgrade), .server(early + head(response) + early + switching),
    ])
    #expect(conversation.handshakes.map(\.outcome) == [.upgraded] && conversation.ending == .webSocket)
  }

  @Test("after a rejection HTTP goes on, with what the client had sent meanwhile")
  func rejected() {
    let refusal = head("HTTP/1.1 401 Unauthorized", "Content-Length: 2") + Array("no".utf8)
    let conversation = Conversation([
      .client(upgrade + get), .client(upgrade), .client(maskedHello), .server(refusal),
      .server(ok + switching + hello),
    ])
    #expect(conversation.handshakes.map(\.outcome) == [.rejected, .upgraded])
    #expect(conversation.clientAfter == maskedHello && conversation.serverAfter == hello)
    #expect(conversation.rules.isEmpty)
  }

  @Test("an upgrade request with a body hands over behind the body")
  func upgradeWithBody() {
    let request = head(goodRequest + ["Content-Length: 6"])
    let body = Array("abcdef".utf8)
    for steps in [
      [.client(request + body + maskedHello), .server(switching)],
      [.client(request + body.prefix(2)), .server(switching), .client(body.dropFirst(2) + maskedHello)],
    ] as [[Step]] {
      let conversation = Conversation(steps)
      #expect(conversation.ending == .webSocket && conversation.clientAfter == maskedHello)
    }
  }

  @Test("a request that shows up behind a hole in the upgrade request's body ends the wait")
  func holeInBody() {
    let request = head(goodRequest + ["Content-Length: 6"])
    let conversation = Conversation([
      .client(request + [1, 2]), .clientLost(50), .client(upgrade), .server(switching + hello),
    ])
    #expect(conversation.handshakes.map(\.outcome) == [.incomplete, .upgraded])
    #expect(conversation.serverAfter == hello)
  }

  @Test("a CONNECT answered with 2xx opens a tunnel, with another status it does not")
  func connect() {
    let connect = head("CONNECT h:80 HTTP/1.1", "Host: h:80")
    let opened = Conversation([
      .client(connect + upgrade),
      .server(head("HTTP/1.1 200 Connection established", "Content-Length: 5") + hello),
    ])
    #expect(opened.ending == .tunnel(target: "h:80") && opened.handshakes.isEmpty)
    #expect(opened.clientAfter == upgrade && opened.serverAfter == hello)

    let refusal = head("HTTP/1.1 407 x", "Content-Length: 1") + Array("x".utf8)
    let refused = Conversation([
      .client(connect), .server(refusal), .client(connect), .server(refusal), .client(upgrade),
      .server(switching),
    ])
    #expect(refused.ending == .webSocket)
  }

  @Test("an upgrade to something else leaves, or goes on where the server does not want it")
  func otherUpgrade() {
    let request = head("GET / HTTP/1.1", "Host: h", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c")
    let switched = Conversation([
      .client(request + Array("PRI".utf8)),
      .server(head("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: h2c") + [0, 0]),
    ])
    #expect(switched.ending == .other("h2c"))
    #expect(switched.clientAfter == Array("PRI".utf8) && switched.serverAfter == [0, 0])
    let ignored = Conversation([.client(request + upgrade), .server(ok + switching)])
    #expect(ignored.ending == .webSocket)
  }

  @Test("heads that a gap cuts say what follows as far as they were captured")
  func cutHeads() {
    let request = Array(head(goodRequest).prefix(60))
    let response = Array(head(goodResponse).prefix(60))
    let conversation = Conversation([
      .client(request), .clientLost(100), .server(response), .serverLost(70), .client(maskedHello),
      .server(hello),
    ])
    #expect(conversation.ending == .webSocket)
    let handshake = conversation.handshakes.first
    #expect(handshake?.outcome == .upgraded)
    #expect(handshake?.request?.isCut == true && handshake?.request?.target == "/chat")
    #expect(handshake?.response?.isCut == true && handshake?.response?.status == 101)
    #expect(handshake?.anomalies.map(\.rule.name) == ["http_head_unfinished", "http_head_unfinished"])
    let other = Conversation([.client([0x16, 3, 1]), .clientLost(100), .client(maskedHello)])
    #expect(other.ending == .notHTTP)
  }

  @Test("what does not begin as HTTP is handed back whole")
  func notHTTP() {
    let tls: [UInt8] = [0x16, 3, 1, 2, 0]
    for steps in [
      [.client(tls)], [.client(Array(tls.prefix(1))), .client(Array(tls.dropFirst()))],
    ] as [[Step]] {
      let conversation = Conversation(steps)
      #expect(conversation.ending == .notHTTP && conversation.clientAfter == tls)
    }
    let smtp = Conversation([.server(Array("220 hi\r\n".utf8)), .client(Array("EHLO".utf8)), .client([13])])
    #expect(smtp.ending == .notHTTP && smtp.serverAfter == Array("220 hi\r\n".utf8))
    let cut = Conversation([.client(Array("EH".utf8)), .client(Array("LO x\r".utf8)), .client([10, 1])])
    #expect(cut.ending == .notHTTP && cut.clientAfter == Array("EHLO x\r\n\u{1}".utf8))
    let both = Conversation([.client(Array("GE".utf8)), .server(Array("HTT".utf8)), .server([0x81])])
    #expect(both.ending == .notHTTP && both.clientAfter == Array("GE".utf8))
    #expect(both.serverAfter == Array("HTT".utf8) + [0x81])
  }

  @Test("a 101 without its request is an upgrade all the same")
  func requestNotCaptured() throws {
    let midStream = Conversation([.server(switching + hello), .client(maskedHello)], startCaptured: false)
    let firstFrame = Conversation([.server(switching + hello), .client(maskedHello)])
    let gap = Conversation([.clientLost(200), .server(switching + hello), .client(maskedHello)])
    let ended = Conversation([.server(switching + hello), .client([]), .clientEnd, .serverEnd])
    for conversation in [midStream, firstFrame, gap, ended] {
      #expect(conversation.ending == .webSocket && conversation.serverAfter == hello)
      let handshake = try #require(conversation.handshakes.first)
      #expect(handshake.request == nil && handshake.outcome == .upgraded && handshake.acceptValid == nil)
      #expect(handshake.anomalies.map(\.rule) == [HandshakeRule.requestNotCaptured])
    }
    for conversation in [midStream, firstFrame, gap] {
      #expect(conversation.clientAfter == maskedHello)
    }
  }

  @Test(
    "a 101 to a request that was cut is an upgrade, and says nothing of what was cut off",
    arguments: [8, 20, 60])
  func cutRequest(bytes: Int) throws {
    for rest in [[.clientLost(100)], [.clientLost(50), .client(Array("bbed: yes\r\n\r\n".utf8))]] as [[Step]]
    {
      let conversation = Conversation(
        [.client(Array(upgrade.prefix(bytes)))] + rest + [.server(switching + hello), .client(maskedHello)])
      #expect(conversation.ending == .webSocket && conversation.serverAfter == hello)
      #expect(conversation.clientAfter == maskedHello)
      let handshake = try #require(conversation.handshakes.first)
      #expect(handshake.request?.isCut == true && handshake.outcome == .upgraded)
      #expect(handshake.acceptValid == nil)
      #expect(handshake.anomalies.map(\.rule) == [HTTPRule.headUnfinished])
    }
  }

  @Test("an answer behind the rest of a response that a gap cut is found", arguments: [1, 3])
  func answerBehindGap(pieces: Int) {
    let chunks = (0..<pieces).map { _ in Step.server(Array("4\r\nbody\r\n".utf8)) }
    let conversation = Conversation(
      [.client(get), .client(upgrade), .serverLost(100)] + chunks
        + [.server(switching + hello), .client(maskedHello), .server(hello)])
    #expect(conversation.ending == .webSocket)
    #expect(conversation.handshakes.map(\.outcome) == [.upgraded])
    #expect(conversation.handshakes.first?.request?.target == "/chat")
    #expect(conversation.clientAfter == maskedHello && conversation.serverAfter == hello + hello)
  }

  @Test("where a gap took the answer, frames behind the rest of it are handed over with it")
  func framesBehindGap() {
    let rest = Array("Connection: Upgrade\r\n\r\n".utf8)
    let conversation = Conversation([
      .client(upgrade), .serverLost(50), .server(rest), .server(hello), .client(maskedHello),
    ])
    #expect(conversation.ending == .unknown)
    #expect(conversation.handshakes.map(\.outcome) == [.incomplete])
    #expect(conversation.clientAfter == maskedHello && conversation.serverAfter == rest + hello)
  }

  @Test("a cut request is not taken for one that was answered, or came later")
  func otherRequest() {
    let plain = Array(get.prefix(10))
    let answered = Conversation([.client(plain), .clientLost(9), .server(ok), .server(switching + hello)])
    #expect(answered.handshakes.first?.request == nil)
    let later = Conversation([
      .client(plain), .clientLost(UInt64(get.count - 10)), .client(upgrade), .server(ok + switching + hello),
    ])
    #expect(later.handshakes.first?.request?.isCut == false)
  }

  @Test("when the answer is lost, what follows is handed over with an incomplete handshake")
  func responseLost() {
    for steps in [
      [.client(upgrade), .serverLost(129), .server(hello), .client(maskedHello)],
      [.client(upgrade), .client(maskedHello), .serverLost(129), .server(hello)],
    ] as [[Step]] {
      let conversation = Conversation(steps)
      #expect(conversation.ending == .unknown && conversation.handshakes.map(\.outcome) == [.incomplete])
      #expect(conversation.clientAfter == maskedHello && conversation.serverAfter == hello)
    }
    // The status is answer enough.
    let cut = Conversation([
      .client(upgrade), .server(Array(switching.prefix(30))), .serverLost(99), .server(hello),
      .client(maskedHello),
    ])
    #expect(cut.ending == .webSocket && cut.handshakes.map(\.outcome) == [.upgraded])
    #expect(cut.clientAfter == maskedHello && cut.serverAfter == hello)
    let onlyClient = Conversation([.client(upgrade + maskedHello), .serverEnd, .clientEnd])
    #expect(onlyClient.ending == .unknown && onlyClient.clientAfter == maskedHello)
  }

  @Test("what the held bytes look like does not depend on how they were cut")
  func heldBytesInPieces() {
    // A plus sign could begin a method, a control byte after it cannot.
    let after = Array("+\u{5}heard".utf8)
    let whole = Conversation([.client(upgrade + after), .serverEnd, .clientEnd])
    let cut = Conversation([
      .client(upgrade), .client(Array(after.prefix(1))), .client(Array(after.dropFirst())), .serverEnd,
      .clientEnd,
    ])
    #expect(whole.ending == .unknown && cut.ending == .unknown)
    #expect(whole.clientAfter == after && cut.clientAfter == after)
  }

  @Test("when both heads are lost after other requests, both sides are worth a fresh look")
  func bothLost() {
    let conversation = Conversation([
      .client(get), .server(ok), .clientLost(200), .serverLost(129), .server(hello), .client(maskedHello),
    ])
    #expect(conversation.ending == .unknown && conversation.clientAfter == maskedHello)
  }

  @Test("when both heads are lost, what came before that was known is handed over too")
  func bothLostInTurn() {
    let (twice, thrice) = (maskedHello + maskedHello, hello + hello + hello)
    for steps in [
      [.clientLost(200), .client(maskedHello), .client(maskedHello), .serverLost(129), .server(thrice)],
      [
        .serverLost(129), .server(hello), .server(hello), .server(hello), .clientLost(200),
        .client(maskedHello), .client(maskedHello),
      ],
      [
        .clientLost(200), .client(Array(maskedHello.prefix(3))), .client(Array(twice.dropFirst(3))),
        .serverLost(129), .server(thrice),
      ],
    ] as [[Step]] {
      let conversation = Conversation([.client(get), .server(ok)] + steps)
      #expect(conversation.ending == .unknown)
      #expect(conversation.clientAfter == twice && conversation.serverAfter == thrice)
    }
    // A server that says nothing any more cannot be asked.
    let silent = Conversation([
      .client(get), .server(ok), .clientLost(200), .client(maskedHello), .serverLost(129),
      .client(maskedHello),
    ])
    #expect(silent.ending == .unknown && silent.clientAfter == twice)
  }

  @Test("what nobody could read is HTTP when the other side goes on with it, and is bounded")
  func unreadBytesOfHTTP() {
    let answered = Conversation([
      .client(get), .server(ok), .clientLost(200), .client(maskedHello), .server(ok), .serverLost(50),
      .server(hello),
    ])
    #expect(answered.ending == .unknown && answered.clientAfter.isEmpty)
    var limits = HTTPLimits()
    limits.heldBytes = 1000
    let many = [Step](repeating: .client(maskedHello), count: 300)
    let long = Conversation(
      [.client(get), .server(ok), .clientLost(200)] + many + [.serverLost(129), .server(hello)],
      limits: limits)
    #expect(long.ending == .unknown && long.clientAfter.count <= 1000)
    #expect(long.clientAfter.count >= 2 * maskedHello.count)
    #expect(long.clientAfter.suffix(maskedHello.count) == maskedHello[...])
  }

  @Test("lost bodies do not hide a later upgrade")
  func lostBodies() {
    let long = head("HTTP/1.1 200 OK", "Content-Length: 1000")
    for steps in [
      [.client(get), .server(long), .serverLost(1000), .client(upgrade), .server(switching)],
      [.client(get), .server(long), .serverLost(1000 + 40), .client(upgrade), .server(switching)],
      [
        .client(get), .server(long), .serverLost(1200), .server(Array("x".utf8)), .client(upgrade),
        .server(switching),
      ],
      [.clientLost(100), .server(ok), .client(upgrade), .server(switching)],
    ] as [[Step]] {
      #expect(Conversation(steps).handshakes.map(\.outcome) == [.upgraded])
    }
  }

  @Test("bytes that are lost between messages are no part of a head")
  func lostBetween() {
    let conversation = Conversation([
      .client(get), .server(ok), .clientLost(200), .serverLost(100), .client(get), .server(ok),
    ])
    #expect(conversation.rules == [] && conversation.ending == nil)
  }

  @Test("an answer that begins a packet is found after the rest of another response")
  func answerAfterRest() {
    let long = head("HTTP/1.1 200 OK", "Content-Length: 1000")
    let conversation = Conversation([
      .client(get + upgrade), .server(long), .serverLost(1200), .server(Array("xx".utf8)),
      .server(switching), .server(hello),
    ])
    #expect(conversation.handshakes.map(\.outcome) == [.upgraded])
    #expect(conversation.ending == .webSocket && conversation.serverAfter == hello)
  }

  @Test("an accept field is a WebSocket's in an answer, and nothing in a request")
  func acceptAlone() {
    let accept = "Sec-WebSocket-Accept: \(sampleAccept)"
    let answer = Conversation(
      [.server(head("HTTP/1.1 101 Switching Protocols", accept)), .server(hello)], startCaptured: false)
    #expect(answer.ending == .webSocket)
    let request = Conversation([.client(head("GET / HTTP/1.1", "Host: h", accept))])
    #expect(request.requests.isEmpty)
  }

  @Test("a 101 answers the upgrade even if the responses before it were lost")
  func lostResponses() {
    let conversation = Conversation([.client(get + get + upgrade), .serverLost(500), .server(switching)])
    #expect(conversation.handshakes.map(\.outcome) == [.upgraded])
  }

  @Test("what waits is bounded: then it is read without the other side's head")
  func bounded() {
    var limits = HTTPLimits()
    limits.heldBytes = 1000
    let frames = [[UInt8]](repeating: maskedHello, count: 100)
    var client = Conversation([.client(upgrade)], limits: limits)
    for frame in frames { client.take(.client(frame)) }
    #expect(client.ending == .unknown && client.clientAfter == Array(frames.joined()))
    #expect(client.handshakes.map(\.outcome) == [.incomplete] && client.rules == ["http_held_too_long"])

    var plain = Conversation([.client(upgrade)], limits: limits)
    for _ in 0..<100 { plain.take(.client(get)) }
    #expect(plain.ending == nil && plain.handshakes.map(\.outcome) == [.incomplete])
    plain.take(.client(upgrade))
    plain.take(.server(switching))
    #expect(plain.ending == .webSocket)

    var server = Conversation([.server(switching)], limits: limits)
    for _ in 0..<100 { server.take(.server(hello)) }
    #expect(server.ending == .webSocket && server.serverAfter.count == 700)
  }

  @Test("a response that waits finds its request after the server's end, and none after the client's")
  func waitingAtTheEnd() {
    let late = Conversation([.server(switching), .serverEnd, .client(upgrade), .client(maskedHello)])
    #expect(late.ending == .webSocket && late.handshakes.first?.request != nil)
    #expect(late.clientAfter == maskedHello)
    let never = Conversation([.server(switching), .clientEnd, .server(hello)])
    #expect(never.ending == .webSocket && never.handshakes.first?.request == nil)
    #expect(never.serverAfter == hello)
  }

  @Test("gaps and ends wait in their place among the bytes")
  func heldOrder() {
    var conversation = Conversation([
      .client(upgrade), .client(maskedHello), .clientLost(7), .client(maskedHello), .clientEnd,
    ])
    #expect(conversation.replayed.isEmpty)
    conversation.take(.server(switching))
    let seen = conversation.replayed.pieces.map { piece in
      switch piece.content {
      case .bytes(let bytes): "\(piece.position.packet): \(bytes.count) bytes"
      case .gap(let count): "\(piece.position.packet): gap \(count)"
      case .passedOver(let count): "\(piece.position.packet): passed over \(count)"
      case .end: "\(piece.position.packet): end"
      }
    }
    #expect(seen == ["2: 11 bytes", "3: gap 7", "4: 11 bytes", "5: end"])
    #expect(conversation.replayed.pieces.map(\.peerAcknowledged) == [2000, nil, 4000, nil])
  }

  @Test("a thousand requests without an answer are no burden")
  func oneDirection() {
    var conversation = Conversation()
    for _ in 0..<3000 { conversation.take(.client(get)) }
    conversation.take(.client(upgrade))
    conversation.take(.server(switching))
    #expect(conversation.ending == .webSocket)
  }

  @Test("syntax of plain heads is told beside the handshakes, that of the two heads in the handshake")
  func syntax() {
    let folded = head(goodRequest + ["X: a", " b"])
    let conversation = Conversation([
      .client(Array("GET / HTTP/1.1\n\n".utf8)), .server(ok), .client(folded), .server(switching),
    ])
    #expect(conversation.rules == ["http_bare_lf"])
    #expect(conversation.handshakes.first?.anomalies.map(\.rule) == [HTTPRule.foldedField])
  }
}
