import Output
import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import SessionAnalysis

@Suite("Servers that refuse the Origin of a request")
struct ForeignOriginCauseTests {
  @Test(
    "403 for a page of another host",
    arguments: [
      ("http://other", 403, true), ("http://h", 403, false), ("http://other", 503, false),
      ("http://h:3000", 403, true), ("null", 403, true),
    ])
  func origin(origin: String, status: Int, isRefused: Bool) throws {
    var tcp = TCPConversation()
    tcp.handshake()
    tcp.send(
      from: .client,
      Array(
        ("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: \(origin)\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(SyntheticSession.key)\r\n\r\n").utf8))
    tcp.send(from: .server, Array("HTTP/1.1 \(status) No\r\nContent-Length: 0\r\n\r\n".utf8))
    tcp.close()
    let verdict = try #require(analyze(tcp.packets).closed.first?.verdict)
    #expect(verdict.cause?.name == (isRefused ? "foreign_origin" : nil))
    #expect(verdict.sentence.contains("perhaps because of the client's Origin") == isRefused)
  }

  @Test(
    "1008 right after the upgrade for a page of another host, if the server gives no reason and nobody had said anything",
    arguments: [
      ("http://other", 1008, "", false, true), ("http://h:3000", 1008, "", false, true),
      ("http://h", 1008, "", false, false), ("http://other", 1008, "token expired", false, false),
      ("http://other", 1008, "", true, false), ("http://other", 1001, "", false, false),
    ] as [(String, UInt16, String, Bool, Bool)])
  func close(origin: String, code: UInt16, reason: String, hasMessage: Bool, isRefused: Bool) throws {
    var session = SyntheticSession(request: ["Origin: \(origin)"])
    if hasMessage { session.text(.client, "hello") }
    session.close(.server, code, reason)
    session.close(.client, code)
    session.end(.server)
    let verdict = try #require(analyze(session.packets).closed.first?.verdict)
    #expect((verdict.cause?.name == "foreign_origin") == isRefused)
    #expect(verdict.sentence.contains("perhaps because of the client's Origin") == isRefused)
  }

  @Test("A Close with 1008 that comes later is about something else")
  func later() throws {
    var session = SyntheticSession(request: ["Origin: http://other"])
    session.wait(seconds: 10)
    session.close(.server, 1008)
    session.end(.server)
    let verdict = try #require(analyze(session.packets).closed.first?.verdict)
    #expect(verdict.cause?.name != "foreign_origin")
  }
}
