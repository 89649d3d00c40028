import WireBytes

/// Recognizes secrets by the names that senders give them, and by what they look like.
enum TokenDetector {
  /// Whether a field holds a secret.
  static func isField(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
    guard value.count > 0 else { return false }
    switch name.count {
    case 4 where name.has("host", at: 0, ignoringCase: true):
      return value.first(UInt8(ascii: "@"), in: 0..<value.count) != nil
    case 6 where name.has("cookie", at: 0, ignoringCase: true): return true
    case 10 where name.has("set-cookie", at: 0, ignoringCase: true): return true
    case 13 where name.has("authorization", at: 0, ignoringCase: true): return true
    case 19 where name.has("proxy-authorization", at: 0, ignoringCase: true): return true
    // Of the handshake's own fields only the drafts' two URLs can hold a secret; subprotocols are judged one by one.
    case 22 where name.has("sec-websocket-location", at: 0, ignoringCase: true): return isValue(value)
    case 20 where name.has("sec-websocket-origin", at: 0, ignoringCase: true): return isValue(value)
    case 24 where name.has("sec-websocket-extensions", at: 0, ignoringCase: true):
      return value.first(ASCII.equals, in: 0..<value.count) != nil && SecretEcho.holdsPair(value)
    case 17... where name.has("sec-websocket-", at: 0, ignoringCase: true): return false
    // What browsers say of themselves: Sec-Fetch-Mode, Sec-CH-UA.
    case 7...
    where name[0] | 0x20 == UInt8(ascii: "s")
      && (name.has("sec-fetch-", at: 0, ignoringCase: true) || name.has("sec-ch-", at: 0, ignoringCase: true)):
      return false
    case 0: return malformedSecret(value) != nil || isValue(value)
    // CORS fields mention credentials but do not contain any.
    case 22... where name.has("access-control-", at: 0, ignoringCase: true): return false
    default:
      if isHTTPsOwn(name) { return false }
      return isName(name, value) || isValue(value)
    }
  }

  /// Whether a field is one of those that nearly every head has and that do not identify anybody.
  private static func isHTTPsOwn(_ name: Span<UInt8>) -> Bool {
    switch name.count {
    case 4: name.has("date", at: 0, ignoringCase: true)
    case 6:
      name.has("accept", at: 0, ignoringCase: true) || name.has("pragma", at: 0, ignoringCase: true)
        || name.has("server", at: 0, ignoringCase: true)
    case 7: name.has("upgrade", at: 0, ignoringCase: true)
    case 10:
      name.has("connection", at: 0, ignoringCase: true) || name.has("user-agent", at: 0, ignoringCase: true)
    case 13: name.has("cache-control", at: 0, ignoringCase: true)
    case 14 where name.has("feature-policy", at: 0, ignoringCase: true): true
    case 18: name.has("permissions-policy", at: 0, ignoringCase: true)
    case 14: name.has("content-length", at: 0, ignoringCase: true)
    case 15:
      name.has("accept-encoding", at: 0, ignoringCase: true)
        || name.has("accept-language", at: 0, ignoringCase: true)
    default: false
    }
  }

  /// Whether the value of a field with any name is secret: a URL with a secret part, or a token.
  private static func isValue(_ value: Span<UInt8>) -> Bool {
    schemeOfCredentials(value) != nil || SecretEcho.holdsPair(value)
      || isURL(value)
        && SecretURL.urls(in: value).contains { !SecretURL.parts(of: value.extracting($0)).isEmpty }
  }

  /// Whether a field is one of those that carry nothing but credentials.
  static func isCredentials(_ name: Span<UInt8>) -> Bool {
    switch name.count {
    case 6: name.has("cookie", at: 0, ignoringCase: true)
    case 10: name.has("set-cookie", at: 0, ignoringCase: true)
    case 13: name.has("authorization", at: 0, ignoringCase: true)
    case 19: name.has("proxy-authorization", at: 0, ignoringCase: true)
    default: false
    }
  }

  /// Whether a value is treated as a URL.
  static func isURL(_ value: Span<UInt8>) -> Bool {
    value.count > 1
      && (value[0] == UInt8(ascii: "/") || value.first(UInt8(ascii: "?"), in: 0..<value.count) != nil
        || SecretURL.hasAuthority(value))
  }

  /// The length of `Bearer ` or `Basic ` at the start of a value if credentials follow.
  static func schemeOfCredentials(_ value: Span<UInt8>) -> Int? {
    if value.count > 7, value.has("bearer ", at: 0, ignoringCase: true), !hasParameter(value.dropping(7)) {
      return 7
    }
    // Here a token needs no name: challenges of these schemes have one in answer to the client's (RFC 4559 §5).
    if value.count > 10, value.has("negotiate ", at: 0, ignoringCase: true) { return 10 }
    if value.count > 5, value.has("ntlm ", at: 0, ignoringCase: true) { return 5 }
    return value.count > 6 && value.has("basic ", at: 0, ignoringCase: true)
      && !hasParameter(value.dropping(6))
      ? 6 : nil
  }

  /// Whether there is a parameter such as `realm="…"`: then a server asks for credentials and does not give any.
  private static func hasParameter(_ text: Span<UInt8>) -> Bool {
    text.first(UInt8(ascii: "\""), in: 0..<text.count) != nil
  }

  // MARK: Names

  /// Whether the name of a field or parameter says that its value is secret.
  static func isName(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
    switch SecretName.kind(of: name) {
    case .secret: true
    case .session: !isPlain(value)
    case .named, .unknown: false
    }
  }

  /// Whether a value is too short or too plain to open a session with: a number, a word, `s1`.
  private static func isPlain(_ value: Span<UInt8>) -> Bool {
    if value.count < 8 { return true }
    var (letters, digits) = (0, 0)
    for index in value.indices {
      if ASCII.isDigit(value[index]) {
        digits += 1
      } else if TokenShape.isWordCharacter(value[index]) {
        letters += 1
      }
    }
    return digits == value.count || letters == value.count && letters < 20
  }

  /// In a line of a head without a colon, the place after a name that says that the rest is secret: `Cookie id=1`.
  static func malformedSecret(_ line: Span<UInt8>) -> Int? {
    var end = 0
    while end < line.count, ASCII.isToken(line[end]) { end += 1 }
    guard end > 0, end + 1 < line.count else { return nil }
    return SecretName.kind(of: line.extracting(0..<end)) == .secret ? end + 1 : nil
  }

  /// Whether a query parameter is secret, by its name or by the look of its value. `depth`: of how many escaped URLs or JSON
  /// texts it is part.
  static func isParameter(_ name: Span<UInt8>, _ value: Span<UInt8>, depth: Int = 0) -> Bool {
    guard value.count > 0 else { return false }
    switch SecretName.kind(of: name) {
    case .secret: return true
    case .session where !isPlain(value): return true
    case .unknown where TokenShape.isRandom(value): return true
    default: break
    }
    return TokenShape.isKnown(value) || SecretURL.isNestedSecret(value, depth: depth)
  }

  // MARK: Subprotocols

  /// Whether the next subprotocol in the list is a token.
  static func announcesToken(_ name: String) -> Bool { markers.contains(name.lowercased()) }

  /// Names that are nothing but that of a secret, in small letters.
  private static let markers: Set<String> = [
    "bearer", "basic", "access_token", "accesstoken", "access-token", "authorization", "auth", "authtoken",
    "auth_token",
    "auth-token", "id_token", "idtoken", "refresh_token", "refreshtoken", "bearer_token", "bearertoken",
    "token", "jwt", "apikey",
    "api_key", "api-key", "x-api-key", "ticket", "password", "passwd", "pass", "pwd", "secret", "session",
    "sid", "csrf", "cookie",
    "credentials", "signature",
  ]

  /// Prefixes of tokens in subprotocols: of Kubernetes, OpenAI, AWS AppSync, and custom ones.
  private static let tokenPrefixes = [
    "base64url.bearer.authorization.k8s.io.", "openai-insecure-api-key.", "bearer.", "bearer-", "bearer_",
    "access_token.", "access_token-", "access-token-", "authorization.", "authorization-", "auth-", "auth.",
    "jwt.",
    "jwt-", "token.", "token-", "apikey.", "ticket.", "header-",
  ]

  /// The number of bytes before the token in a subprotocol; nil if it contains none.
  static func tokenPrefix(of name: String) -> Int? {
    // Byte by byte, because lowercasing other letters may change their length.
    let lowered = String(decoding: name.utf8.map { ASCII.lowered($0) }, as: UTF8.self)
    if let prefix = tokenPrefixes.first(where: { lowered.utf8.starts(with: $0.utf8) }),
      name.utf8.count > prefix.utf8.count + 7
    {
      return prefix.utf8.count
    }
    return placeAfterMarker(in: lowered.utf8.span)
  }

  /// The place after a word such as `token` in the middle of a name, if what follows is not a name: it is long or contains
  /// digits.
  private static func placeAfterMarker(in name: Span<UInt8>) -> Int? {
    var start = 0
    for index in name.indices where !TokenShape.isWordCharacter(name[index]) {
      let word = start..<index
      start = index + 1
      guard markerWords.contains(where: { name.part(word, is: $0) }), name.count - start >= 8 else {
        continue
      }
      let rest = name.dropping(start)
      var hasDigit = false
      for place in rest.indices where ASCII.isDigit(rest[place]) { hasDigit = true }
      if hasDigit || rest.count >= 16 { return start }
    }
    return nil
  }

  private static let markerWords: [StaticString] = [
    "token", "bearer", "auth", "authorization", "jwt", "apikey", "ticket", "secret", "password",
  ]

  // MARK: Values

  /// Whether an entire subprotocol is a token.
  static func isToken(_ text: Span<UInt8>) -> Bool { TokenShape.isKnown(text) || TokenShape.isRandom(text) }

  /// Whether a segment of a path is a token or holds an escaped URL with one. Names of rooms and the like are shorter, or
  /// words.
  static func isTokenInPath(_ segment: Span<UInt8>, depth: Int) -> Bool {
    segment.count >= 10 && (isToken(segment) || SecretURL.isNestedSecret(segment, depth: depth))
  }

  /// Whether `byte` can be part of a token.
  static func isPartOfToken(_ byte: UInt8) -> Bool {
    ASCII.isToken(byte) || byte == UInt8(ascii: "/") || byte == ASCII.equals
  }
}
