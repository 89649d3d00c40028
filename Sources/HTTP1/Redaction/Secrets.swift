import WireBytes

/// The parts of a handshake that would let a reader act as the client: cookies, credentials, tokens.
///
/// They are recognized by their place, and in subprotocols and queries also by their look. This errs on the side of hiding.
/// The contents of messages are not examined.
public struct Secrets: Sendable {
  /// What is shown in place of a secret.
  public static let placeholder = "[redacted]"

  /// The places that hold secrets, each named once: `Cookie`, `query parameter token`.
  public private(set) var places: [String] = []
  /// Those that each side sent, client first.
  private var placesBySide: InlineArray<2, [String]> = [[], []]
  /// The same as sets while they are collected: of both sides, and of each one.
  private var known: Set<String> = []
  private var knownBySide: InlineArray<2, Set<String>> = [[], []]
  /// Subprotocols that are or contain tokens, and what is shown instead.
  private var subprotocols: [String: String] = [:]
  /// The heads that contain the values themselves. Only sentences need those, and most sessions have no such sentence.
  private var request: HTTPHead?
  private var response: HTTPHead?

  /// No secrets.
  public init() {}

  /// The secrets of a request and its answer.
  public init(_ handshake: Handshake) {
    (request, response) = (handshake.request, handshake.response)
    if let request { note(fieldsOf: request, of: .client) }
    if let response { note(fieldsOf: response, of: .server) }
    if let request { note(targetOf: request) }
    let offered = handshake.subprotocolsOffered
    if !offered.isEmpty { note(subprotocols: offered, of: .client) }
    // What a server selects the client has offered: its token is not the server's.
    let selected = handshake.subprotocolsSelected.filter { subprotocols[$0] == nil }
    if !selected.isEmpty { note(subprotocols: selected, of: .server) }
    (known, knownBySide) = ([], [[], []])
  }

  /// Nearly no field holds a secret, so this must not make a string of each.
  private mutating func note(fieldsOf head: HTTPHead, of side: Side) {
    head.forEachField { name, value in
      if TokenDetector.isField(name, value) { note(name.text(0..<name.count), of: side) }
    }
  }

  private mutating func note(targetOf head: HTTPHead) {
    head.withRequestLine { _, target in
      for part in SecretURL.parts(of: target) {
        switch part.kind {
        case .credentials: note("credentials in the URL", of: .client)
        case .segment: note("path", of: .client)
        case .parameter(let name): note("query parameter \(target.text(name))", of: .client)
        }
      }
    }
  }

  private mutating func note(_ place: String, of side: Side) {
    if known.insert(place).inserted { places.append(place) }
    let index = Int(side.rawValue)
    if knownBySide[index].insert(place).inserted { placesBySide[index].append(place) }
  }

  private mutating func note(subprotocols offered: [String], of side: Side) {
    var follows = false
    for name in offered {
      let shown = follows ? Self.placeholder : Self.redacted(protocolName: name)
      if shown != name {
        subprotocols[name] = shown
        note("subprotocol", of: side)
      }
      // In `access_token, eyJhbGciOi…` the second one is the value.
      follows = !follows && TokenDetector.announcesToken(name)
    }
  }

  /// Whether `redacted` has to be called for a field. For nearly all fields the name alone says no.
  package static func mayHoldSecret(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
    // Sec-WebSocket-Protocol is judged by its elements.
    name.count == 22 || TokenDetector.isField(name, value)
  }

  /// The places in what a side sent.
  public func places(of side: Side) -> [String] { placesBySide[Int(side.rawValue)] }

  /// Whether there is nothing to hide.
  public var isEmpty: Bool { places.isEmpty }

  /// A field's value as it may be shown. The names of cookies and the schemes of credentials remain.
  public func redacted(header name: String, value: String) -> String {
    switch name.lowercased() {
    case "cookie": Self.redacted(cookies: value)
    case "set-cookie": Self.redacted(setCookie: value)
    case "authorization", "proxy-authorization": Self.redacted(credentials: value)
    case "sec-websocket-protocol":
      subprotocols.isEmpty
        ? value : elements(of: value).map { redacted(subprotocol: $0) }.joined(separator: ", ")
    case "host": Self.redacted(url: value, isAuthority: true)
    default: Self.redacted(value, of: name.utf8.span)
    }
  }

  /// A request target or URL without the values of parameters that are secret.
  public func redacted(target: String) -> String { isEmpty ? target : Self.redacted(url: target) }

  /// A subprotocol without the token in it.
  public func redacted(subprotocol: String) -> String { subprotocols[subprotocol] ?? subprotocol }

  /// A sentence with its secret values replaced, even if it contains only the start of one.
  public func redacted(sentence: String) -> String { search?.redacted(sentence) ?? sentence }

  /// Finds the values in any number of sentences; nil if there are none.
  package var search: SecretSearch? {
    guard !isEmpty else { return nil }
    return SecretSearch(
      values: values, target: request.map { quoted($0.target) } ?? "",
      shownTarget: request.map { quoted(redacted(target: $0.target)) } ?? "")
  }

  /// A body without the handshake's secrets, and without what looks like a token.
  public func redacted(body: String) -> String {
    let bytes = Array(redacted(sentence: body).utf8)
    var (shown, place) = ([UInt8](), 0)
    while place < bytes.count {
      var end = place
      while end < bytes.count, TokenDetector.isPartOfToken(bytes[end]) { end += 1 }
      if end == place { end += 1 }
      let part = bytes[place..<end]
      shown += TokenDetector.isToken(part.span) ? ArraySlice(Self.placeholder.utf8) : part
      place = end
    }
    return String(decoding: shown, as: UTF8.self)
  }

  /// The values themselves.
  private var values: [String] {
    var values: [String] = []
    for head in [request, response] {
      head?.forEachField { name, value in
        if TokenDetector.isField(name, value) { values.append(value.text(0..<value.count)) }
      }
    }
    request?.withRequestLine { _, target in
      for part in SecretURL.parts(of: target) { values.append(target.text(part.range)) }
    }
    for (name, shown) in subprotocols {
      values.append(
        shown.hasSuffix(Self.placeholder)
          ? String(name.dropFirst(shown.count - Self.placeholder.count)) : name)
    }
    return values
  }

  private static func redacted(protocolName name: String) -> String {
    if let prefix = TokenDetector.tokenPrefix(of: name) {
      return name.utf8.span.text(0..<prefix) + placeholder
    }
    return TokenDetector.isToken(name.utf8.span) ? placeholder : name
  }

  // MARK: Parts of fields

  /// A value that is secret because of its name, or because of its look.
  private static func redacted(_ value: String, of name: Span<UInt8>) -> String {
    let bytes = value.utf8.span
    guard TokenDetector.isField(name, bytes) else { return value }
    if TokenDetector.isName(name) { return placeholder }
    if let scheme = TokenDetector.schemeOfCredentials(bytes) { return bytes.text(0..<scheme) + placeholder }
    if TokenDetector.isURL(bytes) { return redacted(url: value) }
    var (shown, copied) = ("", 0)
    while let token = TokenDetector.jwt(in: bytes, from: copied) {
      shown += bytes.text(copied..<token.lowerBound) + placeholder
      copied = token.upperBound
    }
    return shown + bytes.text(copied..<bytes.count)
  }

  /// `name=value; name=value`. A cookie without a name is hidden completely.
  private static func redacted(cookies: String) -> String {
    cookies.split(separator: ";", omittingEmptySubsequences: false).map { cookie in
      let spaces = cookie.prefix { $0 == " " }
      if spaces.count == cookie.count { return String(cookie) }
      guard let equals = cookie.firstIndex(of: "=") else { return spaces + placeholder }
      return cookie[...equals] + placeholder
    }.joined(separator: ";")
  }

  /// `name=value; Path=/`. The attributes remain.
  private static func redacted(setCookie: String) -> String {
    let end = setCookie.firstIndex(of: ";") ?? setCookie.endIndex
    return redacted(cookies: String(setCookie[..<end])) + setCookie[end...]
  }

  /// `Bearer eyJ…`
  private static func redacted(credentials: String) -> String {
    guard let space = credentials.firstIndex(of: " ") else { return placeholder }
    return credentials[...space] + placeholder
  }

  /// `/path?name=value&name=value`
  private static func redacted(url: String, isAuthority: Bool = false) -> String {
    let bytes = url.utf8.span
    var (shown, copied) = ("", 0)
    for part in SecretURL.parts(of: bytes, isAuthority: isAuthority) {
      shown += bytes.text(copied..<part.range.lowerBound) + placeholder
      copied = part.range.upperBound
    }
    return shown + bytes.text(copied..<bytes.count)
  }
}
