import Foundation
import Testing

/// Handshakes that were judged wrongly, and what came before a request (Tests/Cases/handshake, Tests/Cases/preamble).
@Suite("Cases of handshakes and what comes before them")
struct HandshakeCaseTests {
  private func events(_ name: String) throws -> [Event] {
    let outcome = try Tool.run(["--json", "Tests/Cases/\(name).pcap"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.events()
  }

  private func finding(_ rule: String, in events: [Event]) -> [Event] {
    events.named("anomaly").filter { $0.string("rule") == rule }
  }

  @Test("A cookie that the server sets is the server's")
  func setCookie() throws {
    let found = finding("credentials_in_clear", in: try events("handshake/set-cookie-blamed-on-client"))
    #expect(found.map(\.from) == ["server"] && found.first?.int("packet") == 6)
  }

  @Test("Transfer-Encoding in a 101 breaks RFC 9112")
  func transferEncoding() throws {
    let found = finding(
      "body_fields_in_101", in: try events("handshake/reference-of-transfer-encoding-in-101"))
    #expect(found.map { $0.string("reference") } == ["RFC 9112 §6.1"])
  }

  @Test("The accept of an empty key is known")
  func emptyKey() throws {
    let found = finding("wrong_accept", in: try events("handshake/accept-of-empty-key"))
    let detail = try #require(found.first?.string("detail"))
    #expect(
      detail.hasSuffix(", and it is the accept of an empty key: something dropped the client's key"))
  }

  @Test("The host that a proxy was asked for is no foreign one")
  func forwardedHost() throws {
    #expect(finding("foreign_origin", in: try events("handshake/foreign-origin-behind-proxy")).isEmpty)
  }

  @Test("Version 6 is named, and frames of RFC 6455 are read")
  func version6() throws {
    let events = try events("handshake/version-6-with-rfc6455-frames")
    #expect(finding("draft_version", in: events).count == 1)
    #expect(finding("frames_of_rfc6455", in: events).count == 1)
    let close = try #require(events.named("session_close").first)
    #expect(close.object("client")?.int("unexplained_bytes") == 0)
    #expect(close.object("server")?.int("unexplained_bytes") == 0)
    #expect(!events.named("message").isEmpty)
  }

  @Test(
    "The session behind a preamble is read",
    arguments: [
      ("empty-line-before-request", [] as [String]),
      ("proxy-protocol-v1", ["     via PROXY v1 from 203.0.113.5:51234, told by 192.0.2.10:50000"]),
      ("socks5", ["     via SOCKS5 to example.test:80"]),
    ])
  func preambles(name: String, lines: [String]) throws {
    let events = try events("preamble/\(name)")
    let opening = try #require(events.named("session_open").first)
    #expect(opening.object("handshake")?.string("outcome") == "upgraded")
    #expect((opening.objects("via")?.count ?? 0) == lines.count)
    #expect(!events.named("message").isEmpty)
    let close = try #require(events.named("session_close").first)
    for side in ["client", "server"] { #expect(close.object(side)?.int("unexplained_bytes") == 0) }
    let text = try Tool.run(["Tests/Cases/preamble/\(name).pcap"])
    #expect(text.lines.filter { $0.contains("via ") }.map(String.init) == lines)
  }
}
