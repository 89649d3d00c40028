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
    case 17... where name.has("sec-websocket-", at: 0, ignoringCase: true): return false
    // CORS fields mention credentials but do not contain any.
    case 22... where name.has("access-control-", at: 0, ignoringCase: true): return false
    default: return !isHTTPsOwn(name) && (isName(name) || isValue(value))
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
    case 14: name.has("content-length", at: 0, ignoringCase: true)
    case 15:
      name.has("accept-encoding", at: 0, ignoringCase: true)
        || name.has("accept-language", at: 0, ignoringCase: true)
    default: false
    }
  }

  /// Whether the value of a field with any name is secret: a URL with a secret part, or a token.
  private static func isValue(_ value: Span<UInt8>) -> Bool {
    schemeOfCredentials(value) != nil || jwt(in: value, from: 0) != nil
      || isURL(value) && !SecretURL.parts(of: value).isEmpty
  }

  /// Whether a value is treated as a URL.
  static func isURL(_ value: Span<UInt8>) -> Bool {
    value.count > 1 && (value[0] == UInt8(ascii: "/") || SecretURL.authority(in: value) != nil)
  }

  /// The length of `Bearer ` or `Basic ` at the start of a value if credentials follow.
  static func schemeOfCredentials(_ value: Span<UInt8>) -> Int? {
    if value.count > 7, value.has("bearer ", at: 0, ignoringCase: true), !hasParameter(value.dropping(7)) {
      return 7
    }
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
  static func isName(_ name: Span<UInt8>) -> Bool {
    // The set of letters rules out nearly all names, without a search for the words.
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

  /// A set of letters, ignoring case. Other characters count as letters, too.
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

    // Computed, so that each becomes a constant where it is compared. A few letters of each word are enough.
    static var token: Letters { Letters(rawValue: bit("t") | bit("o") | bit("k") | bit("e") | bit("n")) }
    static var secret: Letters { Letters(rawValue: bit("s") | bit("e") | bit("c") | bit("r") | bit("t")) }
    static var signature: Letters { Letters(rawValue: bit("s") | bit("i") | bit("g") | bit("n") | bit("u")) }
    static var apikey: Letters { Letters(rawValue: bit("a") | bit("p") | bit("i") | bit("k") | bit("y")) }
    static var password: Letters { Letters(rawValue: bit("p") | bit("a") | bit("s") | bit("w") | bit("d")) }
    static var credential: Letters { Letters(rawValue: bit("c") | bit("r") | bit("d") | bit("i") | bit("l")) }
  }

  /// Whether a query parameter is secret, by its name or by the look of its value. `isNested` means that it belongs to a URL
  /// that is a parameter itself; a further URL in its value is not examined.
  static func isParameter(_ name: Span<UInt8>, _ value: Span<UInt8>, isNested: Bool = false) -> Bool {
    guard value.count > 0 else { return false }
    return isSecretParameterName(name) || isName(name) || isJWT(value) || hasRandomRun(value, atLeast: 24)
      || isRandom(value, atLeast: 24) || !isNested && isEscapedSecret(name, value)
  }

  /// The same for a name with `%` escapes, or for an escaped URL as the value.
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

  /// Whether one of the words of a name, separated by characters other than letters and digits, names a secret.
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

  /// Whether the next subprotocol in the list is a token.
  static func announcesToken(_ name: String) -> Bool { markers.contains(name.lowercased()) }

  private static let markers: Set<String> = [
    "bearer", "access_token", "authorization", "auth", "token", "jwt", "apikey", "api_key", "ticket",
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

  /// Whether an entire subprotocol is a token.
  static func isToken(_ text: Span<UInt8>) -> Bool {
    isJWT(text) || isUUID(text) || hasRandomRun(text, atLeast: 16) || isRandom(text, atLeast: 24)
  }

  /// Whether a segment of a path is a token. Names of rooms and the like are shorter, or words.
  static func isTokenInPath(_ segment: Span<UInt8>) -> Bool {
    segment.count >= 20 && (isJWT(segment) || isRandom(segment, atLeast: 24))
  }

  /// The place of the first JWT in a text, from `start` on.
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
      // A later start in the same run has no dot either, or is shorter.
      place = max(place, end)
    }
    return nil
  }

  /// Whether it is a JWT: three parts in base64url, the first of which decodes to `{"…` (RFC 7519 §3).
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

  /// Whether there is a run of letters and digits, both among them, that is too long for a name.
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

  /// Whether there is a run that changes between capitals, small letters and digits more often than a name does; `-`, `_` and
  /// escapes may be in between. In random text every second character is of another kind than the one before. A UUID counts
  /// as a name.
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

  /// Whether `byte` can be part of a token.
  static func isPartOfToken(_ byte: UInt8) -> Bool {
    ASCII.isToken(byte) || byte == UInt8(ascii: "/") || byte == ASCII.equals
  }
}
