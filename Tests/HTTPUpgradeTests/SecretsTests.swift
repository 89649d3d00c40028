import Testing
import WireBytes

@testable import HTTPUpgrade

@Suite struct SecretsTests {
  private func secrets(_ request: [String], _ response: [String] = goodResponse) -> Secrets {
    handshake(request, response).map { Secrets($0) } ?? Secrets()
  }

  private let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

  @Test(
    "Fields that are secret are shown without their values",
    arguments: [
      ("Cookie", "session=abc; theme=dark", "session=[redacted]; theme=[redacted]"),
      ("cookie", "justavalue", "justavalue"),
      ("Set-Cookie", "id=abc; Path=/; HttpOnly", "id=[redacted]; Path=/; HttpOnly"),
      ("Authorization", "Bearer abc.def", "Bearer [redacted]"), ("AUTHORIZATION", "abcdef", "[redacted]"),
      ("Proxy-Authorization", "Basic dXNlcjpwYXNz", "Basic [redacted]"), ("X-Auth-Token", "1", "[redacted]"),
      ("X-Api-Key", "k", "[redacted]"), ("Location", "/a?token=1&b=2", "/a?token=[redacted]&b=2"),
      ("User-Agent", "curl/8 token", "curl/8 token"),
      ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="),
    ])
  func fields(name: String, value: String, shown: String) {
    #expect(Secrets().redacted(header: name, value: value) == shown)
  }

  @Test(
    "Parameters that look like tokens are shown without their values",
    arguments: [
      ("/?token=a", "/?token=[redacted]"), ("/?access_token=a&x=1", "/?access_token=[redacted]&x=1"),
      ("/?a=1&API_KEY=b", "/?a=1&API_KEY=[redacted]"), ("/?room=5&lang=de", "/?room=5&lang=de"),
      ("/?q=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x", "/?q=[redacted]"),
      ("/?v=4f9a8b7c6d5e4f3a2b1c0d9e", "/?v=[redacted]"),
      ("/socket.io/?EIO=4&sid=Zk9&t=1", "/socket.io/?EIO=4&sid=[redacted]&t=1"),
      (
        "/?X-Amz-Signature=ab&X-Amz-Date=20260101T000000Z",
        "/?X-Amz-Signature=[redacted]&X-Amz-Date=20260101T000000Z"
      ),
      ("/token", "/token"), ("/?token", "/?token"), ("/?token=", "/?token="), ("/?&&=&a", "/?&&=&a"),
    ])
  func queries(target: String, shown: String) {
    let found = secrets(goodRequest.beginning("GET \(target) HTTP/1.1"))
    #expect(found.redacted(target: target) == shown)
    #expect(found.isEmpty == (target == shown))
  }

  @Test(
    "Subprotocols that are tokens are shown as such, names are not",
    arguments: [
      ("chat, v10.stomp, graphql-transport-ws, ocpp1.6, wamp.2.json, v5.channel.k8s.io", nil),
      ("soap, mqttv3.1, xmpp, actioncable-v1-json, com.example.protocol.version2", nil),
      ("bearer.abcdefghij", "bearer.[redacted]"), ("access_token, abc", "access_token, [redacted]"),
      (
        "base64url.bearer.authorization.k8s.io.ZXlKaGJHY2lP, v4.channel.k8s.io",
        "base64url.bearer.authorization.k8s.io.[redacted], v4.channel.k8s.io"
      ),
      ("realtime, openai-insecure-api-key.sk-123456789", "realtime, openai-insecure-api-key.[redacted]"),
      ("4f9a8b7c6d5e4f3a2b1c", "[redacted]"), ("123e4567-e89b-12d3-a456-426614174000", "[redacted]"),
      ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x", "[redacted]"),
    ])
  func subprotocols(value: String, shown: String?) {
    let found = secrets(goodRequest + ["Sec-WebSocket-Protocol: \(value)"])
    #expect(found.redacted(header: "Sec-WebSocket-Protocol", value: value) == shown ?? value)
    #expect(found.isEmpty == (shown == nil))
  }

  @Test func theServersChoiceOfATokenIsHiddenToo() {
    let found = secrets(
      goodRequest + ["Sec-WebSocket-Protocol: access_token, abc"],
      goodResponse + ["Sec-WebSocket-Protocol: abc"])
    #expect(found.redacted(subprotocol: "abc") == "[redacted]")
    #expect(found.redacted(subprotocol: "access_token") == "access_token")
  }

  @Test func sentencesLoseTheValuesEvenWhereTheyWereCut() {
    let found = secrets(
      goodRequest.beginning("GET /?token=0123456789abcdefXYZ HTTP/1.1") + ["Sec-WebSocket-Protocol: \(jwt)"])
    #expect(
      found.redacted(sentence: "the subprotocol \"\(jwt)\" is no token")
        == "the subprotocol \"[redacted]\" is no token")
    #expect(found.redacted(sentence: "begins with \(jwt.prefix(40))…") == "begins with [redacted]…")
    #expect(!found.redacted(sentence: "target /?token=0123456789abcdefXYZ#a").contains("0123456789"))
    #expect(found.redacted(sentence: "nothing of it") == "nothing of it")
  }

  @Test func placesAreNamedOnce() {
    let found = secrets(
      goodRequest.beginning("GET /?token=a&token=b HTTP/1.1") + [
        "Cookie: a=b", "Cookie: c=d", "Authorization: Basic x",
      ],
      goodResponse + ["Set-Cookie: e=f"])
    #expect(found.places == ["Cookie", "Authorization", "Set-Cookie", "query parameter token"])
  }

  @Test func anOrdinaryHandshakeHasNone() {
    #expect(secrets(goodRequest).isEmpty)
  }
}
