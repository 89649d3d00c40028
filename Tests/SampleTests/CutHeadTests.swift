import Foundation
import TestSupport
import Testing
import WireBytes

/// A handshake whose heads the snap length cut: what there is of them is shown, and marked.
@Suite("Cut heads")
struct CutHeadTests {
  /// Bytes of Ethernet, IP and TCP headers in front of a head.
  private static let headers = 14 + 20 + 20

  /// A conversation of which every packet of more than so many bytes of payload is cut.
  private func events(request: Int, response: Int = 10_000) throws -> (events: [Event], text: String) {
    var tcp = TCPConversation()
    tcp.upgrade()
    for number in 0..<5 {
      for side in [.client, .server] as [Side] { tcp.text(from: side, "message \(number) of the \(side)") }
    }
    tcp.close()
    var packets = tcp.packets
    for (index, limit) in [(3, request), (4, response)] {
      packets[index] = packets[index].cut(to: Self.headers + limit)
    }
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(packets.pcap())
    return (try Tool.run(["--json", path]).events(), try Tool.run([path]).text)
  }

  private struct Seen: Equatable {
    var method: String?
    var target: String?
    var headers: [String]
    var isCut: Bool?
    var url: String?
    var version: String?
    var outcome: String?

    init(
      _ target: String?, _ headers: [String], url: String? = nil, version: String? = "1.1",
      outcome: String = "upgraded"
    ) {
      (method, self.target, self.headers, isCut) = ("GET", target, headers, true)
      (self.url, self.version, self.outcome) = (url, version, outcome)
    }

    init(_ open: Event) {
      let request = open.object("request")
      (method, target) = (request?.string("method"), request?.string("target"))
      headers = (request?.members["headers"] as? [[String]] ?? []).map { $0[0] }
      isCut = request?.bool("cut")
      (url, version) = (open.string("url"), open.string("http_version"))
      outcome = open.object("handshake")?.string("outcome")
    }
  }

  @Test(
    "Of a cut request the line and the whole fields are shown",
    arguments: [
      // GET /chat?room=1 HTTP/1.1\r\n, Host: h\r\n, Upgrade: websocket\r\n, Connection …
      (12, Seen("/chat?ro", [], version: nil)), (20, Seen("/chat?room=1", [], version: nil)),
      (26, Seen("/chat?room=1", [])), (33, Seen("/chat?room=1", [])),
      (36, Seen("/chat?room=1", ["Host"], url: "ws://h/chat?room=1")),
      (100, Seen("/chat?room=1", ["Host", "Upgrade", "Connection"], url: "ws://h/chat?room=1")),
    ])
  private func request(bytes: Int, seen: Seen) throws {
    let (events, text) = try events(request: bytes)
    let open = try #require(events.named("session_open").first)
    #expect(Seen(open) == seen)
    #expect(open.object("response")?.bool("cut") == nil)
    #expect(open.object("handshake")?.members["accept_valid"] is NSNull)
    #expect(events.named("message").count == 10)
    let rules = events.named("anomaly").compactMap { $0.string("rule") }
    #expect(
      rules == ["http_head_unfinished", "constant_masking_key"],
      "nothing is said to be missing that may have been cut off")
    #expect(text.contains("GET \(seen.target ?? "")"), "\(text)")
    #expect(text.contains("   cut"), "\(text)")
    #expect(events.named("session_close").first?.int("unexplained_bytes") == 0)
  }

  @Test(
    "Where both heads are cut, what there is of them is shown, and the frames are found",
    arguments: [
      (12, 5, Seen("/chat?ro", [], version: nil, outcome: "incomplete"), nil),
      (36, 5, Seen("/chat?room=1", ["Host"], url: "ws://h/chat?room=1", outcome: "incomplete"), nil),
      (36, 15, Seen("/chat?room=1", ["Host"], url: "ws://h/chat?room=1"), 101),
      (60, 60, Seen("/chat?room=1", ["Host", "Upgrade"], url: "ws://h/chat?room=1"), 101),
    ] as [(Int, Int, Seen, Int?)])
  private func both(request: Int, response: Int, seen: Seen, status: Int?) throws {
    let (events, text) = try events(request: request, response: response)
    let opened = events.named("session_open")
    #expect(opened.count == 1)
    let open = try #require(opened.first)
    #expect(Seen(open) == seen)
    #expect(open.object("response")?.int("status") == status)
    #expect(open.object("response")?.bool("cut") == (status == nil ? nil : true))
    #expect(events.named("message").count == 10)
    #expect(text.contains("GET \(seen.target ?? "")"), "\(text)")
    #expect(!text.contains("no extensions"), "they may have been cut off: \(text)")
  }

  @Test("A refusal that was cut is one")
  func refusal() throws {
    var tcp = TCPConversation()
    tcp.handshake()
    tcp.send(
      from: .client,
      "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nCookie: a=b\r\n\r\n".utf8)
    tcp.send(
      from: .server, "HTTP/1.1 403 Forbidden\r\nServer: s\r\nContent-Length: 10\r\n\r\n0123456789".utf8)
    tcp.close()
    var packets = tcp.packets
    packets[3] = packets[3].cut(to: Self.headers + 50)
    packets[4] = packets[4].cut(to: Self.headers + 30)
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let events = try Tool.run(["--json", try folder.write(packets.pcap())]).events()
    let open = try #require(events.named("session_open").first)
    #expect(open.object("handshake")?.string("outcome") == "rejected")
    #expect(open.object("response")?.int("status") == 403)
    #expect(open.object("response")?.bool("cut") == true)
  }
}
