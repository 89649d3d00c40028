import Foundation
import TestSupport
import Testing
import WireBytes

/// Captures of what people reported: heads cut by the snapshot length, refusals, address translation, users behind one proxy.
@Suite("Reported cases")
struct ReportedCaseTests {
  private func events(_ name: String) throws -> [Event] {
    try Tool.run(["--json", "Tests/Cases/\(name).pcap"]).events()
  }

  @Test("A 101 that the snapshot length cut is an upgrade, and the frames after it are read")
  func cutSwitch() throws {
    let events = try events("report/rej101")
    #expect(events.openings.values.map { $0.object("handshake")?.string("outcome") } == ["upgraded"])
    #expect(events.named("message").map { $0.string("text") } == ["order 2", "ack order 2"])
    let whole = try self.events("report/rej101full")
    #expect(whole.named("message").map { $0.string("text") } == ["order 2", "ack order 2"])
    let end = try #require(events.named("capture_end").first)
    #expect(end.int("packets_truncated") == 2 && end.int("truncated_at") == 128)
    #expect(try #require(whole.named("capture_end").first).int("packets_truncated") == 0)
    let text = try Tool.run(["Tests/Cases/report/rej101.pcap"]).text
    #expect(text.hasSuffix("\n2 of 12 packets truncated at 128 bytes; capture with -s 0\n"))
  }

  @Test("The body of a refusal is shown, with what says who refused and when to try again")
  func refusal() throws {
    let path = "Tests/Cases/report/body-of-refusal-not-shown.pcap"
    let text = try Tool.run([path]).text
    #expect(text.contains("503 Service Unavailable   Retry-After: 5   Server: envoy\n"))
    let reason =
      "upstream connect error or disconnect/reset before headers. reset reason: connection termination"
    #expect(text.contains("     body 95 B: \(reason)\n"))
    let close = try #require(Tool.run(["--json", path]).events().named("session_close").first)
    #expect(close.object("refusal_body")?.string("text") == reason)
    #expect(close.string("cause") == "refusal_body")
    #expect(close.object("refusal_body")?.int("bytes") == 95)
  }

  @Test("One connection before and after address translation is one session, with both pairs of addresses")
  func translation() throws {
    let events = try events("proxy/address-translation-called-proxy")
    #expect(events.named("session_open").count == 1)
    #expect(events.named("message").count == 10)
    let found = events.named("anomaly").filter { $0.string("rule") == "address_translated" }
    #expect(found.count == 1)
    #expect(found.first?.string("detail")?.contains("192.0.2.10:50000 → 203.0.113.77:8080") == true)
    let close = try #require(events.named("session_close").first)
    #expect(close.objects("also_captured_as")?.first?.object("server")?.string("ip") == "203.0.113.77")
  }

  @Test("Users that a proxy tells apart are not one client that reconnects")
  func usersBehindProxy() throws {
    let events = try events("proxy/reconnect-storm-of-eight-users")
    #expect(events.named("session_open").count == 8)
    #expect(events.named("session_open").allSatisfy { $0.object("reconnect") == nil })
    #expect(!events.named("anomaly").contains { $0.string("rule") == "reconnect_storm" })
  }

  @Test(
    "What is told of both legs is told in JSON and in text",
    arguments: [
      (
        "nginx-default-timeout-of-60s",
        "  #1 closed by the proxy between #2 and #1, 60.1 s after the last byte (nginx proxy_read_timeout); the session lasted 60.1 s, 3 ▶ 3 ◀ messages\n"
      ),
      (
        "nginx-drops-upgrade",
        #"     the proxy passes on no Upgrade (was "websocket")"# + "\n"
      ),
      (
        "nginx-504-upstream-silent",
        "     upstream 127.0.0.4:9001 did not answer 4 SYNs (packets 6 to 9)\n"
      ),
      ("proxy-drops-message", "     only #2 has message 2 from the client: packet 21, 21 bytes\n"),
    ])
  func legs(name: String, line: String) throws {
    let path = "Tests/Cases/proxy/\(name).pcap"
    #expect(try Tool.run([path]).text.contains(line))
    let schema = try String(contentsOfFile: "docs/json.schema.json", encoding: .utf8)
    let json = try Tool.run(["--json", path]).text
    for match in json.matches(of: /[{,]"([a-z0-9_]+)":/) {
      #expect(schema.contains("\"\(match.1)\""), "\(match.1)")
    }
  }
}
