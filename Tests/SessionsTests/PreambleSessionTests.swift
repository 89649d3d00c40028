import PacketLayers
import Preambles
import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import Pipeline
@testable import Sessions

@Suite("Sessions behind what comes before the request")
struct PreambleSessionTests {
  private static let line = Array("PROXY TCP4 203.0.113.5 198.51.100.20 51234 80\r\n".utf8)
  private static let v2: [UInt8] =
    [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10, 0x21, 0x11, 0, 12]
    + [203, 0, 113, 5, 198, 51, 100, 20, 0xC8, 0x22, 0, 80]
  private static let name = Array("example.test".utf8)
  private static let socksRequest: [UInt8] = [5, 1, 0, 3, 12] + name + [0, 80]
  private static let socksReply: [UInt8] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]

  private static let request = Array(
    """
    GET /chat HTTP/1.1\r
    Host: h\r
    Upgrade: websocket\r
    Connection: Upgrade\r
    Sec-WebSocket-Version: 13\r
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
    \r\n
    """.utf8)
  private static let answer = Array(
    """
    HTTP/1.1 101 Switching Protocols\r
    Upgrade: websocket\r
    Connection: Upgrade\r
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
    \r\n
    """.utf8)

  /// A connection with these turns, then a session with a text of each side.
  private func conversation(
    _ turns: [(Side, [UInt8])], before: [UInt8] = [], segmentSize: Int = 1448, hasSYN: Bool = true
  ) -> TCPConversation {
    var tcp = TCPConversation()
    if hasSYN { tcp.handshake() }
    for (side, bytes) in turns { tcp.send(from: side, bytes, segmentSize: segmentSize) }
    tcp.send(from: .client, before + Self.request, segmentSize: segmentSize)
    tcp.send(from: .server, Self.answer, segmentSize: segmentSize)
    tcp.text(from: .client, "hi")
    tcp.text(from: .server, "there")
    tcp.close()
    return tcp
  }

  private func expectSession(_ heard: Heard, _ kinds: [Preamble.Kind], _ comment: Comment? = nil) {
    #expect(heard.opened.count == 1, comment)
    #expect(heard.opened.first?.outcome == .upgraded, comment)
    #expect(heard.opened.first?.via.map(\.kind) == kinds, comment)
    #expect(heard.closed.first?.client.messages == 1 && heard.closed.first?.server.messages == 1, comment)
    #expect(heard.closed.first?.client.unexplainedBytes == 0, comment)
    #expect(heard.summary.unreadRequestCount == 0, comment)
  }

  private static let ways: [([(Side, [UInt8])], [UInt8], [Preamble.Kind])] = [
    ([], line, [.proxyProtocol]), ([(.client, line)], [], [.proxyProtocol]),
    ([], v2, [.proxyProtocol]), ([(.client, v2)], [], [.proxyProtocol]),
    ([], Array("PROXY UNKNOWN\r\n".utf8), [.proxyProtocol]),
    ([], Array("\r\n".utf8), []), ([], Array("\n".utf8), []), ([], Array("\r\n\r\n".utf8), []),
    ([(.client, Array("\r\n".utf8))], Array("\r\n".utf8), []),
    (
      [(.client, [5, 1, 0]), (.server, [5, 0]), (.client, socksRequest), (.server, socksReply)], [], [.socks5]
    ),
    (
      [
        (.client, [5, 1, 2]), (.server, [5, 2]), (.client, [1, 1, 0x61, 1, 0x62]), (.server, [1, 0]),
        (.client, socksRequest), (.server, socksReply),
      ], [], [.socks5]
    ),
    (
      [(.client, [4, 1, 0, 80, 0, 0, 0, 1, 0] + name + [0]), (.server, [0, 90, 0, 0, 0, 0, 0, 0])], [],
      [.socks4a]
    ),
    (
      [
        (
          .client,
          Array("CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\nProxy-Authorization: Basic eA==\r\n\r\n".utf8)
        ),
        (.server, Array("HTTP/1.1 200 Connection established\r\nVia: 1.1 p\r\nX-A: b\r\n\r\n".utf8)),
      ], [], [.connect]
    ),
    (
      [
        (.client, line + [5, 1, 0]), (.server, [5, 0]), (.client, socksRequest), (.server, socksReply),
        (.client, Array("CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n".utf8)),
        (.server, Array("HTTP/1.1 200 OK\r\n\r\n".utf8)),
      ], v2, [.proxyProtocol, .socks5, .connect, .proxyProtocol]
    ),
  ]

  @Test("are read whatever came before, in segments of any size", arguments: 0..<ways.count)
  func read(way: Int) {
    let (turns, before, kinds) = Self.ways[way]
    for segmentSize in [1, 5, 1448] {
      let tcp = conversation(turns, before: before, segmentSize: segmentSize)
      expectSession(analyze(tcp.packets), kinds, "segments of \(segmentSize)")
    }
  }

  @Test("have the client that PROXY tells of, and the TCP connection that there is")
  func client() throws {
    for header in [Self.line, Self.v2] {
      let opened = try #require(analyze(conversation([], before: header).packets).opened.first)
      #expect(opened.client.address.description == "203.0.113.5" && opened.client.port == 51_234)
      #expect(opened.tcpClient.address.description == "10.0.0.1" && opened.tcpClient.port == 40_000)
      let plain = try #require(analyze(conversation([]).packets).opened.first)
      #expect(opened.communityID == plain.communityID)
      #expect(plain.via.isEmpty && plain.client == plain.tcpClient)
    }
  }

  @Test("are found behind PROXY when the SYN was not captured, whoever spoke")
  func withoutSYN() {
    for header in [Self.line, Self.v2] {
      let heard = analyze(conversation([], before: header, hasSYN: false).packets)
      #expect(heard.opened.map { $0.via.count } == [1])
      #expect(heard.opened.first?.client.port == 51_234)
    }
  }

  @Test("do not begin where a server of SOCKS refused; a request behind that is not read, and said so")
  func refused() {
    let turns: [(Side, [UInt8])] = [
      (.client, [5, 1, 0]), (.server, [5, 0]), (.client, Self.socksRequest), (.server, [5, 5, 0, 1]),
    ]
    let heard = analyze(conversation(turns).packets)
    #expect(heard.opened.isEmpty && heard.summary.unreadRequests.count == 1)
    #expect(heard.summary.unreadRequests.first?.reason == .refused(target: "example.test:80"))
    #expect(heard.summary.unusedRoutes.first?.refused?.target == "example.test:80")
  }

  @Test("A preamble without a session is told with the capture, one with a session is not")
  func unused() {
    var options = AnalysisOptions()
    options.ports.asWebSocket = [81]
    for header in [Self.line, Self.v2] {
      var tcp = TCPConversation()
      tcp.handshake()
      tcp.send(from: .client, header)
      tcp.close()
      let route = analyze(tcp.packets, options).summary.unusedRoutes.first
      #expect(route?.via.first?.client?.port == 51_234 && route?.client.port == 40_000)
      #expect(analyze(conversation([], before: header).packets).summary.unusedRouteCount == 0)
    }
    var tcp = TCPConversation()
    tcp.handshake()
    tcp.send(from: .client, "CONNECT a:1 HTTP/1.1\r\nProxy-Authorization: Basic eA==\r\n\r\n".utf8)
    tcp.send(from: .server, "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n".utf8)
    tcp.close()
    let route = analyze(tcp.packets).summary.unusedRoutes.first
    #expect(route?.status == 503 && route?.refused?.isAuthenticated == true && route?.via.isEmpty == true)
  }

  @Test("TLS behind PROXY is TLS", arguments: [line, v2])
  func tls(header: [UInt8]) {
    for isAlone in [true, false] {
      var tcp = TCPConversation()
      tcp.handshake()
      let hello: [UInt8] = [0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]
      if isAlone { tcp.send(from: .client, header) }
      tcp.send(from: .client, isAlone ? hello : header + hello)
      tcp.close()
      let heard = analyze(tcp.packets)
      #expect(heard.summary.tlsConnections == 1 && heard.opened.isEmpty)
    }
  }

  @Test("Preambles without end are let go")
  func endless() {
    let lines = Array(repeating: Self.line, count: Route.limit + 1).flatMap { $0 }
    #expect(analyze(conversation([], before: lines).packets).opened.isEmpty)
    #expect(
      analyze(conversation([], before: Array(lines.dropFirst(Self.line.count))).packets).opened.count == 1)
  }

  @Test("--decode-as reads through a preamble")
  func forced() {
    var options = AnalysisOptions()
    options.ports.asWebSocket = [80]
    for header in [Self.line, Self.v2] {
      var tcp = TCPConversation()
      tcp.handshake()
      tcp.send(from: .client, header)
      tcp.text(from: .client, "a")
      tcp.text(from: .server, "b")
      tcp.close()
      let heard = analyze(tcp.packets, options)
      #expect(heard.opened.first?.via.count == 1 && heard.opened.first?.client.port == 51_234)
      #expect(heard.closed.first?.client.messages == 1 && heard.closed.first?.server.messages == 1)
      #expect(heard.closed.first?.client.unexplainedBytes == 0)
    }
  }

  // MARK: Unknown protocols

  @Test("An upgrade request behind unknown bytes is not read, but said to be there, however it is cut")
  func unread() {
    let unknown: [UInt8] = [0xFE, 0xED, 1, 2, 3, 10, 71, 69, 84, 32]
    for segmentSize in [1, 2, 9, 1448] {
      let heard = analyze(conversation([(.client, unknown)], segmentSize: segmentSize).packets)
      #expect(heard.opened.isEmpty)
      #expect(heard.summary.unreadRequestCount == 1, "segments of \(segmentSize)")
      #expect(heard.summary.unreadRequests.first?.reason == .unknownProtocol)
    }
    let place = analyze(conversation([(.client, unknown)]).packets).summary.unreadRequests.first
    #expect(place?.position.offset == UInt64(unknown.count) && place?.position.packet == 5)
    #expect(place?.client.port == 40_000)
  }

  @Test("Beyond 64 KiB nobody looks, and other requests are none")
  func notUnread() {
    let far = [UInt8](repeating: 0xFE, count: 70_000)
    #expect(analyze(conversation([(.client, far)]).packets).summary.unreadRequestCount == 0)
    var tcp = TCPConversation()
    tcp.handshake()
    tcp.send(from: .client, [0xFE] + Array("\r\nGET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n".utf8))
    tcp.close()
    #expect(analyze(tcp.packets).summary.unreadRequestCount == 0)
  }

  @Test(
    "In the middle of a connection an empty line before a request is one of some text, unless it is answered")
  func emptyLineMidstream() {
    for (answer, sessions) in [(Self.answer, 1), (Array("$ ".utf8), 0)] {
      for size in [1, 1448] {
        var tcp = TCPConversation()
        tcp.send(from: .client, [13, 10] + Self.request, segmentSize: size)
        tcp.send(from: .server, answer)
        tcp.close()
        #expect(analyze(tcp.packets).opened.count == (size == 1 ? 0 : sessions), "segments of \(size)")
      }
    }
  }

  @Test(
    "An empty line after a body does not keep the next request from being read, wherever the capture begins")
  func emptyLineAfterBody() {
    let post = Array("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi".utf8)
    let ok = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
    for hasSYN in [true, false] {
      for turns in [[(Side.client, post + [13, 10]), (.server, ok)], [(.client, post), (.server, ok)]] {
        let before: [UInt8] = turns[0].1.last == 10 ? [] : [13, 10]
        let heard = analyze(conversation(turns, before: before, hasSYN: hasSYN).packets)
        #expect(heard.opened.map(\.outcome) == [.upgraded])
        #expect(heard.closed.first?.client.messages == 1 && heard.closed.first?.server.messages == 1)
      }
    }
  }

  @Test("Other protocols that begin like a preamble are no sessions")
  func otherProtocols() {
    var random = SeededRandom.fresh()
    for _ in 0..<300 {
      var tcp = TCPConversation()
      tcp.handshake()
      let starts: [[UInt8]] = [
        [5, 1, 0], [4, 1, 0, 80], Self.line, Self.v2, [13, 10], Array("PROXY ".utf8), [5], [4],
      ]
      tcp.send(from: .client, starts.randomElement(using: &random) ?? [])
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        tcp.send(from: Bool.random(using: &random) ? .client : .server, bytes)
      }
      tcp.close()
      let heard = analyze(tcp.packets)
      #expect(heard.opened.isEmpty && heard.summary.unreadRequestCount == 0, "\(random)")
    }
  }
}
