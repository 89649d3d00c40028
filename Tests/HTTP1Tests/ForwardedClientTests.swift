import Testing

@testable import HTTP1

@Suite("For whom a proxy asks")
struct ForwardedClientTests {
  @Test(
    "it is the first address that a field tells",
    arguments: [
      (["X-Forwarded-For: 203.0.113.7"], "203.0.113.7"),
      (["X-Forwarded-For:  203.0.113.7 , 10.0.0.1, 10.0.0.2"], "203.0.113.7"),
      (["X-Real-IP: 203.0.113.8"], "203.0.113.8"),
      (["Forwarded: for=192.0.2.60;proto=http;by=203.0.113.43"], "192.0.2.60"),
      (["Forwarded: proto=http; FOR=\"[2001:db8::1]:4711\", for=192.0.2.1"], "\"[2001:db8::1]:4711\""),
      (["Forwarded: by=203.0.113.43"], nil),
      (["X-Forwarded-For: , 10.0.0.1"], "10.0.0.1"),
      (["X-Forwarded-For: "], nil),
      ([], nil),
    ] as [([String], String?)])
  func address(fields: [String], expected: String?) throws {
    let seen = try #require(handshake(goodRequest + fields, goodResponse))
    #expect(seen.request.flatMap { ForwardedClient.address(in: $0) } == expected)
  }
}
