import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import Sessions

@Suite struct CutTunnelTests {
  private static let fields = """
    Host: ws.internal.example\r
    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0\r\n
    """
  private static let connect =
    "CONNECT ws.internal.example:80 HTTP/1.1\r\n\(fields)Proxy-Connection: keep-alive\r\n\r\n"
  /// Firefox sends Upgrade last.
  private static let request = """
    GET /ws HTTP/1.1\r
    \(fields)Accept: */*\r
    Accept-Language: en-US,en;q=0.5\r
    Accept-Encoding: gzip, deflate\r
    Sec-WebSocket-Version: 13\r
    Origin: http://ws.internal.example\r
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
    Connection: keep-alive, Upgrade\r
    Upgrade: websocket\r
    \r\n
    """
  private static let switching = """
    HTTP/1.1 101 Switching Protocols\r
    Upgrade: websocket\r
    Connection: Upgrade\r
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
    \r\n
    """

  private static let answers = [
    "HTTP/1.1 200 Connection established\r\n\r\n",
    "HTTP/1.0 200 Connection established\r\nProxy-agent: tinyproxy/1.11.1 with a long name that is cut\r\n\r\n",
  ]

  @Test(
    "A session through a tunnel is read whatever the snapshot length leaves of the heads", arguments: answers)
  func everySnapshotLength(answer: String) {
    var tcp = TCPConversation()
    tcp.handshake()
    tcp.send(from: .client, Array(Self.connect.utf8))
    tcp.send(from: .server, Array(answer.utf8))
    tcp.send(from: .client, Array(Self.request.utf8))
    tcp.send(from: .server, Array(Self.switching.utf8))
    for number in 0..<3 {
      tcp.text(from: .client, "{\"n\":\(number)}")
      tcp.text(from: .server, "{\"ok\":\(number)}")
    }
    tcp.close()
    for length in stride(from: 88, through: 480, by: 4) {
      let heard = analyze(tcp.packets.map { $0.cut(to: length) })
      #expect(heard.opened.map(\.outcome) == [.upgraded], "snapshot length \(length)")
      let close = heard.closed.first
      #expect(close?.client.messages == 3 && close?.server.messages == 3, "snapshot length \(length)")
    }
  }
}
