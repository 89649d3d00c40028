import WireBytes

/// What secrets look like, and what those who send them call them.
enum SecretShape {
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
    case 17... where name.has("sec-websocket-", at: 0, ignoringCase: true): return false
    // CORS speaks of credentials, and has none.
    case 22... where name.has("access-control-", at: 0, ignoringCase: true): return false
    default: return !isHTTPsOwn(name) && (isName(name) || isValue(value))
    }
  }

  /// Whether a field is one of those that nearly every head has, and that say nothing of who it is.
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
    case 14: name.has("content-length", at: 0, ignoringCase: true)
    case 15:
      name.has("accept-encoding", at: 0, ignoringCase: true)
        || name.has("accept-language", at: 0, ignoringCase: true)
    default: false
    }
  }

  /// Whether a field whose name says nothing has something secret in its value: a URL with it, or a token.
  private static func isValue(_ value: Span<UInt8>) -> Bool {
    schemeOfCredentials(value) != nil || jwt(in: value, from: 0) != nil
      || isURL(value) && !SecretURL.parts(of: value).isEmpty
  }

  /// Whether a value is looked at as a URL.
  static func isURL(_ value: Span<UInt8>) -> Bool {
    value.count > 1 && (value[0] == UInt8(ascii: "/") || SecretURL.authority(in: value) != nil)
  }

  /// How long `Bearer ` or `Basic ` at the start of a value is, with credentials behind it.
  static func schemeOfCredentials(_ value: Span<UInt8>) -> Int? {
    if value.count > 7, value.has("bearer ", at: 0, ignoringCase: true), !hasParameter(value.dropping(7)) {
      return 7
    }
    return value.count > 6 && value.has("basic ", at: 0, ignoringCase: true)
      && !hasParameter(value.dropping(6))
      ? 6 : nil
  }

  /// `realm="…"`: a server asks for credentials, and gives none.
  private static func hasParameter(_ text: Span<UInt8>) -> Bool {
    text.first(UInt8(ascii: "\""), in: 0..<text.count) != nil
  }

  // MARK: Names

  /// Whether a name of a field or parameter says that its value is secret.
  static func isName(_ name: Span<UInt8>) -> Bool {
    // Which letters there are tells nearly all names apart, without looking for a word in them.
    let seen = Letters(in: name)
    return seen.contains(.token) && name.contains("token", ignoringCase: true)
      || seen.contains(.secret) && name.contains("secret", ignoringCase: true)
      || seen.contains(.signature) && name.contains("signature", ignoringCase: true)
      || seen.contains(.apikey)
        && (name.contains("api-key", ignoringCase: true) || name.contains("apikey", ignoringCase: true))
      || seen.contains(.password) && name.contains("password", ignoringCase: true)
      || seen.contains(.credential) && name.contains("credential", ignoringCase: true)
      || hasSecretWord(name)
  }

  /// A set of letters, case aside; other characters count as letters, too.
  private struct Letters: OptionSet {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }

    @inline(__always)
    init(in name: Span<UInt8>) {
      var seen: UInt32 = 0
      for index in name.indices { seen |= 1 &<< UInt32(name[index] & 31) }
      rawValue = seen
    }

    @inline(__always)
    private static func bit(_ letter: Unicode.Scalar) -> UInt32 { 1 &<< (letter.value & 31) }

    // Not stored: each becomes a constant where it is compared. Letters that tell enough are named.
    static var token: Letters { Letters(rawValue: bit("t") | bit("o") | bit("k") | bit("e") | bit("n")) }
    static var secret: Letters { Letters(rawValue: bit("s") | bit("e") | bit("c") | bit("r") | bit("t")) }
    static var signature: Letters { Letters(rawValue: bit("s") | bit("i") | bit("g") | bit("n") | bit("u")) }
    static var apikey: Letters { Letters(rawValue: bit("a") | bit("p") | bit("i") | bit("k") | bit("y")) }
    static var password: Letters { Letters(rawValue: bit("p") | bit("a") | bit("s") | bit("w") | bit("d")) }
    static var credential: Letters { Letters(rawValue: bit("c") | bit("r") | bit("d") | bit("i") | bit("l")) }
  }

  /// Whether a query parameter is secret, by its name or by what its value looks like.
  /// `isNested`: in a URL that is a parameter itself; one within it is not looked at.
  static func isParameter(_ name: Span<UInt8>, _ value: Span<UInt8>, isNested: Bool = false) -> Bool {
    guard value.count > 0 else { return false }
    return isSecretParameterName(name) || isName(name) || isJWT(value) || hasRandomRun(value, atLeast: 24)
      || isRandom(value, atLeast: 24) || !isNested && isEscapedSecret(name, value)
  }

  /// The same behind `%` escapes: of the name, or of a URL that the value is.
  private static func isEscapedSecret(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
    if name.first(UInt8(ascii: "%"), in: 0..<name.count) != nil {
      let decoded = SecretURL.decoded(name)
      if isSecretParameterName(decoded.span) || isName(decoded.span) { return true }
    }
    guard value.contains("%3d", ignoringCase: true) else { return false }
    let decoded = SecretURL.decoded(value)
    return decoded.span.contains("://") && !SecretURL.parts(of: decoded.span, isNested: true).isEmpty
  }

  private static func isSecretParameterName(_ name: Span<UInt8>) -> Bool {
    switch name.count {
    case 3: name.has("pin", at: 0, ignoringCase: true) || hasSecretWord(name)
    case 4: name.has("code", at: 0, ignoringCase: true) || hasSecretWord(name)
    default: hasSecretWord(name)
    }
  }

  /// Whether one of the words of a name, which other characters than letters and digits separate, is a secret's.
  private static func hasSecretWord(_ name: Span<UInt8>) -> Bool {
    var start = 0
    for index in 0...name.count where index == name.count || !isWordCharacter(name[index]) {
      if index - start >= 3, isSecretWord(name.extracting(start..<index)) { return true }
      start = index + 1
    }
    return false
  }

  private static func isWordCharacter(_ byte: UInt8) -> Bool {
    ASCII.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isSecretWord(_ word: Span<UInt8>) -> Bool {
    func isOne(_ words: StaticString...) -> Bool { words.contains { word.part(0..<word.count, is: $0) } }
    return switch word.count {
    case 3: isOne("key", "pwd", "sid", "jwt", "sig", "otp", "psk", "sso")
    case 4: isOne("auth", "pass", "hmac", "sess", "csrf", "xsrf")
    case 6: isOne("apikey", "passwd", "ticket", "bearer", "sessid")
    case 7: isOne("session", "authkey")
    case 8: isOne("passcode", "userpass")
    case 9: isOne("sessionid", "accesskey", "secretkey", "assertion", "phpsessid")
    case 10: isOne("jsessionid", "privatekey", "passphrase")
    case 13: isOne("authorization")
    case 14: isOne("authentication")
    default: false
    }
  }

  // MARK: Subprotocols

  /// Whether the subprotocol after this one is the token.
  static func announcesToken(_ name: String) -> Bool { markers.contains(name.lowercased()) }

  private static let markers: Set<String> = [
    "bearer", "access_token", "authorization", "auth", "token", "jwt", "apikey", "api_key", "ticket",
  ]

  /// What tokens in subprotocols begin with: Kubernetes, OpenAI, AWS AppSync, and custom.
  private static let tokenPrefixes = [
    "base64url.bearer.authorization.k8s.io.", "openai-insecure-api-key.", "bearer.", "bearer-", "bearer_",
    "access_token.", "access_token-", "access-token-", "authorization.", "authorization-", "auth-", "auth.",
    "jwt.",
    "jwt-", "token.", "token-", "apikey.", "ticket.", "header-",
  ]

  /// How many characters of a subprotocol stand before the token in it; nil when it does not begin so.
  static func tokenPrefix(of name: String) -> Int? {
    // Byte by byte: other letters may change their length.
    let lowered = String(decoding: name.utf8.map { ASCII.lowered($0) }, as: UTF8.self)
    if let prefix = tokenPrefixes.first(where: { lowered.utf8.starts(with: $0.utf8) }),
      name.utf8.count > prefix.utf8.count + 7
    {
      return prefix.utf8.count
    }
    return placeBehindMarker(in: lowered.utf8.span)
  }

  /// Behind a word such as `token` in the middle of a name, where something follows that is no name: long, or with digits.
  private static func placeBehindMarker(in name: Span<UInt8>) -> Int? {
    var start = 0
    for index in name.indices where !isWordCharacter(name[index]) {
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

  /// Whether a subprotocol is a token as a whole.
  static func isToken(_ text: Span<UInt8>) -> Bool {
    isJWT(text) || isUUID(text) || hasRandomRun(text, atLeast: 16) || isRandom(text, atLeast: 24)
  }

  /// Whether a segment of a path is a token: names of rooms and the like are shorter, or words.
  static func isTokenInPath(_ segment: Span<UInt8>) -> Bool {
    segment.count >= 20 && (isJWT(segment) || isRandom(segment, atLeast: 24))
  }

  /// The first JWT in a text, from `start` on.
  static func jwt(in text: Span<UInt8>, from start: Int) -> Range<Int>? {
    var place = start
    while let third = text.first(UInt8(ascii: "J"), in: place..<text.count) {
      place = third + 1
      let first = third - 2
      guard first >= start, text.has("eyJ", at: first), first == 0 || !isWordCharacter(text[first - 1]) else {
        continue
      }
      var end = first
      while end < text.count, isWordCharacter(text[end]) || "-_.".utf8.contains(text[end]) { end += 1 }
      if isJWT(text.extracting(first..<end)) { return first..<end }
      // What begins later in the same run has no dot either, or is shorter.
      place = max(place, end)
    }
    return nil
  }

  /// Three parts in base64url, the first one `{"…` (RFC 7519 §3).
  private static func isJWT(_ text: Span<UInt8>) -> Bool {
    text.count >= 20 && text.begins(with: "eyJ") && text.first(UInt8(ascii: "."), in: 0..<text.count) != nil
  }

  private static func isUUID(_ text: Span<UInt8>) -> Bool {
    guard text.count == 36 else { return false }
    for index in text.indices {
      let isHyphen = index == 8 || index == 13 || index == 18 || index == 23
      guard isHyphen ? text[index] == UInt8(ascii: "-") : isHex(text[index]) else { return false }
    }
    return true
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  /// Letters and digits in a row that no one would call a name: some digits among them, and letters.
  private static func hasRandomRun(_ text: Span<UInt8>, atLeast length: Int) -> Bool {
    guard text.count >= length else { return false }
    var (run, digits) = (0, 0)
    for index in text.indices {
      switch text[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        digits += 1
        run += 1
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
        run += 1
      default: (run, digits) = (0, 0)
      }
      if run >= length, digits >= 2, digits < run { return true }
    }
    return false
  }

  /// Letters and digits that change between capitals, small letters and digits as no name does; `-`, `_` and escapes may
  /// stand between them. Of random ones every second is another kind than the one before. A UUID counts as a name.
  private static func isRandom(_ text: Span<UInt8>, atLeast length: Int) -> Bool {
    guard text.count >= length, !isUUID(text) else { return false }
    var (run, changes, digits, last, index) = (0, 0, 0, UInt8(0), 0)
    while index < text.count {
      let kind: UInt8 =
        switch text[index] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): 1
        case UInt8(ascii: "a")...UInt8(ascii: "z"): 2
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): 3
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "="): 4
        case UInt8(ascii: "%"): 5
        default: 0
        }
      index += kind == 5 ? 3 : 1
      if kind == 0 { (run, changes, digits, last) = (0, 0, 0, 0) }
      guard (1...3).contains(kind) else { continue }
      run += 1
      if kind == 1 { digits += 1 }
      if last != 0, kind != last { changes += 1 }
      last = kind
      if run >= length, digits >= 2, changes * 4 >= run { return true }
    }
    return false
  }

  /// Whether a token goes on with `byte`.
  static func isPartOfToken(_ byte: UInt8) -> Bool {
    ASCII.isToken(byte) || byte == UInt8(ascii: "/") || byte == ASCII.equals
  }
}
