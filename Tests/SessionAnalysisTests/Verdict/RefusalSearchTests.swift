import SessionTestSupport
import TestSupport
import Testing

@testable import Output
@testable import SessionAnalysis
@testable import Sessions

@Suite struct RefusalSearchTests {
  private func head(_ lines: [String]) -> [UInt8] {
    Array((lines.map { $0 + "\r\n" }.joined() + "\r\n").utf8)
  }

  private func refused(_ status: Int, line: String = "GET / HTTP/1.1", _ fields: [String]) throws
    -> SessionClose
  {
    var tcp = TCPConversation()
    tcp.handshake()
    tcp.send(from: .client, head([line, "Host: h"] + fields))
    tcp.send(from: .server, head(["HTTP/1.1 \(status) No", "Content-Length: 0"]))
    tcp.close()
    return try #require(analyze(tcp.packets).closed.first)
  }

  private static let upgrade = ["Upgrade: websocket", "Connection: Upgrade"]
  private static let version = "Sec-WebSocket-Version: 13"
  private static let key = "Sec-WebSocket-Key: \(SyntheticSession.key)"

  @Test(
    "A refusal is said to come after the violation that its status is about",
    arguments: [
      (400, "GET / HTTP/1.1", upgrade + [version, "Sec-WebSocket-Key: abc"], "invalid_key"),
      (400, "GET / HTTP/1.1", upgrade + [version], "missing_key"),
      (400, "GET / HTTP/1.1", upgrade + [version, key], nil),
      (426, "GET / HTTP/1.1", upgrade + ["Sec-WebSocket-Version: 12", key], nil),
      (426, "GET / HTTP/1.1", upgrade + ["Sec-WebSocket-Version: 99", key], "unknown_version"),
      (426, "GET / HTTP/1.1", ["Connection: close", version, key], "request_without_upgrade"),
      (426, "GET / HTTP/1.1", upgrade + [version, "Sec-WebSocket-Key: abc"], nil),
      (505, "GET / HTTP/1.0", upgrade + [version, key], "request_http_version"),
      (505, "GET / HTTP/1.1", upgrade + [version, "Sec-WebSocket-Key: abc"], nil),
      (405, "POST / HTTP/1.1", upgrade + [version, key], "method_not_get"),
      (403, "GET / HTTP/1.1", upgrade + [version, "Sec-WebSocket-Key: abc"], nil),
      (503, "GET / HTTP/1.1", upgrade + [version, "Sec-WebSocket-Key: abc"], nil),
    ] as [(Int, String, [String], String?)])
  func violation(status: Int, line: String, fields: [String], rule: String?) throws {
    let close = try refused(status, line: line, fields)
    #expect(close.cause?.name == (rule == nil ? nil : "violation"))
    #expect(close.causePhrase == rule.map { "after \($0) by the client in packet 4" })
  }

  /// A refusal with a body, of a request from a page.
  private func refused(
    _ status: Int, _ reason: String, type: String, body: String, origin: String = "http://h"
  ) throws -> SessionClose {
    var tcp = TCPConversation()
    tcp.handshake()
    let fields = Self.upgrade + [Self.version, Self.key]
    tcp.send(from: .client, head(["GET / HTTP/1.1", "Host: h", "Origin: \(origin)"] + fields))
    let length = "Content-Length: \(body.utf8.count)"
    tcp.send(
      from: .server,
      head(["HTTP/1.1 \(status) \(reason)", "Content-Type: \(type)", length]) + Array(body.utf8))
    tcp.close()
    return try #require(analyze(tcp.packets).closed.first)
  }

  @Test(
    "What a short plain text in the answer says is why",
    arguments: [
      (
        "text/plain", "invalid subprotocol; expected one of chat.\n",
        "invalid subprotocol; expected one of chat."
      ),
      ("Text/Plain; charset=utf-8", "no healthy\r\n  upstream", "no healthy upstream"),
      ("text/plain", "Bad Request\n", nil), ("text/plain", "400 bad request", nil),
      ("text/plain", "400", nil),
      ("text/plain", String(repeating: "a", count: 301), nil), ("text/html", "no healthy upstream", nil),
    ] as [(String, String, String?)])
  func words(type: String, body: String, words: String?) throws {
    let close = try refused(400, "Bad Request", type: type, body: body)
    #expect(close.cause?.name == (words == nil ? nil : "refusal_body"))
    #expect(close.causePhrase == words.map { "the answer says: \"\($0)\"" })
  }

  @Test(
    "What is said of the Origin is known by its name",
    arguments: [
      ("origin not allowed", "http://other", "foreign_origin"), ("", "http://other", "foreign_origin"),
      ("token expired", "http://other", "refusal_body"), ("origin not allowed", "http://h", "refusal_body"),
    ])
  func origin(body: String, origin: String, cause: String) throws {
    let close = try refused(403, "Forbidden", type: "text/plain", body: body, origin: origin)
    #expect(close.cause?.name == cause)
  }

  @Test("A request behind a CONNECT that was refused says so")
  func tunnelRefused() throws {
    var tcp = TCPConversation()
    tcp.handshake()
    tcp.send(from: .client, head(["CONNECT app:80 HTTP/1.1", "Host: app:80"]))
    tcp.send(from: .server, head(["HTTP/1.1 503 No", "Content-Length: 0"]))
    tcp.send(
      from: .client, head(["GET /ws HTTP/1.1", "Host: app"] + Self.upgrade + [Self.version, Self.key]))
    tcp.fin(from: .server)
    tcp.rst(from: .server)
    let close = try #require(analyze(tcp.packets).closed.first)
    #expect(close.cause?.name == "connect_refused")
    #expect(close.causePhrase == "after the proxy had refused CONNECT to app:80 with 503")
  }

  @Test("A request behind a CONNECT that was asked again and granted does not")
  func tunnelGranted() throws {
    var tcp = TCPConversation()
    tcp.handshake()
    for status in [407, 200] {
      tcp.send(from: .client, head(["CONNECT app:80 HTTP/1.1", "Host: app:80"]))
      tcp.send(from: .server, head(["HTTP/1.1 \(status) No"] + (status == 407 ? ["Content-Length: 0"] : [])))
    }
    tcp.send(
      from: .client, head(["GET /ws HTTP/1.1", "Host: app"] + Self.upgrade + [Self.version, Self.key]))
    tcp.close()
    #expect(try #require(analyze(tcp.packets).closed.first).cause == nil)
  }
}
