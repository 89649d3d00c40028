import WireBytes

/// What of a handshake would let a reader act as the client: cookies, credentials, tokens.
///
/// They are found by where they stand, and in subprotocols and queries also by what they look like. That errs on the
/// side of hiding; what applications say in messages is not looked at.
public struct Secrets: Sendable {
  /// What stands in a secret's place.
  public static let placeholder = "[redacted]"

  /// Where there are any, each named once: `Cookie`, `query parameter token`.
  public private(set) var places: [String] = []
  /// Subprotocols that are tokens, and what is shown of them.
  private var subprotocols: [String: String] = [:]
  /// The values themselves, to find them in sentences; the short ones would be found by chance.
  private var values: [String] = []
  private static let shortest = 8

  /// None.
  public init() {}

  /// The secrets of a request and its answer.
  public init(_ handshake: Handshake) {
    if let request = handshake.request { collect(fieldsOf: request) }
    if let response = handshake.response { collect(fieldsOf: response) }
    if let target = handshake.request?.target, target.utf8.contains(UInt8(ascii: "?")) {
      collect(query: target)
    }
    let offered = handshake.subprotocolsOffered
    if !offered.isEmpty { collect(subprotocols: offered + handshake.subprotocolsSelected) }
    if values.count > 1 { values.sort { $0.utf8.count > $1.utf8.count } }
  }

  /// Nearly every field is none that holds secrets: that must not cost a text for each.
  private mutating func collect(fieldsOf head: HTTPHead) {
    var found: [(name: String, value: String)] = []
    head.forEachField { name, value in
      guard Self.mayHoldSecret(name, value) else { return }
      found.append((name.text(0..<name.count), value.text(0..<value.count)))
    }
    for (name, value) in found where value != redacted(header: name, value: value) {
      note(name)
      values.append(value)
    }
  }

  /// Whether `redacted` has to be asked about a field: false for nearly all, by their names alone.
  package static func mayHoldSecret(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
    switch name.count {
    case 6, 10: if name.contains("cookie", ignoringCase: true) { return true }
    case 13, 19: if name.contains("authorization", ignoringCase: true) { return true }
    default: break
    }
    if namesSecret(name) { return true }
    // Sec-WebSocket-Protocol, Sec-WebSocket-Location.
    if name.count == 22 { return true }
    // Origin, Referer, Location: URLs, that may have a query.
    guard name.count >= 6 && name.count <= 8 else { return false }
    return value.first(UInt8(ascii: "?"), in: 0..<value.count) != nil
  }

  /// Nothing is to be hidden.
  public var isEmpty: Bool { places.isEmpty }

  /// A field's value as it may be shown: names of cookies and schemes of credentials stay.
  public func redacted(header name: String, value: String) -> String {
    switch name.lowercased() {
    case "cookie": Self.redacted(cookies: value)
    case "set-cookie": Self.redacted(setCookie: value)
    case "authorization", "proxy-authorization": Self.redacted(credentials: value)
    case "sec-websocket-protocol":
      subprotocols.isEmpty
        ? value : elements(of: value).map { redacted(subprotocol: $0) }.joined(separator: ", ")
    case "referer", "location", "origin", "sec-websocket-location": Self.redacted(target: value)
    default: Self.namesSecret(name.utf8.span) ? Self.placeholder : value
    }
  }

  /// A request target or URL without the values of parameters that are secret.
  public func redacted(target: String) -> String { isEmpty ? target : Self.redacted(target: target) }

  /// A subprotocol without the token in it.
  public func redacted(subprotocol: String) -> String { subprotocols[subprotocol] ?? subprotocol }

  /// A sentence without the values in it, also where one was cut.
  public func redacted(sentence: String) -> String {
    let starts = values.filter { $0.utf8.count >= Self.shortest }.map { Array($0.utf8.prefix(16)) }
    guard !starts.isEmpty else { return sentence }
    let bytes = Array(sentence.utf8)
    var (shown, place) = ([UInt8](), 0)
    while place < bytes.count {
      guard let start = starts.first(where: { $0[0] == bytes[place] && bytes[place...].starts(with: $0) })
      else {
        shown.append(bytes[place])
        place += 1
        continue
      }
      place += start.count
      while place < bytes.count, Self.isPartOfToken(bytes[place]) { place += 1 }
      shown += Self.placeholder.utf8
    }
    return String(decoding: shown, as: UTF8.self)
  }

  // MARK: Finding

  private mutating func note(_ place: String) { if !places.contains(place) { places.append(place) } }

  private mutating func collect(query target: String) {
    for (name, value) in Self.parameters(of: target) where Self.isSecret(parameter: name, value) {
      note("query parameter \(name)")
      values.append(value)
    }
  }

  private mutating func collect(subprotocols offered: [String]) {
    var follows = false
    for name in offered {
      let shown = follows ? Self.placeholder : Self.redacted(protocolName: name)
      if shown != name {
        subprotocols[name] = shown
        note("subprotocol")
        values.append(
          shown.hasSuffix(Self.placeholder)
            ? String(name.dropFirst(shown.count - Self.placeholder.count)) : name)
      }
      // `access_token, eyJhbGciOi…`: the next one is the value.
      follows = !follows && Self.markers.contains(name.lowercased())
    }
  }

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

  private static func redacted(protocolName name: String) -> String {
    let lowered = name.lowercased()
    if let prefix = tokenPrefixes.first(where: { lowered.hasPrefix($0) }),
      name.utf8.count > prefix.utf8.count + 7
    {
      return name.prefix(prefix.count) + placeholder
    }
    return isJWT(name) || isUUID(name) || hasRandomRun(name, atLeast: 16) ? placeholder : name
  }

  // MARK: Parts of fields

  /// `name=value; name=value`
  private static func redacted(cookies: String) -> String {
    var (shown, isValue) = ([UInt8](), false)
    for byte in cookies.utf8 {
      if byte == UInt8(ascii: ";") { isValue = false }
      if isValue { continue }
      shown.append(byte)
      if byte == UInt8(ascii: "=") {
        isValue = true
        shown += placeholder.utf8
      }
    }
    return String(decoding: shown, as: UTF8.self)
  }

  /// `name=value; Path=/`: the attributes stay.
  private static func redacted(setCookie: String) -> String {
    let end = setCookie.firstIndex(of: ";") ?? setCookie.endIndex
    return redacted(cookies: String(setCookie[..<end])) + setCookie[end...]
  }

  /// `Bearer eyJ…`
  private static func redacted(credentials: String) -> String {
    guard let space = credentials.firstIndex(of: " ") else { return placeholder }
    return credentials[...space] + placeholder
  }

  private static func namesSecret(_ name: Span<UInt8>) -> Bool {
    // `Sec-WebSocket-…` and most others are told by their first letters' absence alone.
    for place in name.indices {
      switch name[place] | 0x20 {
      case UInt8(ascii: "t") where name.has("token", at: place, ignoringCase: true): return true
      case UInt8(ascii: "s")
      where name.has("secret", at: place, ignoringCase: true)
        || name.has("signature", at: place, ignoringCase: true):
        return true
      case UInt8(ascii: "a")
      where name.has("api-key", at: place, ignoringCase: true)
        || name.has("apikey", at: place, ignoringCase: true):
        return true
      case UInt8(ascii: "p") where name.has("password", at: place, ignoringCase: true): return true
      case UInt8(ascii: "c") where name.has("credential", at: place, ignoringCase: true): return true
      default: break
      }
    }
    return false
  }

  // MARK: Queries

  private static let secretParameters: Set<String> = [
    "auth", "authorization", "key", "api_key", "apikey", "pass", "passwd", "pwd", "session", "sessionid",
    "session_id", "sid", "jwt", "sig", "code", "ticket", "bearer", "hmac", "otp", "pin",
  ]

  private static func isSecret(parameter name: String, _ value: String) -> Bool {
    let name = name.lowercased()
    guard !value.isEmpty else { return false }
    return secretParameters.contains(name) || namesSecret(name.utf8.span) || isJWT(value)
      || hasRandomRun(value, atLeast: 24)
  }

  private static func parameters(of target: String) -> [(name: String, value: String)] {
    guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return [] }
    return target[target.index(after: mark)...].split(separator: "&").map { part in
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(pair[0]), pair.count > 1 ? String(pair[1]) : "")
    }
  }

  private static func redacted(target: String) -> String {
    guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return target }
    let query = target[target.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
    let shown = query.map { part -> String in
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count > 1, isSecret(parameter: String(pair[0]), String(pair[1])) else { return String(part) }
      return "\(pair[0])=\(placeholder)"
    }
    return target[...mark] + shown.joined(separator: "&")
  }

  // MARK: What tokens look like

  /// Three parts in base64url, the first one `{"…` (RFC 7519 §3).
  private static func isJWT(_ text: String) -> Bool {
    text.utf8.count >= 20 && text.hasPrefix("eyJ") && text.utf8.contains(UInt8(ascii: "."))
  }

  private static func isUUID(_ text: String) -> Bool {
    text.utf8.count == 36
      && text.utf8.enumerated().allSatisfy { index, byte in
        [8, 13, 18, 23].contains(index) ? byte == UInt8(ascii: "-") : isHex(byte)
      }
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
  private static func hasRandomRun(_ text: String, atLeast length: Int) -> Bool {
    var (run, digits) = (0, 0)
    for byte in text.utf8 {
      switch byte {
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

  private static func isPartOfToken(_ byte: UInt8) -> Bool {
    ASCII.isToken(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "=")
  }
}
