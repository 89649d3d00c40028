import TestSupport
import Testing
import WireBytes

@testable import HTTP1

@Suite struct SecretsTests {
  private func secrets(_ request: [String], _ response: [String] = goodResponse) -> Secrets {
    handshake(request, response).map { Secrets($0) } ?? Secrets()
  }

  private let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

  @Test(
    "Fields that are secret are shown without their values",
    arguments: [
      ("Cookie", "session=abc; theme=dark", "session=[redacted]; theme=[redacted]"),
      ("cookie", "justavalue", "[redacted]"),
      ("Cookie", "a=b; justavalue", "a=[redacted]; [redacted]"),
      ("Set-Cookie", "x; Path=/", "[redacted]; Path=/"),
      ("Set-Cookie", "id=abc; Path=/; HttpOnly", "id=[redacted]; Path=/; HttpOnly"),
      ("Authorization", "Bearer abc.def", "Bearer [redacted]"), ("AUTHORIZATION", "abcdef", "[redacted]"),
      ("Proxy-Authorization", "Basic dXNlcjpwYXNz", "Basic [redacted]"), ("X-Auth-Token", "1", "[redacted]"),
      ("X-Api-Key", "k", "[redacted]"), ("Location", "/a?token=1&b=2", "/a?token=[redacted]&b=2"),
      ("User-Agent", "curl/8 token", "curl/8 token"), ("X-Session-Id", "1", "1"),
      ("X-Session-Id", "k3Jx9Qw2", "[redacted]"),
      ("X-Auth", "1", "[redacted]"), ("X-Access-Key", "1", "[redacted]"), ("X-CSRF", "1", "[redacted]"),
      ("WWW-Authenticate", "Bearer realm=\"a\"", "Bearer realm=\"a\""),
      ("Access-Control-Allow-Credentials", "true", "true"), ("X-Author", "me", "me"),
      ("X-Monkey", "me", "me"), ("X-Identity", "Bearer abcdef", "Bearer [redacted]"),
      ("X-User", "id eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x-_ z", "id [redacted] z"),
      // Runs that begin as a token does and are none, before one that is.
      (
        "X-User", "eyJ-eyJ-eyJ-eyJ-eyJ eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x",
        "eyJ-eyJ-eyJ-eyJ-eyJ [redacted]"
      ),
      ("X-User", "eyJ-a.eyJhbGciOiJIUzI1NiJ9.b.c d", "[redacted] d"),
      ("X-Original-URL", "/ws?token=a&b=1", "/ws?token=[redacted]&b=1"),
      ("Referer", "https://joe:pw@h/x?sig=1", "https://joe:[redacted]@h/x?sig=[redacted]"),
      ("Link", "</ws?token=a&b=1>; rel=x", "</ws?token=[redacted]&b=1>; rel=x"),
      ("Refresh", "5; url=/ws?token=a", "5; url=/ws?token=[redacted]"),
      ("Sec-WebSocket-Extensions", "x-auth; token=abc, y; n=1", "x-auth; token=[redacted], y; n=1"),
      ("Sec-WebSocket-Extensions", "x-auth; token = abc", "x-auth; token = [redacted]"),
      ("", "Cookie id=1", "Cookie [redacted]"), ("", "nothing of it", "nothing of it"),
      ("Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
      ("X-RateLimit-Remaining-Tokens", "12", "12"),
      ("Host", "joe:pw@h:80", "joe:[redacted]@h:80"), ("Host", "h:80", "h:80"),
      ("Location", "wss://joe@h/", "wss://[redacted]@h/"),
      (
        "Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
      ),
      ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="),
    ])
  func fields(name: String, value: String, shown: String) {
    #expect(Secrets().redacted(header: name, value: value).withoutMarks == shown)
  }

  @Test(
    "Parameters that look like tokens are shown without their values",
    arguments: [
      ("/a?token=S&x=https://b/", "/a?token=[redacted]&x=https://b/"),
      ("/a?x=https://b/&token=S", "/a?x=https://b/&token=[redacted]"),
      ("/a;token=S;x=https://b/", "/a;token=[redacted];x=https://b/"),
      ("/a?x=https://u:pw@b/&y=1", "/a?x=https://u:[redacted]@b/&y=1"),
      ("/proxy/https://u:pw@h/", "/proxy/https://u:[redacted]@h/"), ("//joe:pw@h/", "//joe:[redacted]@h/"),
      ("/?token=a", "/?token=[redacted]"), ("/?access_token=a&x=1", "/?access_token=[redacted]&x=1"),
      ("/?a=1&API_KEY=b", "/?a=1&API_KEY=[redacted]"), ("/?room=5&lang=de", "/?room=5&lang=de"),
      ("/?q=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x", "/?q=[redacted]"),
      ("/?v=4f9a8b7c6d5e4f3a2b1c0d9e", "/?v=4f9a8b7c6d5e4f3a2b1c0d9e"),
      ("/?v=4f9a8b7c6d5e4f3a2b1c0d9", "/?v=[redacted]"),
      ("/socket.io/?EIO=4&sid=Zk9&t=1", "/socket.io/?EIO=4&sid=[redacted]&t=1"),
      (
        "/?X-Amz-Signature=ab&X-Amz-Date=20260101T000000Z",
        "/?X-Amz-Signature=[redacted]&X-Amz-Date=20260101T000000Z"
      ),
      ("/ws/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x/a", "/ws/[redacted]/a"),
      ("/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/x", "/[redacted]/x"),
      ("/ws/9f8e7d6c-5b4a-4938-a716-253443526170", "/ws/9f8e7d6c-5b4a-4938-a716-253443526170"),
      ("/a/room_2026_11_21_general_channel/x", "/a/room_2026_11_21_general_channel/x"),
      ("http://joe:pw@h/ws", "http://joe:[redacted]@h/ws"),
      ("/?%74oken=a", "/?%74oken=[redacted]"), ("/?access%5Ftoken=a", "/?access%5Ftoken=[redacted]"),
      ("/?auth%5Bpass%5D=a&auth[x]=b", "/?auth%5Bpass%5D=[redacted]&auth[x]=[redacted]"),
      ("/?next=%2Fb%3Faccess_token%3Dabc", "/?next=[redacted]"),
      ("/?next=%252Fb%253Faccess_token%253Dabc", "/?next=[redacted]"),
      ("/?q=%7B%22token%22%3A%22abc%22%7D", "/?q=[redacted]"), ("/?q={\"token\":\"abc\"}", "/?q=[redacted]"),
      ("/?q=%7B%22room%22%3A%22abc%22%7D", "/?q=%7B%22room%22%3A%22abc%22%7D"),
      ("/proxy/http%3A%2F%2Fh%2F%3Ftoken%3Dabc/x", "/proxy/[redacted]/x"),
      ("/?data=access_token%3Dabc", "/?data=[redacted]"),
      (
        "/hub?id=Zq7Xw2Lm9Kd4Rt8Vb3Nc6H&file=Zq7Xw2Lm9Kd4Rt8Vb3Nc6H",
        "/hub?id=[redacted]&file=Zq7Xw2Lm9Kd4Rt8Vb3Nc6H"
      ),
      (
        "/objectid/507f1f77bcf86cd799439011/rooms/01HZY3V5K8Q2W4E6R8T0Y2U4I6?max_tokens=100&session_id=s1",
        "/objectid/507f1f77bcf86cd799439011/rooms/01HZY3V5K8Q2W4E6R8T0Y2U4I6?max_tokens=100&session_id=s1"
      ),
      ("/?a=1;token=b;c=2", "/?a=1;token=[redacted];c=2"), ("/?token=b;c?d#e&f=1", "/?token=[redacted]&f=1"),
      ("/ws;jsessionid=A1/x", "/ws;jsessionid=[redacted]"),
      ("/#access_token=a&x=1", "/#access_token=[redacted]&x=1"),
      ("/?x=4f9a-8b7c6d5e_4f3a2b-1c0d9e8f7a", "/?x=[redacted]"),
      ("/?x=4f9aB8b%2Fc6d5e%2B4f3a2b1c0d9eQ%3D", "/?x=[redacted]"),
      ("/?x=9f8e7d6c-5b4a-4938-a716-253443526170", "/?x=9f8e7d6c-5b4a-4938-a716-253443526170"),
      ("/?next=http%3A%2F%2Fh%2F%3Ftoken%3Da", "/?next=[redacted]"),
      ("/?next=http%3A%2F%2Fh%2F%3Froom%3Da", "/?next=http%3A%2F%2Fh%2F%3Froom%3Da"),
      (
        "/?access_key=a&user_pass=b&passphrase=c&psk=d&PHPSESSID=e&authkey=f&csrf=g&assertion=h",
        "/?access_key=[redacted]&user_pass=[redacted]&passphrase=[redacted]&psk=[redacted]&PHPSESSID=[redacted]"
          + "&authkey=[redacted]&csrf=[redacted]&assertion=[redacted]"
      ),
      ("/?author=a&monkey=b&country_code=c&passage=d", "/?author=a&monkey=b&country_code=c&passage=d"),
      ("/token", "/token"), ("/?token", "/?token"), ("/?token=", "/?token="), ("/?&&=&a", "/?&&=&a"),
    ])
  func queries(target: String, shown: String) {
    let found = secrets(goodRequest.beginning("GET \(target) HTTP/1.1"))
    #expect(found.redacted(target: target).withoutMarks == shown)
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
      ("4f9a8b7c6d5e4f3a2b1c", "[redacted]"), ("123e4567-e89b-12d3-a456-426614174000", nil),
      ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x", "[redacted]"),
      ("chat, 4f9a-8b7c6d5e_4f3a2b-1c0d9e8f7a", "chat, [redacted]"),
      ("chat, auth_4f9a8b7c", "chat, auth_[redacted]"),
      ("phoenix, base64url.bearer.phx.U0ZNeU5UWS5n", "phoenix, base64url.bearer.[redacted]"),
      ("chat, abcdefghijklmn12", nil), ("chat, abcdefghijklmno1", nil),
      ("abcdefghijklm12", nil),
      ("1234567890123456", nil), ("abcdefgh.ijklmn12", nil),
      ("my_token.SFMyNTY", nil), ("İé_token.SFMyNTY.g2gDbQ", "İé_token.[redacted]"),
      ("my_token.SFMyNTY.g2gDbQ", "my_token.[redacted]"),
      ("mycompany-realtime-protocol-2024-11-05, token-auth, auth-v2, com.auth0.protocol.v1", nil),
    ])
  func subprotocols(value: String, shown: String?) {
    let found = secrets(goodRequest + ["Sec-WebSocket-Protocol: \(value)"])
    #expect(found.redacted(header: "Sec-WebSocket-Protocol", value: value).withoutMarks == shown ?? value)
    #expect(found.isEmpty == (shown == nil))
  }

  @Test func theServersChoiceOfATokenIsHiddenToo() {
    let found = secrets(
      goodRequest + ["Sec-WebSocket-Protocol: access_token, abc"],
      goodResponse + ["Sec-WebSocket-Protocol: abc"])
    #expect(found.redacted(subprotocol: "abc").withoutMarks == "[redacted]")
    #expect(found.redacted(subprotocol: "access_token").withoutMarks == "access_token")
  }

  @Test func aTokenThatOnlyTheServerNamesIsHiddenToo() {
    let found = secrets(goodRequest, goodResponse + ["Sec-WebSocket-Protocol: \(jwt)"])
    #expect(found.redacted(subprotocol: jwt).withoutMarks == "[redacted]")
    #expect(found.redacted(sentence: "selects \"\(jwt)\"").withoutMarks == "selects \"[redacted]\"")
  }

  @Test("A status reason that repeats a secret is a place of its own, and is shown without it")
  func reason() {
    let found = secrets(
      goodRequest.beginning("GET /chat?token=abc12345secret HTTP/1.1"),
      ["HTTP/1.1 403 Forbidden: abc12345secret", "Content-Length: 0"])
    #expect(found.places == ["query parameter token", "status reason"])
    #expect(found.redacted(sentence: "Forbidden: abc12345secret").withoutMarks == "Forbidden: [redacted]")
  }

  @Test func sentencesLoseAShortValueWithItsTarget() {
    let found = secrets(goodRequest.beginning("GET /?pin=1234#a HTTP/1.1"))
    #expect(
      found.redacted(sentence: "the request target is \"/?pin=1234#a\"").withoutMarks
        == "the request target is \"/?pin=[redacted]\"")
  }

  @Test func sentencesLoseTheValuesEvenWhereTheyWereCut() {
    let found = secrets(
      goodRequest.beginning("GET /?token=0123456789abcdefXYZ HTTP/1.1") + ["Sec-WebSocket-Protocol: \(jwt)"])
    #expect(
      found.redacted(sentence: "the subprotocol \"\(jwt)\" is no token").withoutMarks
        == "the subprotocol \"[redacted]\" is no token")
    #expect(
      found.redacted(sentence: "begins with \(jwt.prefix(40))…").withoutMarks == "begins with [redacted]…")
    #expect(!found.redacted(sentence: "target /?token=0123456789abcdefXYZ#a").contains("0123456789"))
    #expect(found.redacted(sentence: "nothing of it").withoutMarks == "nothing of it")
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

  @Test(
    "A part of a secret is hidden where a sentence, a body, another field or a Close repeats it",
    arguments: [
      ("Cookie: a=\"v4lueOne\"", "v4lueOne"), ("Cookie: a=x; b=v4lueTwo1", "v4lueTwo1"),
      ("Set-Cookie: a=v4lueSet1; Path=/", "v4lueSet1"),
      ("Authorization: Digest username=\"u\", response=\"v4lueDigest\"", "v4lueDigest"),
      ("Authorization: bearer\tv4lueBearer12", "v4lueBearer12"),
      ("Authorization: Token token=v4lueToken", "v4lueToken"),
      (
        "Authorization: AWS4-HMAC-SHA256 Credential=V4LUEAWSKEY/20260101/x, Signature=v4lueSig", "V4LUEAWSKEY"
      ),
      ("Authorization: AWS4-HMAC-SHA256 Credential=V4LUEAWSKEY/20260101/x, Signature=v4lueSig1", "v4lueSig1"),
      ("Authorization: Basic am9lOnY0bHVlQmFzaWM=", "v4lueBasic"),
      ("Sec-WebSocket-Protocol: chat, access_token, v4lueNext", "v4lueNext"),
      ("Sec-WebSocket-Extensions: x; auth=\"v4lueExtension\"", "v4lueExtension"),
      ("X-Custom: a; password=v4luePair", "v4luePair"),
      ("X-Json: {\"auth\":{\"pw\":\"v4lueJson\"}}", "v4lueJson"),
      ("Link: </a?sig=v4lueLink>; rel=x, <https://h/b>", "v4lueLink"),
      ("X-Original-URL: /a?next=%2Fx%3Ftoken%3Dv4lueNested", "v4lueNested"),
      ("Referer: https://u:v4luePassword@h/", "v4luePassword"),
    ])
  func echoes(field: String, value: String) {
    let secrets = secrets([
      "GET /chat HTTP/1.1", "Host: example.com", "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", field,
    ])
    #expect(secrets.redacted(sentence: "no \(value) here").withoutMarks == "no [redacted] here")
    #expect(secrets.redacted(body: "no \(value) here").withoutMarks == "no [redacted] here")
    #expect(SecretValues(of: secrets).redacted("no \(value) here").withoutMarks == "no [redacted] here")
    #expect(secrets.redacted(header: "X-Why", value: "no \(value) here").withoutMarks == "no [redacted] here")
    #expect(secrets.redacted(header: "Host", value: value) == value)
  }

  @Test("Words of cookies and attributes of theirs stay in other fields")
  func wordsStay() {
    let secrets = secrets([
      "GET /chat HTTP/1.1", "Host: example.com", "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Cookie: theme=midnight-blue; n=1700000000",
      "Set-Cookie: id=abc; Domain=app.example.com; Path=/chat/room1",
    ])
    for value in ["midnight-blue", "1700000000", "app.example.com", "/chat/room1"] {
      #expect(secrets.redacted(header: "X-Why", value: value) == value)
    }
    #expect(secrets.redacted(sentence: "not at app.example.com") == "not at app.example.com")
    #expect(secrets.redacted(target: "/chat/midnight-blue") == "/chat/midnight-blue")
  }

  @Test("Values that are hidden in payloads are hidden in a Close, short ones as words")
  func valuesOfPayloads() {
    var values = SecretValues()
    for value in ["abc", "x1", "longer value"] { values.add(Array(value.utf8).span) }
    #expect(values.redacted("abc, abcd, x1, longer val").withoutMarks == "[redacted], abcd, x1, [redacted]")
    for index in 0..<2000 { values.add(Array("value-number-\(index)".utf8).span) }
    #expect(values.cost < 16_384)
    #expect(values.redacted("value-number-1999 x").withoutMarks == "[redacted] x")
  }
}
