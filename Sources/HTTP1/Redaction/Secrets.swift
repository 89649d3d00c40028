import Synchronization
import WireBytes

/// The parts of a handshake that would let a reader act as the client: cookies, credentials, tokens.
///
/// They are recognized by their place, by names, and where no name says what a value is by its look: docs/redaction.md is the
/// table of that. Each is shown as a mark, `[redacted 7f3a]`, which is equal for equal values within a run. The contents of
/// messages are not examined.
public struct Secrets: Sendable {
  /// The places that hold secrets, each named once: `Cookie`, `query parameter token`.
  public private(set) var places: [String] = []
  /// Those that each side sent, client first.
  private var placesBySide: InlineArray<2, [String]> = [[], []]
  /// Subprotocols that are or contain tokens, and what is shown instead.
  private var subprotocols: [String: String] = [:]
  /// The heads that contain the values themselves. Only sentences need those, and most sessions have no such sentence.
  private var request: HTTPHead?
  private var response: HTTPHead?
  /// What follows from the heads, once somebody asks for it; nil without secrets.
  private var derived: Derived?

  /// Found out at the first question, which totals never ask, on whichever thread writes.
  private final class Derived: Sendable {
    struct State {
      var values: [[UInt8]]?
      var fieldEcho: SecretEcho??
      var echo: SecretEcho?
    }
    let state = Mutex(State())
  }

  /// No secrets.
  public init() {}

  /// The secrets of a request and its answer.
  public init(_ handshake: Handshake) {
    (request, response) = (handshake.request, handshake.response)
    var known = Known()
    if let request { note(fieldsOf: request, of: .client, &known) }
    if let response { note(fieldsOf: response, of: .server, &known) }
    if let request { note(targetOf: request, &known) }
    let offered = handshake.subprotocolsOffered
    if !offered.isEmpty { note(subprotocols: offered, of: .client, &known) }
    // What a server selects the client has offered: its token is not the server's.
    let selected = handshake.subprotocolsSelected.filter { subprotocols[$0] == nil }
    if !selected.isEmpty { note(subprotocols: selected, of: .server, &known) }
    if let response, response.status != 101 || Self.mayEcho(response.reason),
      echo().redacted(response.reason) != response.reason
    {
      note("status reason", of: .server, &known)
    }
    if !isEmpty { derived = Derived() }
  }

  /// The values themselves.
  var values: [[UInt8]] {
    guard let derived else { return collectedValues }
    return derived.state.withLock { state in
      if let values = state.values { return values }
      let values = collectedValues
      state.values = values
      return values
    }
  }

  /// The values that fields with other names may repeat; nil if there are none. Words are none of them: a theme may be in a cookie and
  /// in a path.
  private var fieldEcho: SecretEcho? {
    guard let derived else { return nil }
    if let known = derived.state.withLock({ $0.fieldEcho }) { return known }
    let repeatable = values.filter { value in
      value.contains { ASCII.isDigit($0) }
        && value.contains { !ASCII.isDigit($0) && TokenShape.isWordCharacter($0) }
    }
    let echo = repeatable.isEmpty ? nil : SecretEcho(of: repeatable)
    derived.state.withLock { $0.fieldEcho = .some(echo) }
    return echo
  }

  /// The places as sets while they are collected, once they are many: of both sides, and of each one.
  private struct Known {
    var all: Set<String> = []
    var bySide: InlineArray<2, Set<String>> = [[], []]
  }

  /// The reason of nearly every 101 is two words.
  private static func mayEcho(_ reason: String) -> Bool { reason.utf8.count > 24 }

  /// Nearly no field holds a secret, so this must not make a string of each.
  private mutating func note(fieldsOf head: HTTPHead, of side: Side, _ known: inout Known) {
    head.forEachField { name, value in
      if TokenDetector.isField(name, value) { note(field: name, of: side, &known) }
    }
    head.withCutField { name, value in
      if TokenDetector.isField(name, value) { note(field: name, of: side, &known) }
    }
  }

  private mutating func note(field name: Span<UInt8>, of side: Side, _ known: inout Known) {
    note(name.count == 0 ? "a line without a colon" : name.text(0..<name.count), of: side, &known)
  }

  private mutating func note(targetOf head: HTTPHead, _ known: inout Known) {
    head.withRequestLine { _, target in
      for part in SecretURL.parts(of: target, isCut: head.isCutInStartLine) {
        switch part.kind {
        case .credentials: note("credentials in the URL", of: .client, &known)
        case .segment: note("path", of: .client, &known)
        case .parameter(let name): note("query parameter \(target.text(name))", of: .client, &known)
        }
      }
    }
  }

  private mutating func note(_ place: String, of side: Side, _ known: inout Known) {
    Self.add(place, to: &places, &known.all)
    let index = Int(side.rawValue)
    Self.add(place, to: &placesBySide[index], &known.bySide[index])
  }

  /// Nearly always there are a few.
  private static func add(_ place: String, to list: inout [String], _ known: inout Set<String>) {
    if list.count < 8 {
      if !list.contains(place) { list.append(place) }
      return
    }
    if known.isEmpty { known = Set(list) }
    if known.insert(place).inserted { list.append(place) }
  }

  private mutating func note(subprotocols offered: [String], of side: Side, _ known: inout Known) {
    var follows = false
    for name in offered {
      let shown = follows ? SecretMark.text(of: name.utf8.span) : Self.redacted(protocolName: name)
      if shown != name {
        subprotocols[name] = shown
        note("subprotocol", of: side, &known)
      }
      // In `access_token, eyJhbGciOi…` the second one is the value.
      follows = !follows && TokenDetector.announcesToken(name)
    }
  }

  /// Whether `redacted` has to be called for a field. For nearly all fields the name alone says no.
  package func mayHoldSecret(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
    // Sec-WebSocket-Protocol is judged by its elements.
    name.count == 22 || TokenDetector.isField(name, value)
      || Self.mayRepeat(name) && fieldEcho?.hasValue(in: value) ?? false
  }

  /// Whether a field may repeat a secret by accident of a server. Names of hosts and the fields of the handshake itself may only look so.
  private static func mayRepeat(_ name: Span<UInt8>) -> Bool {
    !name.has("sec-websocket-", at: 0, ignoringCase: true) && !name.part(0..<name.count, is: "host")
      && !name.part(0..<name.count, is: "origin")
  }

  /// The places in what a side sent.
  public func places(of side: Side) -> [String] { placesBySide[Int(side.rawValue)] }

  /// Whether there is nothing to hide.
  public var isEmpty: Bool { places.isEmpty }

  /// A field's value as it may be shown. The names of cookies and the schemes of credentials remain.
  public func redacted(header name: String, value: String) -> String {
    let shown = redacted(value, ofField: name.lowercased())
    guard Self.mayRepeat(name.utf8.span), let fieldEcho else { return shown }
    return fieldEcho.redacted(shown, onlyValues: true)
  }

  private func redacted(_ value: String, ofField name: String) -> String {
    switch name {
    case "cookie": Self.redacted(cookies: value)
    case "set-cookie": Self.redacted(setCookie: value)
    case "authorization", "proxy-authorization": Self.redacted(credentials: value)
    case "sec-websocket-protocol":
      subprotocols.isEmpty
        ? value : elements(of: value).map { redacted(subprotocol: $0) }.joined(separator: ", ")
    case "sec-websocket-extensions": Self.redacted(extensions: value)
    case "host": Self.redacted(url: value, isAuthority: true)
    default: Self.redacted(value, of: name.utf8.span)
    }
  }

  /// A request target or URL without the values of parameters that are secret.
  public func redacted(target: String) -> String {
    isEmpty ? target : Self.redacted(url: target, isCut: request?.isCutInStartLine ?? false)
  }

  /// A subprotocol without the token in it.
  public func redacted(subprotocol: String) -> String { subprotocols[subprotocol] ?? subprotocol }

  /// The elements of Sec-WebSocket-Extensions without secret parameters.
  public func redacted(extension element: String) -> String {
    isEmpty ? element : Self.redacted(extensions: element)
  }

  /// A sentence with its secret values replaced, even if it contains only the start of one.
  public func redacted(sentence: String) -> String { isEmpty ? sentence : echo().redacted(sentence) }

  /// What a reader may see of several sentences. The secrets are collected once.
  public func redacted(sentences: [String]) -> [String] {
    guard !isEmpty, !sentences.isEmpty else { return sentences }
    let echo = echo()
    return sentences.map { echo.redacted($0) }
  }

  /// A body without the handshake's secrets, and without what looks like a token.
  public func redacted(body: String) -> String { echo().redacted(body, hidesRandom: true) }

  /// A line of which it is not known what it is: a field, a request line that cannot be read, any text.
  package static func redacted(line: Span<UInt8>) -> String {
    if let colon = line.first(ASCII.colon, in: 0..<line.count) {
      let name = line.trimmed(0..<colon)
      var isName = !name.isEmpty
      for index in name where !ASCII.isToken(line[index]) { isName = false }
      let value = line.trimmed(colon + 1..<line.count)
      // `http://…` is no field.
      if isName, !line.has("//", at: colon + 1) {
        return line.text(0..<value.lowerBound)
          + redacted(line.extracting(value), ofField: line.extracting(name))
      }
    }
    if let start = TokenDetector.malformedSecret(line) {
      return line.text(0..<start) + SecretMark.text(of: line.dropping(start))
    }
    return SecretEcho(of: []).redacted(redacted(url: line.text(0..<line.count)))
  }

  /// A field by itself.
  private static func redacted(_ value: Span<UInt8>, ofField name: Span<UInt8>) -> String {
    let (name, value) = (name.text(0..<name.count), value.text(0..<value.count))
    guard ASCII.sameIgnoringCase(name, "Sec-WebSocket-Protocol") else {
      return Secrets().redacted(header: name, value: value)
    }
    var secrets = Secrets()
    var known = Known()
    secrets.note(subprotocols: elements(of: value), of: .client, &known)
    return secrets.redacted(header: name, value: value)
  }

  private func echo() -> SecretEcho {
    if let known = derived?.state.withLock({ $0.echo }) { return known }
    let echo = echoOfAll()
    derived?.state.withLock { $0.echo = echo }
    return echo
  }

  private func echoOfAll() -> SecretEcho {
    let target = request?.target ?? ""
    let shown = redacted(target: target)
    guard target != shown else { return SecretEcho(of: values) }
    return SecretEcho(of: values, target: (Array(quoted(target).utf8), quoted(shown)))
  }

  private var collectedValues: [[UInt8]] {
    var values: [[UInt8]] = []
    for (head, side) in [(request, Side.client), (response, .server)] {
      if places(of: side).isEmpty { continue }
      head?.forEachField { name, value in
        if TokenDetector.isField(name, value) { Self.addValues(of: name, value, to: &values) }
      }
      head?.withCutField { name, value in
        if TokenDetector.isField(name, value) { Self.addValues(of: name, value, to: &values) }
      }
    }
    request?.withRequestLine { _, target in
      for part in SecretURL.parts(of: target, isCut: request?.isCutInStartLine ?? false) {
        SecretURL.addValues(of: target.extracting(part.range), to: &values)
      }
    }
    for (name, shown) in subprotocols {
      // The mark takes the place of the end.
      let prefix = zip(name.utf8, shown.utf8).prefix { $0 == $1 }.count
      values.append(Array(name.utf8.dropFirst(shown.hasPrefix("[") ? 0 : prefix)))
    }
    return values
  }

  /// The secret parts of a field: whole, and those after names and schemes.
  private static func addValues(of name: Span<UInt8>, _ value: Span<UInt8>, to values: inout [[UInt8]]) {
    if !TokenDetector.isCredentials(name), !TokenDetector.isName(name, value),
      TokenDetector.schemeOfCredentials(value) == nil, name.count > 0
    {
      let isHost = name.part(0..<name.count, is: "host")
      for url in SecretURL.urls(in: value) {
        for part in SecretURL.parts(of: value.extracting(url), isAuthority: isHost) {
          SecretURL.addValues(of: value.extracting(url).extracting(part.range), to: &values)
        }
      }
      return SecretEcho.addPairs(in: value, to: &values)
    }
    // The attributes of a cookie are no secrets.
    let isSetCookie = name.count == 10 && name.has("set-cookie", at: 0, ignoringCase: true)
    let end = isSetCookie ? value.first(ASCII.semicolon, in: 0..<value.count) ?? value.count : value.count
    addPieces(of: value.extracting(0..<end).toArray(), to: &values)
  }

  /// A text that is secret as a whole, and what it consists of: `name=value`, `name="value"`, credentials after a scheme.
  private static func addPieces(of secret: [UInt8], to values: inout [[UInt8]]) {
    values.append(secret)
    let separators: [UInt8] = [ASCII.semicolon, ASCII.space, ASCII.comma, ASCII.tab]
    for piece in secret.split(whereSeparator: { separators.contains($0) }) {
      // What follows is a value, not the padding of Base64.
      guard let equals = piece.firstIndex(of: ASCII.equals),
        piece[equals...].contains(where: { $0 != ASCII.equals })
      else {
        // A token of letters only is a word.
        let word = withoutQuotes(piece)
        if word.count >= SecretEcho.shortest, word.contains(where: { ASCII.isDigit($0) }) {
          values.append(Array(word))
        }
        if word.count >= 8, let decoded = Base64Text.decoded(word.span),
          let colon = decoded.firstIndex(of: ASCII.colon)
        {
          // Basic: the name, a colon and the password (RFC 7617 §2).
          values.append(Array(decoded[(colon + 1)...]))
        }
        continue
      }
      values.append(Array(piece))
      let value = withoutQuotes(piece[(equals + 1)...])
      values.append(Array(value))
      // The key in AWS' `Credential=key/date/region`.
      if let slash = value.firstIndex(of: UInt8(ascii: "/")) { values.append(Array(value[..<slash])) }
    }
  }

  private static func withoutQuotes(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isQuoted = text.count > 1 && text.first == ASCII.quote && text.last == ASCII.quote
    return isQuoted ? text.dropFirst().dropLast() : text
  }

  private static func redacted(protocolName name: String) -> String {
    if let prefix = TokenDetector.tokenPrefix(of: name) {
      return name.utf8.span.text(0..<prefix) + SecretMark.text(of: name.utf8.span.dropping(prefix))
    }
    return TokenDetector.isToken(name.utf8.span) ? SecretMark.text(of: name.utf8.span) : name
  }

  // MARK: Parts of fields

  /// A value that is secret because of its name, or because of its look.
  private static func redacted(_ value: String, of name: Span<UInt8>) -> String {
    let bytes = value.utf8.span
    guard TokenDetector.isField(name, bytes) else { return value }
    if TokenDetector.isName(name, bytes) { return SecretMark.text(of: bytes) }
    if name.count == 0, let start = TokenDetector.malformedSecret(bytes) {
      return bytes.text(0..<start) + SecretMark.text(of: bytes.dropping(start))
    }
    if let scheme = TokenDetector.schemeOfCredentials(bytes) {
      return bytes.text(0..<scheme) + SecretMark.text(of: bytes.dropping(scheme))
    }
    var (shown, copied) = ("", 0)
    for url in SecretURL.urls(in: bytes) {
      let text = bytes.text(url)
      shown +=
        bytes.text(copied..<url.lowerBound)
        + (TokenDetector.isURL(text.utf8.span) ? redacted(url: text) : text)
      copied = url.upperBound
    }
    return SecretEcho(of: []).redacted(shown + bytes.text(copied..<bytes.count))
  }

  /// `name; parameter=value, name`
  private static func redacted(extensions: String) -> String { SecretEcho(of: []).redacted(extensions) }

  /// `name=value; name=value`. A cookie without a name is hidden completely.
  private static func redacted(cookies: String) -> String {
    let bytes = cookies.utf8.span
    var (shown, start) = ("", 0)
    while true {
      let end = bytes.first(ASCII.semicolon, in: start..<bytes.count) ?? bytes.count
      var name = start
      while name < end, bytes[name] == ASCII.space { name += 1 }
      let value = bytes.first(ASCII.equals, in: name..<end).map { $0 + 1 } ?? name
      shown += bytes.text(start..<value)
      if name < end { shown += SecretMark.text(of: bytes.extracting(value..<end)) }
      if end == bytes.count { return shown }
      shown += ";"
      start = end + 1
    }
  }

  /// `name=value; Path=/`. The attributes remain.
  private static func redacted(setCookie: String) -> String {
    let end = setCookie.firstIndex(of: ";") ?? setCookie.endIndex
    return redacted(cookies: String(setCookie[..<end])) + setCookie[end...]
  }

  /// `Bearer eyJ…`
  private static func redacted(credentials: String) -> String {
    guard let space = credentials.firstIndex(of: " ") else { return mark(credentials[...]) }
    return credentials[...space] + mark(credentials[credentials.index(after: space)...])
  }

  private static func mark(_ value: Substring) -> String { SecretMark.text(of: Array(value.utf8).span) }

  /// `/path?name=value&name=value`
  private static func redacted(url: String, isAuthority: Bool = false, isCut: Bool = false) -> String {
    let bytes = url.utf8.span
    var (shown, copied) = ("", 0)
    for part in SecretURL.parts(of: bytes, isAuthority: isAuthority, isCut: isCut) {
      shown += bytes.text(copied..<part.range.lowerBound) + SecretMark.text(of: bytes.extracting(part.range))
      copied = part.range.upperBound
    }
    return shown + bytes.text(copied..<bytes.count)
  }
}
