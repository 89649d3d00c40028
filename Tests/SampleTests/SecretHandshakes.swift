import TestSupport
import WireBytes

/// A capture whose handshakes hold a secret in every place that is known to hold them.
enum SecretHandshakes {
  /// A value that must not be shown unless the user asks for it.
  struct Secret: Sendable, CustomStringConvertible {
    /// Where it stands.
    var place: String
    /// A text that occurs nowhere else in the capture.
    var value: String
    /// Whether the text output shows its field at all.
    var isInText = false

    var description: String { place }
  }

  private static let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0"

  static let all = [
    Secret(place: "a cookie", value: "sec-cookie-01"),
    Secret(place: "a cookie without a name", value: "sec-cookie-02"),
    Secret(place: "a cookie in a folded line", value: "sec-cookie-03"),
    Secret(place: "Authorization: Bearer", value: "sec-bearer-04"),
    Secret(place: "Proxy-Authorization", value: "sec-proxyauth-05"),
    Secret(place: "a parameter of the query", value: "sec-query-06", isInText: true),
    Secret(place: "a parameter after a semicolon", value: "sec-query-07", isInText: true),
    Secret(place: "a URL in a parameter", value: "sec-nested-08", isInText: true),
    Secret(place: "a parameter whose name is escaped", value: "sec-escaped-09", isInText: true),
    Secret(place: "a fragment of the target", value: "sec-fragment-10", isInText: true),
    Secret(place: "a segment of the path", value: "\(jwt).sec-path-11", isInText: true),
    Secret(place: "userinfo of Host", value: "sec-host-12", isInText: true),
    Secret(place: "userinfo of Origin", value: "sec-origin-13", isInText: true),
    Secret(place: "userinfo of Referer", value: "sec-referer-14"),
    Secret(place: "the query of Referer", value: "sec-referer-15"),
    Secret(place: "a subprotocol with a prefix", value: "sec-bearer-prefix-16", isInText: true),
    Secret(place: "the subprotocol after access_token", value: "sec-next-17", isInText: true),
    Secret(place: "a JWT as subprotocol", value: "\(jwt).sec-jwt-18", isInText: true),
    Secret(place: "a JWT in a field of any name", value: "\(jwt).sec-jwt-19"),
    Secret(place: "the target that a proxy forwards", value: "sec-forwarded-20"),
    Secret(place: "a token that a proxy forwards", value: "sec-forwarded-21"),
    Secret(place: "X-Api-Key", value: "sec-apikey-22"),
    Secret(place: "Sec-WebSocket-Location", value: "sec-location-23"),
    Secret(place: "credentials in a field of any name", value: "sec-identity-24"),
    Secret(place: "Set-Cookie of a 101", value: "sec-setcookie-25"),
    Secret(
      place: "the subprotocol that only the server names", value: "\(jwt).sec-selected-26", isInText: true),
    Secret(place: "X-Session-Id of a 101", value: "sec-session-27"),
    Secret(place: "the query of a Location", value: "sec-redirect-28", isInText: true),
    Secret(place: "userinfo of a Location", value: "sec-redirect-29", isInText: true),
    Secret(place: "Set-Cookie of a redirect", value: "sec-setcookie-30"),
    Secret(place: "Authorization of a refused request", value: "sec-basic-31"),
    Secret(place: "the query of a refused request", value: "sec-refused-32", isInText: true),
    Secret(place: "the query of a request without an answer", value: "sec-unanswered-33", isInText: true),
    Secret(place: "a cookie of a request without an answer", value: "sec-unanswered-34"),
    Secret(place: "a head that the capture cuts", value: "sec-cut-35"),
    Secret(place: "Set-Cookie of a 101 whose request is not captured", value: "sec-alone-36"),
    Secret(place: "the Origin of a draft", value: "sec-draft-37", isInText: true),
    Secret(place: "userinfo of an absolute target", value: "sec-absolute-38", isInText: true),
    Secret(place: "the query of an absolute target", value: "sec-absolute-39", isInText: true),
    Secret(place: "the query of a client that came back", value: "sec-again-40", isInText: true),
    Secret(place: "a second Host", value: "sec-host-41", isInText: true),
    Secret(place: "a subprotocol that is offered twice", value: "sec-twice-42", isInText: true),
    Secret(place: "a parameter of an extension", value: "sec-extension-43", isInText: true),
    Secret(place: "a line without a colon", value: "sec-malformed-44", isInText: true),
    Secret(place: "the URL of a Link", value: "sec-link-45"),
    Secret(place: "a parameter in camel case", value: "sec-camel-46", isInText: true),
    Secret(place: "a relative URL that is escaped twice", value: "sec-relative-47", isInText: true),
    Secret(place: "JSON in a query", value: "sec-json-48", isInText: true),
    Secret(place: "a value that a status line and a body repeat", value: "sec-echo-49", isInText: true),
    Secret(place: "Authorization: Digest", value: "sec-digest-50"),
    Secret(place: "the answer of a challenge", value: "sec-negotiate-51", isInText: true),
    Secret(place: "a member of a refusal's body", value: "sec-body-52", isInText: true),
    Secret(place: "a cookie that a Close repeats", value: "sec-cookie-53", isInText: true),
    Secret(place: "a first line that cannot be read", value: "sec-line-54", isInText: true),
    Secret(place: "a field within which the capture cuts", value: "sec-cutfield-55", isInText: true),
    Secret(place: "a target within which the capture cuts", value: "eyJsec-cuttarget-56", isInText: true),
    Secret(place: "credentials in a first line that cannot be read", value: "sec-scheme-57", isInText: true),
    Secret(place: "a pair in a field of any name", value: "sec-pair-58"),
    Secret(place: "JSON in a field of any name", value: "sec-json-59"),
    Secret(place: "the first URL of a Link", value: "sec-link-60"),
    Secret(place: "the second URL of a Link", value: "sec-link-61"),
  ]

  /// The capture.
  static let packets: [Packet] = {
    var (now, port) = (CaptureTime.testStart, UInt16(40_000))
    /// The packets of one more connection, after those before.
    func connection(_ body: (inout TCPConversation) -> Void) -> [Packet] {
      var tcp = TCPConversation(client: TestEndpoint("10.0.0.1", port), start: now)
      tcp.handshake()
      body(&tcp)
      tcp.close()
      (port, now) = (port + 1, tcp.now.advanced(milliseconds: 100))
      return tcp.packets
    }
    return connection(everywhere) + connection(redirected) + connection(unanswered) + cut(connection(cutHead))
      + connection(onlyTheAnswer) + connection(draft) + connection(absolute)
      + connection(refused) + connection(closesWithEcho) + connection(unreadable)
      + connection(unreadableField)
      + cut(connection(cutField), by: 60) + cut(connection(cutTarget), by: 1000)
      + connection { comesBack(&$0, "first") } + connection { comesBack(&$0, "sec-again-40") }
  }()

  private static let upgrade = [
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ]
  private static let switching = [
    "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  ]

  private static func head(_ lines: [String]) -> String.UTF8View {
    (lines.joined(separator: "\r\n") + "\r\n\r\n").utf8
  }

  /// All that a request may hold, and a server that answers with what was not offered.
  private static func everywhere(_ tcp: inout TCPConversation) {
    let target =
      "/chat/\(jwt).sec-path-11?room=lobby&token=sec-query-06&next=http%3A%2F%2Fh%2F%3Ftoken%3Dsec-nested-08"
      + "&%74oken=sec-escaped-09&streamKey=sec-camel-46&back=%252Fb%253Ftoken%253Dsec-relative-47"
      + "&q=%7B%22pw%22%3A%22sec-json-48%22%7D&a=1;api_key=sec-query-07"
    tcp.send(
      from: .client,
      head(
        ["GET \(target) HTTP/1.1", "Host: joe:sec-host-12@server.example"] + upgrade + [
          "Origin: https://ann:sec-origin-13@app.example",
          "Referer: https://bob:sec-referer-14@app.example/page?sig=sec-referer-15",
          "Cookie: session=sec-cookie-01; sec-cookie-02; theme=\r\n sec-cookie-03",
          "Authorization: Bearer sec-bearer-04", "Proxy-Authorization: Basic sec-proxyauth-05",
          "Sec-WebSocket-Protocol: chat, bearer.sec-bearer-prefix-16, access_token, sec-next-17",
          "Sec-WebSocket-Protocol: \(jwt).sec-jwt-18", "X-User: id \(jwt).sec-jwt-19 x",
          "X-Original-URL: /chat?token=sec-forwarded-20", "X-Forwarded-Access-Token: sec-forwarded-21",
          "X-Api-Key: sec-apikey-22", "Sec-WebSocket-Location: ws://h/?token=sec-location-23",
          "X-Identity: Bearer sec-identity-24", "X-Custom: a; password=sec-pair-58, b",
          "X-Json: {\"pw\": \"sec-json-59\"}",
          "Link: </a?sig=sec-link-60>; rel=x, <https://h/?token=sec-link-61>; rel=y",
          "Sec-WebSocket-Extensions: x-auth; token=sec-extension-43",
        ]), segmentSize: 100)
    tcp.send(
      from: .server,
      head(
        switching + [
          "Set-Cookie: id=sec-setcookie-25; Path=/; HttpOnly",
          "Sec-WebSocket-Protocol: \(jwt).sec-selected-26", "X-Session-Id: sec-session-27",
          "X-Note: sec-apikey-22 and sec-query-06 seen",
        ]))
    tcp.text(from: .client, "what is said is not looked at")
  }

  private static func redirected(_ tcp: inout TCPConversation) {
    tcp.send(
      from: .client,
      head(
        ["GET /private?ticket=sec-refused-32 HTTP/1.1", "Host: server.example"] + upgrade + [
          "Authorization: Basic sec-basic-31"
        ]))
    tcp.send(
      from: .server,
      head([
        "HTTP/1.1 302 Found sec-refused-32",
        "Location: https://eve:sec-redirect-29@login.example/start?code=sec-redirect-28&lang=de",
        "Link: </ws?token=sec-link-45>; rel=next", "Set-Cookie: sec-setcookie-30", "Content-Length: 0",
      ]))
  }

  /// With a fragment in the target, two Hosts, and a subprotocol twice: sentences quote them.
  private static func unanswered(_ tcp: inout TCPConversation) {
    tcp.send(
      from: .client,
      head(
        [
          "GET /late?auth=sec-unanswered-33#access_token=sec-fragment-10 HTTP/1.1", "Host: server.example",
          "Host: zoe:sec-host-41@server.example", "Authorization Bearer sec-malformed-44",
        ] + upgrade + [
          "Cookie: id=sec-unanswered-34", "Sec-WebSocket-Protocol: token-sec-twice-42, token-sec-twice-42",
        ]))
  }

  private static func cutHead(_ tcp: inout TCPConversation) {
    tcp.send(
      from: .client, head(["GET /cut HTTP/1.1", "Host: server.example", "Cookie: id=sec-cut-35"] + upgrade))
    tcp.send(from: .server, head(switching))
    tcp.text(from: .server, "hello")
  }

  /// What a snap length leaves of the longest packet.
  private static func cut(_ packets: [Packet], by count: Int = 20) -> [Packet] {
    let longest = packets.map(\.bytes.count).max() ?? 0
    return packets.map { $0.bytes.count == longest ? $0.cut(to: longest - count) : $0 }
  }

  /// With what was refused in the status line and in the body.
  private static func refused(_ tcp: inout TCPConversation) {
    tcp.send(
      from: .client,
      head(
        ["GET /a?token=sec-echo-49 HTTP/1.1", "Host: server.example"] + upgrade + [
          "Authorization: Digest username=\"joe\", nonce=\"n\", response=\"sec-digest-50\""
        ]))
    let body = "{\"error\":\"sec-echo-49 is no good\",\"password\":\"sec-body-52\"}"
    tcp.send(
      from: .server,
      Array(
        head([
          "HTTP/1.1 401 sec-echo-49 is no good", "WWW-Authenticate: Negotiate sec-negotiate-51",
          "Content-Type: application/json",
          "Content-Length: \(body.utf8.count)",
        ])) + Array(body.utf8))
  }

  private static func closesWithEcho(_ tcp: inout TCPConversation) {
    tcp.send(
      from: .client,
      head(["GET /close HTTP/1.1", "Host: server.example"] + upgrade + ["Cookie: id=sec-cookie-53"]))
    tcp.send(from: .server, head(switching))
    tcp.send(
      from: .server, frame(0x88, [0x0F, 0xA0] + Array("no session sec-cookie-53".utf8), isMasked: false))
  }

  private static func unreadable(_ tcp: inout TCPConversation) {
    tcp.send(
      from: .client, head(["FETCH /x?token=sec-line-54&x=1", "Host: server.example"] + upgrade))
    tcp.send(from: .server, head(switching))
  }

  private static func unreadableField(_ tcp: inout TCPConversation) {
    tcp.send(from: .client, head(["Authorization: Bearer sec-scheme-57", "Host: server.example"] + upgrade))
    tcp.send(from: .server, head(switching))
  }

  /// The server repeats what the capture has only the start of.
  private static func cutField(_ tcp: inout TCPConversation) {
    let value = "sec-cutfield-55" + String(repeating: "0123456789", count: 9)
    tcp.send(
      from: .client,
      head(["GET /cutfield HTTP/1.1", "Host: server.example"] + upgrade + ["Authorization: Bearer \(value)"]))
    tcp.send(
      from: .server, head(["HTTP/1.1 401 \(value) expired", "Content-Length: 0"]))
  }

  private static func cutTarget(_ tcp: inout TCPConversation) {
    let target = "/ws/eyJsec-cuttarget-56" + String(repeating: "abc", count: 400)
    tcp.send(from: .client, head(["GET \(target) HTTP/1.1", "Host: server.example"] + upgrade))
    tcp.send(from: .server, head(switching))
    for _ in 0..<12 { tcp.text(from: .server, "hello there") }
  }

  private static func onlyTheAnswer(_ tcp: inout TCPConversation) {
    tcp.lose(200, from: .client)
    tcp.send(from: .server, head(switching + ["Set-Cookie: id=sec-alone-36"]))
    tcp.text(from: .server, "hello")
  }

  private static func draft(_ tcp: inout TCPConversation) {
    tcp.send(
      from: .client,
      head([
        "GET /draft HTTP/1.1", "Host: server.example", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 8", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Origin: https://dan:sec-draft-37@app.example",
      ]))
    tcp.send(from: .server, head(switching))
  }

  private static func absolute(_ tcp: inout TCPConversation) {
    tcp.send(
      from: .client,
      head(
        [
          "GET http://pat:sec-absolute-38@server.example/ws?secret=sec-absolute-39 HTTP/1.1",
          "Host: server.example",
        ] + upgrade))
    tcp.send(from: .server, head(switching))
  }

  private static func comesBack(_ tcp: inout TCPConversation, _ token: String) {
    tcp.send(
      from: .client, head(["GET /again?token=\(token) HTTP/1.1", "Host: server.example"] + upgrade))
    tcp.send(from: .server, head(switching))
    tcp.text(from: .server, "hello")
  }
}
