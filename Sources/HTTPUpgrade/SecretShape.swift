import WireBytes

/// What secrets look like, and what those who send them call them.
enum SecretShape {
  /// Whether a field holds a secret.
  static func isField(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
    switch name.count {
    case 6 where name.has("cookie", at: 0, ignoringCase: true):
      return value.first(ASCII.equals, in: 0..<value.count) != nil
    case 10 where name.has("set-cookie", at: 0, ignoringCase: true):
      // Attributes stay.
      let end = value.first(ASCII.semicolon, in: 0..<value.count) ?? value.count
      return value.first(ASCII.equals, in: 0..<end) != nil
    case 13 where name.has("authorization", at: 0, ignoringCase: true): return true
    case 19 where name.has("proxy-authorization", at: 0, ignoringCase: true): return true
    case 6 where name.has("origin", at: 0, ignoringCase: true): return hasSecretParameter(value)
    case 7 where name.has("referer", at: 0, ignoringCase: true): return hasSecretParameter(value)
    case 8 where name.has("location", at: 0, ignoringCase: true): return hasSecretParameter(value)
    case 22 where name.has("sec-websocket-location", at: 0, ignoringCase: true):
      return hasSecretParameter(value)
    // The fields of the handshake are no secrets; subprotocols are judged one by one.
    case 17... where name.has("sec-websocket-", at: 0, ignoringCase: true): return false
    default: return isName(name)
    }
  }

  private static func hasSecretParameter(_ url: Span<UInt8>) -> Bool {
    var parameters = QueryParameters(of: url)
    while let (name, value) = parameters.next(in: url) {
      if isParameter(url.extracting(name), url.extracting(value)) { return true }
    }
    return false
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
  static func isParameter(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
    guard value.count > 0 else { return false }
    return isSecretParameterName(name) || isName(name) || isJWT(value) || hasRandomRun(value, atLeast: 24)
  }

  private static func isSecretParameterName(_ name: Span<UInt8>) -> Bool {
    func isOne(_ names: StaticString...) -> Bool { names.contains { name.part(0..<name.count, is: $0) } }
    return switch name.count {
    case 3: isOne("key", "pwd", "sid", "jwt", "sig", "otp", "pin")
    case 4: isOne("auth", "pass", "code", "hmac")
    case 6: isOne("apikey", "passwd", "ticket", "bearer")
    case 7: isOne("api_key", "session")
    case 9: isOne("sessionid")
    case 10: isOne("session_id")
    case 13: isOne("authorization")
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
    let lowered = name.lowercased()
    guard let prefix = tokenPrefixes.first(where: { lowered.hasPrefix($0) }),
      name.utf8.count > prefix.utf8.count + 7
    else { return nil }
    return prefix.count
  }

  // MARK: Values

  /// Whether a subprotocol is a token as a whole.
  static func isToken(_ text: Span<UInt8>) -> Bool {
    isJWT(text) || isUUID(text) || hasRandomRun(text, atLeast: 16)
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

  /// Whether a token goes on with `byte`.
  static func isPartOfToken(_ byte: UInt8) -> Bool {
    ASCII.isToken(byte) || byte == UInt8(ascii: "/") || byte == ASCII.equals
  }
}

/// Walks the parameters of a request target or URL: `?name=value&name=value`.
struct QueryParameters {
  private var rest: Range<Int>

  /// None when there is no question mark.
  init(of target: Span<UInt8>) {
    let mark = target.first(UInt8(ascii: "?"), in: 0..<target.count)
    rest = (mark.map { $0 + 1 } ?? target.count)..<target.count
  }

  /// Where the next name and its value stand; a parameter without `=` has an empty value.
  mutating func next(in target: Span<UInt8>) -> (name: Range<Int>, value: Range<Int>)? {
    while !rest.isEmpty {
      let end = target.first(UInt8(ascii: "&"), in: rest) ?? rest.upperBound
      let part = rest.lowerBound..<end
      rest = min(end + 1, rest.upperBound)..<rest.upperBound
      if part.isEmpty { continue }
      guard let equals = target.first(ASCII.equals, in: part) else { return (part, end..<end) }
      return (part.lowerBound..<equals, equals + 1..<end)
    }
    return nil
  }
}
