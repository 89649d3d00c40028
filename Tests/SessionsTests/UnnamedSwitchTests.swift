import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import Pipeline
@testable import Sessions

/// A snapshot length left so little of both heads that they do not say what the 101 switches to.
@Suite("A 101 that was cut before it said what to")
struct UnnamedSwitchTests {
  private static let shortRequest = "GET /ws HTTP/1.1\r\nHost: h\r\nUs"
  private static let shortAnswer = "HTTP/1.1 101 Switching Protoco"
  private static let settings: [UInt8] = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100]
  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// Both heads cut, then turns of the two sides, then FIN.
  private func hear(
    _ turns: [(Side, [UInt8])], request: String = Self.shortRequest, answer: String = Self.shortAnswer,
    _ options: AnalysisOptions = AnalysisOptions()
  ) -> Heard {
    var tcp = TCPConversation()
    tcp.handshake()
    for (side, head) in [(Side.client, request), (.server, answer)] {
      tcp.send(from: side, Array(head.utf8) + [UInt8](repeating: 0x20, count: 100))
    }
    for (side, bytes) in turns { tcp.send(from: side, bytes) }
    tcp.close()
    let packets = tcp.packets.enumerated().map { index, packet in
      var packet = packet
      if index == 3 || index == 4 { packet.bytes.removeLast(100) }
      return packet
    }
    return analyze(packets, options)
  }

  private static func frame(_ side: Side, _ text: String) -> (Side, [UInt8]) {
    (side, SyntheticSession.frame(side, .text, Array(text.utf8)))
  }

  @Test("is one to WebSocket where frames follow, whoever sends the first one")
  func frames() {
    for first in Side.allCases {
      let heard = hear([Self.frame(first, "hello"), Self.frame(first.peer, "hello")])
      #expect(heard.opened.map(\.outcome) == [.upgraded])
      #expect(heard.opened.first?.handshake?.response?.isCut == true)
      #expect(heard.rules.contains("picked_up"))
      let close = heard.closed.first
      #expect(close?.client.messages == 1 && close?.server.messages == 1)
      #expect(close?.client.unexplainedBytes == 0 && close?.server.unexplainedBytes == 0)
      #expect(heard.summary.unreadRequestCount == 0)
    }
  }

  @Test("is none to WebSocket where something else follows, and is then no session")
  func otherProtocols() {
    let cases: [[(Side, [UInt8])]] = [
      [(.client, Self.preface), (.server, Self.settings), (.client, Self.settings)],
      [(.server, Self.settings), (.client, Self.preface + Self.settings)],
      [(.server, Array("root@0123456789:/# ".utf8)), (.client, Array("ls\r".utf8))],
    ]
    for (number, turns) in cases.enumerated() {
      for request in [Self.shortRequest, "POST /v1.41/co"] {
        let heard = hear(turns, request: request)
        #expect(heard.opened.isEmpty && heard.summary.unreadRequestCount == 0, "\(number)")
      }
    }
  }

  @Test("is told in a line where nothing follows that could say")
  func nothing() {
    let heard = hear([])
    #expect(heard.opened.isEmpty)
    #expect(heard.summary.unreadRequests.map(\.reason) == [.cut(status: 101)])
    #expect(heard.summary.unreadRequests.map(\.position.packet) == [4])
  }

  @Test(
    "is no question where one of the heads says it, even if it was cut within the line",
    arguments: [
      ("Host: h\r\nUpgrade: websocket\r\nCo", ""), ("Upgrade: webs", ""), ("Sec-WebSocket-Key: x\r\n", ""),
      ("Sec-WebSo", ""), ("Sec-WebSocket-Version: 13\r\n", ""), ("Host", "Upgrade: websocket\r\n"),
      ("Host", "Upgrade: we"), ("Host", "Sec-WebSocket-Accept: x\r\n"),
    ])
  func named(request: String, answer: String) {
    let heard = hear(
      [], request: "GET /ws HTTP/1.1\r\n" + request,
      answer: "HTTP/1.1 101 Switching Protocols\r\n" + answer)
    #expect(heard.opened.map(\.outcome) == [.upgraded])
    #expect(heard.summary.unreadRequestCount == 0)
  }

  @Test("is one to another protocol if a head says so")
  func otherName() {
    for (request, answer) in [("Upgrade: h2c\r\nHost: h\r\n", ""), ("", "Upgrade: tcp\r\nDate")] {
      let heard = hear(
        [], request: "GET /ws HTTP/1.1\r\n" + request,
        answer: "HTTP/1.1 101 Switching Protocols\r\n" + answer)
      #expect(heard.opened.isEmpty && heard.summary.unreadRequestCount == 0)
    }
  }

  @Test("is one to WebSocket where --decode-as says so")
  func forced() {
    var options = AnalysisOptions()
    options.ports.asWebSocket = [80]
    #expect(hear([], options).opened.map(\.outcome) == [.upgraded])
  }

  @Test("Frames are read however much the server sends before the client sends one that proves something")
  func passedOver() {
    // Fragments of one huge message prove nothing.
    let fragment = [0x02, 126, 0x40, 0] + [UInt8](repeating: 7, count: 16_384)
    let turns = (0..<20).map { _ in (Side.server, fragment) } + [Self.frame(.client, "hello, server")]
    let heard = hear(turns)
    #expect(heard.opened.map(\.outcome) == [.upgraded])
    let server = heard.closed.first?.server
    #expect(server?.streamBytes == UInt64(20 * fragment.count))
  }
}
