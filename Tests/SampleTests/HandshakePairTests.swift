import TestSupport
import Testing

/// Keys and answers from published sources, through packets and the whole tool.
@Suite("The answer to a Sec-WebSocket-Key")
struct HandshakePairTests {
  static let pairs = [
    // RFC 6455 §1.3.
    (key: "dGhlIHNhbXBsZSBub25jZQ==", accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    (key: "x3JJHMbDL1EzLkh9GBhXDw==", accept: "HSmrc0sMlYUkAGmm5OPpG2HaGWk="),
    (key: "K8o1cNIxO2pR6inTIDBSgg==", accept: "guE/5GyBmwSZ7hEA9Lc6ubvN+Iw="),
  ]

  @Test("A right answer is accepted, in JSON and as text", arguments: pairs)
  func right(_ key: String, _ accept: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(capture(key: key, accept: accept))

    let events = try Tool.run(["--json", path]).events()
    let handshake = try #require(events.first?.object("handshake"))
    #expect(handshake.string("outcome") == "upgraded")
    #expect(handshake.string("key") == key)
    #expect(handshake.string("accept") == accept)
    #expect(handshake.string("expected_accept") == accept)
    #expect(handshake.bool("accept_valid") == true)
    #expect(events.named("anomaly").isEmpty)
    #expect(try Tool.run([path]).text.contains("accept ✓"))
  }

  @Test("A wrong answer is flagged with the right one, in JSON and as text; the frames are read all the same")
  func wrong() throws {
    let (key, accept) = ("K8o1cNIxO2pR6inTIDBSgg==", "GnoYH/ip/ZMh+a5rX5P/YR6e68g=")
    let expected = "guE/5GyBmwSZ7hEA9Lc6ubvN+Iw="
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(capture(key: key, accept: accept))

    let events = try Tool.run(["--json", path]).events()
    let handshake = try #require(events.first?.object("handshake"))
    #expect(handshake.string("outcome") == "invalid")
    #expect(handshake.string("expected_accept") == expected)
    #expect(handshake.bool("accept_valid") == false)
    let anomaly = try #require(events.named("anomaly").first)
    #expect(anomaly.string("rule") == "wrong_accept")
    #expect(anomaly.string("severity") == "violation")
    #expect(anomaly.string("detail")?.contains(expected) == true)
    #expect(events.named("message").map { SampleMessage($0) } == [.text("Hello"), .text("Hello")])

    let text = try Tool.run([path]).text
    #expect(text.contains("accept ✗"))
    #expect(text.contains(expected))
  }

  /// The request, the answer, and the two frames of RFC 6455 §5.7: "Hello" masked and not masked.
  private func capture(key: String, accept: String) -> [UInt8] {
    var tcp = TCPConversation()
    tcp.handshake()
    tcp.send(from: .client, upgradeRequest(key: key).utf8)
    tcp.send(from: .server, upgradeResponse(accept: accept).utf8)
    tcp.send(from: .client, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
    tcp.send(from: .server, [0x81, 0x05] + "Hello".utf8)
    tcp.close()
    return tcp.packets.pcap()
  }
}

/// A minimal request for an upgrade.
func upgradeRequest(target: String = "/", key: String = "dGhlIHNhbXBsZSBub25jZQ==") -> String {
  "GET \(target) HTTP/1.1\r\nHost: server.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    + "Sec-WebSocket-Key: \(key)\r\nSec-WebSocket-Version: 13\r\n\r\n"
}

/// A minimal answer that grants it.
func upgradeResponse(accept: String = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") -> String {
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    + "Sec-WebSocket-Accept: \(accept)\r\n\r\n"
}
