import PacketLayers
import Preambles
import TCPReassembly
import Testing
import WireBytes

@testable import Output
@testable import Sessions

@Suite("What came before a request, in words and in JSON")
struct PreamblePhrasingTests {
  private let client = Endpoint(address: IPAddress(ipv4: 0xCB00_7105), port: 51_234)
  private let proxy = Endpoint(address: IPAddress(ipv4: 0xC000_020A), port: 5000)
  private let server = Endpoint(address: IPAddress(ipv4: 0xC633_6414), port: 80)

  private func opened(_ via: [Preamble]) -> SessionOpen? {
    guard case .opened(var event) = Sample.opened(nil) else { return nil }
    (event.client, event.tcpClient, event.server, event.via) = (client, proxy, server, via)
    return event
  }

  private var preambles: [Preamble] {
    let end = Preamble.End(address: client.address, port: client.port)
    return [
      Preamble(proxyVersion: 2, client: end, server: end),
      Preamble(proxyVersion: 1, client: nil, server: nil),
      Preamble(.connect, to: "example.test:80", isAuthenticated: true),
      Preamble(.socks5, to: "a:1", isAuthenticated: true),
      Preamble(.socks4a, to: "joe:secret@a:1"),
    ]
  }

  @Test("A line tells each preamble, and none tells credentials")
  func lines() throws {
    #expect(
      try #require(opened(preambles)).viaPhrases == [
        "via PROXY v2 from 203.0.113.5:51234, told by 192.0.2.10:5000",
        "via PROXY v1, which tells no address",
        "via CONNECT to example.test:80, with credentials in clear",
        "via SOCKS5 to a:1, with credentials in clear",
        "via SOCKS4a to a:1",
      ])
  }

  @Test("An upgrade request that was not read is told with its place")
  func unread() {
    let position = StreamPosition(offset: 312, packet: 4, time: CaptureTime(nanoseconds: 0))
    var request = UnreadRequest(
      client: proxy, server: server, tcpStream: 0, position: position, reason: .unknownProtocol)
    #expect(
      request.phrase
        == "connection 192.0.2.10:5000 → 198.51.100.20:80: an upgrade request at byte 312, in packet 4, was not read: it comes after bytes of an unknown protocol"
    )
    request.reason = .refused(target: "a:1")
    #expect(request.phrase.hasSuffix("was not read: the SOCKS server refused to connect to a:1"))
    request.reason = .requestLine("G@T /ws HTTP/1.1")
    #expect(
      request.phrase.hasSuffix("was not read: its first line is not a request line: \"G@T /ws HTTP/1.1\""))
    request.reason = .cut(status: 403)
    #expect(
      request.phrase
        == "connection 192.0.2.10:5000 → 198.51.100.20:80: a request at byte 312, in packet 4, asks for an upgrade, and was answered with 403; its rest is not in the capture, so perhaps the upgrade was one to WebSocket"
    )
  }

  @Test("Connections that carried no session are told in one line, the first of them with their clients")
  func unusedRoutes() {
    var summary = CaptureSummary()
    #expect(summary.unusedRoutesPhrase == nil)
    let end = Preamble.End(address: client.address, port: client.port)
    let told = UnusedRoute(
      client: proxy, server: server, tcpStream: 0,
      via: [Preamble(proxyVersion: 1, client: end, server: end)], refused: nil, status: nil)
    let refused = UnusedRoute(
      client: proxy, server: server, tcpStream: 1, via: [], refused: Preamble(.connect, to: "a:1"),
      status: 503)
    (summary.unusedRoutes, summary.unusedRouteCount) = ([told], 1)
    #expect(
      summary.unusedRoutesPhrase
        == "1 connection with PROXY, SOCKS or CONNECT carried no WebSocket session: PROXY v1 from 203.0.113.5:51234, told by 192.0.2.10:5000"
    )
    (summary.unusedRoutes, summary.unusedRouteCount) = (Array(repeating: refused, count: 5), 7)
    let phrase = "CONNECT to a:1, refused with 503, asked by 192.0.2.10:5000"
    #expect(summary.unusedRoutesPhrase?.hasSuffix("\(phrase); and 3 more") == true)
  }
}
