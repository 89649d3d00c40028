import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import Pipeline
@testable import Sessions

@Suite("Upgrade requests that are not read as they come")
struct UnreadRequestTests {
  private static let fields: [String] = [
    "Host: h", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ]
  private static let answer: [UInt8] = lines([
    "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  ])
  private static let refusal: [UInt8] = lines(["HTTP/1.1 403 Forbidden", "Content-Length: 0"])
  private static let unknown: [UInt8] = [0, 1, 2] + Array("sidecar".utf8) + [0xFF]
  private static let document: [UInt8] = Array(
    "1.2. Protocol\r\n\r\n   The handshake looks like this:\r\n\r\n".utf8)

  private static func lines(_ lines: [String]) -> [UInt8] {
    Array((lines.map { $0 + "\r\n" }.joined() + "\r\n").utf8)
  }

  private static func request(
    _ first: String = "GET /ws HTTP/1.1", fields: [String] = Self.fields
  ) -> [UInt8] {
    lines([first] + fields)
  }

  private enum Turn {
    case client([UInt8])
    case server([UInt8])
    case lost(Int, Side)
    /// So many bytes after these are not captured of their packet.
    case cut([UInt8], Int, Side)
  }

  private func hear(
    _ turns: [Turn], frames: Bool = false, hasSYN: Bool = true, segmentSize: Int = 1448, closes: Bool = true,
    _ options: AnalysisOptions = AnalysisOptions()
  ) -> Heard {
    var tcp = TCPConversation()
    if hasSYN { tcp.handshake() }
    var cuts: [Int: Int] = [:]
    for turn in turns {
      switch turn {
      case .client(let bytes): tcp.send(from: .client, bytes, segmentSize: segmentSize)
      case .server(let bytes): tcp.send(from: .server, bytes, segmentSize: segmentSize)
      case .lost(let count, let side): tcp.lose(count, from: side)
      case .cut(let bytes, let count, let side):
        cuts[tcp.packets.count] = count
        tcp.send(from: side, bytes + [UInt8](repeating: 0x20, count: count))
      }
    }
    if frames {
      tcp.text(from: .client, "hi")
      tcp.text(from: .server, "there")
    }
    if closes { tcp.close() }
    let packets = tcp.packets.enumerated().map { index, packet in
      var packet = packet
      packet.bytes.removeLast(cuts[index] ?? 0)
      return packet
    }
    return analyze(packets, options)
  }

  private func expectUnread(
    _ heard: Heard, at offset: Int, _ reason: UnreadRequest.Reason, _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = heard.summary.unreadRequests
    #expect(heard.opened.isEmpty && found.count == 1, comment, sourceLocation: sourceLocation)
    #expect(found.first?.position.offset == UInt64(offset), comment, sourceLocation: sourceLocation)
    if case .requestLine(let line) = found.first?.reason {
      #expect(.requestLine(line.withoutMarks) == reason, comment, sourceLocation: sourceLocation)
    } else {
      #expect(found.first?.reason == reason, comment, sourceLocation: sourceLocation)
    }
    #expect(found.first?.client.port == 40_000, comment, sourceLocation: sourceLocation)
  }

  // MARK: Behind unknown bytes

  private static let upgradeFields: [[String]] = [
    ["Upgrade: websocket"], ["Upgrade: h2c, websocket"], ["Upgrade:", " websocket"], ["Upgrade : WebSocket"],
    ["upgrade:websocket"],
  ]

  @Test("are told however the Upgrade field is written, with the client's place", arguments: upgradeFields)
  func spelled(upgrade: [String]) {
    let fields = ["Host: h"] + upgrade + Self.fields.dropFirst(2)
    for answer in [Self.answer, Self.refusal] {
      for size in [1, 7, 1448] {
        let heard = hear(
          [.client(Self.unknown + Self.request(fields: fields)), .server(answer)], segmentSize: size)
        expectUnread(heard, at: Self.unknown.count, .unknownProtocol, "segments of \(size)")
      }
    }
  }

  @Test("are told when the server does not answer and nothing speaks against it, early frames neither")
  func unanswered() {
    for frames in [[], [0x81, 0x82, 1, 2, 3, 4, 5, 6]] as [[UInt8]] {
      let heard = hear([.client(Self.unknown + Self.request()), .client(frames)], closes: false)
      expectUnread(heard, at: Self.unknown.count, .unknownProtocol)
    }
  }

  @Test("are told where the server closes without a word, but not where the client itself does at once")
  func closed() {
    for side in Side.allCases {
      var tcp = TCPConversation()
      tcp.handshake()
      tcp.send(from: .client, Self.document + Self.request())
      tcp.fin(from: side)
      tcp.fin(from: side.peer)
      let found = analyze(tcp.packets).summary.unreadRequests.map(\.position.offset)
      #expect(found == (side == .server ? [UInt64(Self.document.count)] : []))
    }
  }

  @Test("are told where the answer follows the server's own preamble in one packet")
  func answerBehindPreamble() {
    let policy = Array("<cross-domain-policy/>".utf8) + [0]
    let heard = hear([
      .client(Array("<policy-file-request/>".utf8) + [0] + Self.request()), .server(policy + Self.answer),
    ])
    expectUnread(heard, at: 23, .unknownProtocol)
  }

  @Test("are told where the first packets of SOCKS were lost; a 101 is no request")
  func lostSOCKS() {
    let heard = hear([
      .lost(3, .client), .server([5, 0]), .client([5, 1, 0, 1, 1, 2, 3, 4, 0, 80]),
      .server([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]), .client(Self.request()), .server(Self.answer),
    ])
    expectUnread(heard, at: 13, .unknownProtocol)
  }

  @Test(
    "A first line that is no request line is quoted, without what is secret",
    arguments: [
      ("G@T /ws HTTP/1.1", "G@T /ws HTTP/1.1"), ("GET /ws", "GET /ws"),
      ("GET /ws HTTP/2.0", "GET /ws HTTP/2.0"),
      ("GET /ws http/1.1", "GET /ws http/1.1"), ("GET HTTP/1.1", "GET HTTP/1.1"),
      ("G@T /ws?token=abcdefghij0123456789 HTTP/1.1", "G@T /ws?token=[redacted]"),
      ("Authorization: Bearer abc", "Authorization: Bearer [redacted]"), ("Cookie id=1", "Cookie [redacted]"),
      ("Sec-WebSocket-Protocol: a, access_token, b", "Sec-WebSocket-Protocol: a, access_token, [redacted]"),
      ("FETCH with Bearer abcdef123 and pw=x", "FETCH with Bearer [redacted] and pw=[redacted]"),
    ])
  func firstLine(line: String, shown: String) {
    var options = AnalysisOptions()
    options.hidesSecrets = true
    let turns: [Turn] = [.client(Self.request(line)), .server(Self.refusal)]
    expectUnread(hear(turns, options), at: 0, .requestLine(shown))
    // As the user asked for them.
    expectUnread(hear(turns), at: 0, .requestLine(line))
  }

  @Test("A request after a banner of the server says that it is the server's")
  func banner() {
    for banner in ["220 ready\r\n", "SSH-2.0-x\r\n"] {
      let heard = hear([.server(Array(banner.utf8)), .client(Self.request()), .server(Self.answer)])
      expectUnread(heard, at: 0, .unknownProtocolOfServer)
    }
  }

  @Test("After too many preambles, and after an upgrade to another protocol")
  func otherReasons() {
    let line = Array("PROXY TCP4 203.0.113.5 198.51.100.20 51234 80\r\n".utf8)
    let many = Array(repeating: line, count: Route.limit + 1).flatMap { $0 }
    expectUnread(
      hear([.client(many + Self.request()), .server(Self.answer)]), at: many.count, .tooManyPreambles)
    let h2c = Self.lines(["GET / HTTP/1.1", "Host: h", "Upgrade: h2c", "Connection: Upgrade"])
    let switched = Self.lines(["HTTP/1.1 101 X", "Upgrade: h2c", "Connection: Upgrade"])
    expectUnread(
      hear([.client(h2c), .server(switched), .client(Self.request()), .server(Self.answer)]),
      at: h2c.count, .otherProtocol("h2c"))
  }

  @Test("Documents, mail and copies of captures are no requests, whoever sends them")
  func documents() {
    let text = Self.document + Self.request()
    let cases: [[Turn]] = [
      // Downloads.
      [.server(text)], [.client(Array("RETR 1\r\n".utf8)), .server(Array("+OK\r\n".utf8) + text)],
      [.server(Array("* OK IMAP\r\n".utf8)), .client(Array("b FETCH\r\n".utf8)), .server(text)],
      [.client(Array("*1\r\n".utf8)), .server(Array("$215\r\n".utf8) + text + Self.answer)],
      // Uploads, with and without an answer.
      [.client(text)],
      [.client(Self.unknown + Self.request() + Self.answer)],
      [
        .client(Array("DATA\r\n".utf8)), .server(Array("354 go\r\n".utf8)), .client(text),
        .server(Array("250 queued\r\n".utf8)),
      ],
      [.client([0xD4, 0xC3, 0xB2, 0xA1] + Self.request()), .client([0, 9, 8] + Self.answer)],
    ]
    for (number, turns) in cases.enumerated() {
      let heard = hear(turns)
      #expect(heard.opened.isEmpty && heard.summary.unreadRequestCount == 0, "\(number)")
    }
  }

  // MARK: Joined midstream

  @Test("A request behind the rest of something is read with its answer, if the SYN is missing")
  func midstream() {
    for rest in [[0x17, 9, 0, 0xFE, 7], Array("abcdef\r\n0\r\n\r\n".utf8)] as [[UInt8]] {
      let refused = hear(
        [.client(rest + Self.request()), .server(Self.refusal)], hasSYN: false)
      #expect(refused.opened.map(\.outcome) == [.rejected])
      let granted = hear(
        [.client(rest + Self.request()), .server(Self.answer)], frames: true, hasSYN: false)
      #expect(granted.opened.first?.handshake?.acceptValid == true)
      #expect(granted.closed.first?.client.messages == 1 && granted.closed.first?.server.messages == 1)
      let followed = hear(
        [.client(rest + Self.request() + [9, 9, 9]), .server(Self.refusal)], hasSYN: false)
      #expect(followed.opened.isEmpty)
    }
  }

  // MARK: --decode-as

  @Test("--decode-as reads on from the request, whatever came before it on both sides")
  func forced() {
    var options = AnalysisOptions()
    options.ports.asWebSocket = [80]
    let connack: [UInt8] = [0x20, 2, 0, 0]
    let connect: [UInt8] = [0x10, 0x0C, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 2, 0, 0x3C, 0, 0]
    let cases: [([Turn], hasRequest: Bool)] = [
      ([.client(Self.unknown + Self.request()), .server(Self.answer)], true),
      ([.client(Self.unknown), .client(Self.request()), .server(Self.answer)], true),
      ([.client(connect + Self.request()), .server(connack + Self.answer)], true),
      ([.client(connect), .server(connack), .client(Self.request()), .server(Self.answer)], true),
      ([.client(Self.request("G@T /ws HTTP/1.1")), .server(Self.answer)], false),
      ([.client(Self.request("GET /ws HTTP/2.0")), .server(Self.answer)], false),
    ]
    for (number, (turns, hasRequest)) in cases.enumerated() {
      let heard = hear(turns, frames: true, options)
      #expect(heard.opened.map(\.outcome) == [.upgraded], "\(number)")
      #expect((heard.opened.first?.handshake?.request != nil) == hasRequest, "\(number)")
      let closed = heard.closed.first
      #expect(closed?.client.messages == 1 && closed?.server.messages == 1, "\(number)")
      #expect(closed?.client.unexplainedBytes == 0 && closed?.server.unexplainedBytes == 0, "\(number)")
      #expect(heard.rules == (hasRequest ? [] : ["request_not_captured"]), "\(number)")
    }
  }

  @Test("--decode-as reads frames of a client that does not mask, and bytes that are none, as before")
  func forcedWithoutRequest() {
    var options = AnalysisOptions()
    options.ports.asWebSocket = [80]
    let unmasked = hear([.client([0x81, 2, 0x68, 0x69]), .server([0x81, 1, 0x61])], options)
    #expect(unmasked.closed.first?.client.messages == 1 && unmasked.closed.first?.server.messages == 1)
    let other = hear([.client([0x10, 2, 0x68, 0x69]), .server([0x20, 1])], options)
    #expect(other.opened.count == 1 && other.rules.contains("reserved_bit"))
  }

  // MARK: Cut

  @Test("The 101 counts where the PROXY header was cut, and with it all of the request")
  func cutHeader() {
    let heard = hear(
      [
        .cut(Array("PROXY TCP4 203.0.113.5 19".utf8), 200, .client),
        .cut(Array("HTTP/1.1 101 Switching Protocols\r\nUpgrade".utf8), 90, .server),
      ], frames: true)
    #expect(heard.opened.map(\.outcome) == [.upgraded])
    #expect(heard.opened.first?.handshake?.response?.isCut == true)
    #expect(heard.closed.first?.client.messages == 1 && heard.closed.first?.server.messages == 1)
  }

  @Test(
    "A request that was cut before its Upgrade field and refused is told; 426 says what it asked for",
    arguments: [(403, 0, 1), (400, 0, 1), (426, 1, 0), (200, 0, 0)])
  func cutRequest(status: Int, sessions: Int, told: Int) {
    for rest in ["Connection: keep-alive, Upgrade\r\nUser-Agent: Moz", "Connection: Up"] {
      let start = "GET /ws HTTP/1.1\r\nHost: h\r\n\(rest)"
      let heard = hear([
        .cut(Array(start.utf8), 200, .client),
        .server(Self.lines(["HTTP/1.1 \(status) X", "Content-Length: 0"])),
      ])
      #expect(heard.opened.map(\.outcome) == Array(repeating: .rejected, count: sessions))
      #expect(
        heard.summary.unreadRequests.map(\.reason) == Array(repeating: .cut(status: status), count: told))
    }
  }

  @Test(
    "Requests that were cut and ask for no upgrade, or for HTTP/2, are not told",
    arguments: [
      "Connection: keep-alive", "Connection:", "Connection: Upgrade, HTTP2-Settings",
      "Connection: Upgrade\r\nUpgrade: h2c",
    ])
  func otherCutRequest(fields: String) {
    let start = "GET /ws HTTP/1.1\r\nHost: h\r\n\(fields)\r\nUser-Agent: Moz"
    let heard = hear([
      .client(Array(start.utf8)), .lost(200, .client),
      .server(Self.lines(["HTTP/1.1 403 X", "Content-Length: 0"])),
    ])
    #expect(heard.opened.isEmpty && heard.summary.unreadRequestCount == 0)
  }
}
