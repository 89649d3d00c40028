import SessionTestSupport
import TestSupport
import Testing
import WireBytes

@testable import Pipeline
@testable import SessionAnalysis

@Suite struct HandshakeNotesTests {
  private func run(_ request: [String], host: String = "h", path: String = "/", hides: Bool = true) -> Heard {
    var options = AnalysisOptions()
    options.hidesSecrets = hides
    return analyze(SyntheticSession(path: path, request: request, host: host).packets, options)
  }

  @Test(
    "An Origin of another host is noted",
    arguments: [
      ("http://evil.example", "h", true), ("http://h", "h:8080", false), ("https://H:3000", "h", false),
      ("null", "h", true), ("http://[::1]:3000", "[::1]:80", false), ("http://[::1]", "[::2]", true),
      ("http://app.h", "h", true),
    ])
  func origins(origin: String, host: String, isForeign: Bool) {
    let rules = run(["Origin: \(origin)"], host: host).rules
    #expect(rules.contains("foreign_origin") == isForeign)
  }

  @Test(
    "The host that a proxy was asked for counts as the Host",
    arguments: [
      ("X-Forwarded-Host: app.example", false), ("X-Forwarded-Host: evil.example", true),
      ("X-Forwarded-Host: APP.example:443, inner", false),
      ("Forwarded: for=192.0.2.1;host=app.example", false),
      ("Forwarded: for=192.0.2.1, for=10.0.0.1; Host=\"app.example:443\";proto=https", false),
      ("Forwarded: for=app.example", true),
    ])
  func forwardedHosts(field: String, isForeign: Bool) {
    let rules = run(["Origin: https://app.example", field], host: "backend:8080").rules
    #expect(rules.contains("foreign_origin") == isForeign)
  }

  @Test("Credentials are blamed on the side that sent them")
  func sides() {
    func notes(_ request: [String], _ response: [String]) -> [Side?] {
      analyze(SyntheticSession(request: request, response: response).packets).anomalies
        .filter { $0.anomaly.rule == SessionRule.credentialsInClear }.map(\.anomaly.side)
    }
    #expect(notes(["Cookie: a=verysecretvalue"], []) == [.client])
    #expect(notes([], ["Set-Cookie: a=verysecretvalue"]) == [.server])
    #expect(notes(["Cookie: a=verysecretvalue"], ["Set-Cookie: a=verysecretvalue"]) == [.client, .server])
    let token = "Sec-WebSocket-Protocol: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x"
    #expect(notes([token], [token]) == [.client])
  }

  @Test func aRequestWithoutOriginIsNoPage() {
    #expect(!run([]).rules.contains("foreign_origin"))
  }

  @Test(
    "Credentials over ws:// are noted by their places, never by their values",
    arguments: [
      ["Cookie: session=verysecretvalue"], ["Authorization: Bearer verysecretvalue"],
      ["Sec-WebSocket-Protocol: access_token, verysecretvalue"],
    ])
  func credentials(request: [String]) {
    for hides in [true, false] {
      let heard = run(request, hides: hides)
      let notes = heard.anomalies.filter { $0.anomaly.rule == SessionRule.credentialsInClear }
      #expect(notes.count == 1)
      #expect(notes.first?.anomaly.detail.contains("verysecret") == false)
    }
  }

  @Test func aRequestWithoutCredentialsIsNotNoted() {
    #expect(!run(["User-Agent: token"], path: "/?room=1").rules.contains("credentials_in_clear"))
  }

  @Test func whatReportsAreGivenHidesSecretsOnlyWhenAskedTo() {
    let request = ["Sec-WebSocket-Protocol: a/b, eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x/y"]
    let path = "/?token=verysecretvalue#x"
    let hidden = run(request, path: path)
    #expect(hidden.opened.first?.url?.withoutMarks == "ws://h/?token=[redacted]")
    #expect(
      !hidden.anomalies.contains {
        $0.anomaly.detail.contains("eyJ") || $0.anomaly.detail.contains("verysecret")
      })
    let shown = run(request, path: path, hides: false)
    #expect(shown.opened.first?.url == "ws://h/?token=verysecretvalue#x")
    #expect(shown.anomalies.contains { $0.anomaly.detail.contains("eyJ") })
  }
}
