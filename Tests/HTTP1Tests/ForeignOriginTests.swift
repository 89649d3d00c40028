import Testing

@testable import HTTP1

@Suite("Pages of other origins")
struct ForeignOriginTests {
  private func request(host: String, origin: String) -> [String] {
    goodRequest.map {
      $0.hasPrefix("Host:") ? "Host: \(host)" : $0.hasPrefix("Origin:") ? "Origin: \(origin)" : $0
    }
  }

  @Test(
    "Hosts are compared without ports for a foreign host, and with them for a cross-origin request",
    arguments: [
      ("http://app.example", "app.example", false, false),
      ("https://app.example", "APP.example", false, false),
      ("https://app.example", "app.example:443", false, false),
      ("http://app.example:80", "app.example", false, false),
      ("http://app.example:3000", "app.example", false, true),
      ("http://localhost:3000", "localhost:8080", false, true),
      ("http://localhost:8080", "localhost:8080", false, false),
      ("http://[2001:db8::1]:3000", "[2001:db8::1]:3000", false, false),
      ("http://[2001:db8::1]:3000", "[2001:db8::1]", false, true),
      ("http://other.example", "app.example", true, true),
      ("null", "app.example", true, true),
      ("http://app.example:99999999999999999999999", "app.example", false, true),
      ("http://app.example:", "app.example", false, false),
    ])
  func origins(origin: String, host: String, isForeign: Bool, isCrossOrigin: Bool) throws {
    let request = request(host: host, origin: origin)
    let seen = try #require(handshake(request, goodResponse)?.request)
    #expect(seen.originMismatch == (isForeign ? .host : isCrossOrigin ? .port : nil))
  }

  @Test func theHostThatAProxyWasAskedForCounts() throws {
    let request = request(host: "upstream:9000", origin: "http://app.example:8443")
    let seen = try #require(
      handshake(request + ["X-Forwarded-Host: app.example:8443"], goodResponse)?.request)
    #expect(seen.originMismatch == nil)
  }
}
