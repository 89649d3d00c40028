import TestSupport
import Testing
import WebSocketCapture

@Suite struct SessionOpenedTests {
  /// Every kind of place where a handshake can hold a secret, with a value that is searched for.
  private let secrets = [
    "cookievalue1234567", "bearervalue1234567", "basicvalue12345678", "apikeyvalue1234567",
    "queryvalue12345678",
    "signature123456789", "refererpw123456789", "eyJhbGciOiJIUzI1NiJ9", "protovalue12345678",
    "setcookie123456789",
    "originpw1234567890", "respkeyvalue123456",
  ]

  private func packets() -> [Packet] {
    var tcp = TCPConversation()
    tcp.handshake()
    tcp.send(
      from: .client,
      """
      GET /chat?room=1&token=queryvalue12345678&X-Amz-Signature=signature123456789#part HTTP/1.1\r
      Host: h\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Origin: http://joe:originpw1234567890@page.example\r
      Cookie: session=cookievalue1234567; theme=dark\r
      Authorization: Bearer bearervalue1234567\r
      Proxy-Authorization: Basic basicvalue12345678\r
      X-Api-Key: apikeyvalue1234567\r
      Referer: https://joe:refererpw123456789@page.example/\r
      X-User: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x-_\r
      Sec-WebSocket-Protocol: access_token, protovalue12345678\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      \r\n
      """.utf8)
    tcp.send(
      from: .server,
      """
      HTTP/1.1 101 Switching Protocols\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Set-Cookie: id=setcookie123456789; Path=/\r
      X-Session-Token: respkeyvalue123456\r
      Sec-WebSocket-Protocol: protovalue12345678\r
      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
      \r\n
      """.utf8)
    tcp.text(from: .client, "hello")
    tcp.close()
    return tcp.packets
  }

  /// Everything that the events hold, private properties included.
  private func everything(in events: [WebSocketEvent]) -> String {
    var text = ""
    for event in events { dump(event, to: &text) }
    return text
  }

  @Test("No event holds a secret of the handshake, unless it was asked for")
  func redaction() throws {
    let events = try events(of: packets())
    let text = everything(in: events)
    for secret in secrets { #expect(!text.contains(secret), "\(secret)") }

    let opened = try #require(events.opened.first)
    #expect(opened.url?.withoutMarks == "ws://h/chat?room=1&token=[redacted]&X-Amz-Signature=[redacted]")
    let fields = opened.request?.headers ?? []
    #expect(
      fields.first { $0.name == "Cookie" }?.value.withoutMarks == "session=[redacted]; theme=[redacted]")
    #expect(fields.first { $0.name == "Authorization" }?.value.withoutMarks == "Bearer [redacted]")
    #expect(opened.handshake?.subprotocolsOffered.map(\.withoutMarks) == ["access_token", "[redacted]"])
    #expect(opened.handshake?.subprotocolsSelected.map(\.withoutMarks) == ["[redacted]"])
    #expect(
      Set(opened.redacted).isSuperset(of: [
        "Cookie", "Authorization", "Set-Cookie", "query parameter token", "subprotocol",
      ]))
    #expect(events.messages.map(\.text) == ["hello"])
  }

  @Test("With showsSecrets everything is as it was sent, and nothing is said to be redacted")
  func secretsAskedFor() throws {
    var options = WebSocketEvents.Options()
    options.showsSecrets = true
    let events = try events(of: packets(), options)
    let text = everything(in: events)
    for secret in secrets { #expect(text.contains(secret), "\(secret)") }
    #expect(!text.contains("[redacted"))
    #expect(events.opened.first?.redacted == [])
  }

  @Test("Members of payloads are hidden, also where a Close repeats one")
  func redactedMembers() throws {
    var tcp = TCPConversation()
    tcp.upgrade()
    tcp.text(from: .client, #"{"user":"ann","passWord":"hunter2"}"#)
    tcp.text(from: .client, #"{"user":"ann"}"#)
    tcp.send(from: .server, frame(0x88, [0x0F, 0xA0] + Array("hunter2 is wrong".utf8), isMasked: false))
    tcp.close()
    var options = WebSocketEvents.Options()
    options.redactedMembers = ["password", "-"]
    options.includesFrames = true
    let events = try events(of: tcp.packets, options)
    #expect(!everything(in: events).contains("hunter2"))
    #expect(
      events.messages.map { $0.text?.withoutMarks } == [
        #"{"user":"ann","passWord":"[redacted]"}"#, #"{"user":"ann"}"#,
      ])
    #expect(events.messages.map(\.isRedacted) == [true, false])
    #expect(events.messages.map(\.bytes) == [35, 14])
  }

  @Test("A handshake without secrets is not changed")
  func nothingToRedact() throws {
    var tcp = TCPConversation()
    tcp.upgrade()
    let opened = try #require(try events(of: tcp.packets).opened.first)
    #expect(opened.redacted.isEmpty && opened.url?.withoutMarks == "ws://h/chat?room=1")
    #expect(opened.request?.headers.first { $0.name == "Host" }?.value == "h")
  }

  @Test("Each fact of a handshake by its own name")
  func handshake() throws {
    var tcp = TCPConversation()
    tcp.handshake()
    tcp.send(
      from: .client,
      """
      GET / HTTP/1.1\r
      Host: h\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Origin: http://page.example\r
      Sec-WebSocket-Protocol: one, two\r
      Sec-WebSocket-Extensions: permessage-deflate, x-other\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      \r\n
      """.utf8)
    tcp.send(
      from: .server,
      """
      HTTP/1.1 101 Switching Protocols\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Protocol: two\r
      Sec-WebSocket-Extensions: permessage-deflate\r
      Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r
      \r\n
      """.utf8)
    tcp.close()
    let found = try #require(try events(of: tcp.packets).opened.first?.handshake)
    #expect(found.key == "dGhlIHNhbXBsZSBub25jZQ==")
    #expect(found.accept == "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    #expect(found.expectedAccept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    #expect(found.isAcceptValid == false)
    #expect(found.version == "13" && found.origin == "http://page.example")
    #expect(
      found.subprotocolsOffered.map(\.withoutMarks) == ["one", "two"]
        && found.subprotocolsSelected.map(\.withoutMarks) == ["two"])
    #expect(found.extensionsOffered == ["permessage-deflate", "x-other"])
    #expect(found.extensionsSelected == ["permessage-deflate"])
  }
}
