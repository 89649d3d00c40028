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
  /// Where the values themselves stand. They are wanted by sentences only, and most sessions have none.
  private var request: HTTPHead?
  private var response: HTTPHead?
  /// A value that is shorter would be found in a sentence by chance.
  private static let shortest = 8

  /// None.
  public init() {}

  /// The secrets of a request and its answer.
  public init(_ handshake: Handshake) {
    (request, response) = (handshake.request, handshake.response)
    if let request { note(fieldsOf: request) }
    if let response { note(fieldsOf: response) }
    if let request { note(queryOf: request) }
    let offered = handshake.subprotocolsOffered
    if !offered.isEmpty { note(subprotocols: offered + handshake.subprotocolsSelected) }
  }

  /// Nearly every field is none that holds secrets: that must not cost a text for each.
  private mutating func note(fieldsOf head: HTTPHead) {
    head.forEachField { name, value in
      if SecretShape.isField(name, value) { note(name.text(0..<name.count)) }
    }
  }

  private mutating func note(queryOf head: HTTPHead) {
    head.withRequestLine { _, target in
      var parameters = QueryParameters(of: target)
      while let (name, value) = parameters.next(in: target) {
        guard SecretShape.isParameter(target.extracting(name), target.extracting(value)) else { continue }
        note("query parameter \(target.text(name))")
      }
    }
  }

  private mutating func note(_ place: String) { if !places.contains(place) { places.append(place) } }

  private mutating func note(subprotocols offered: [String]) {
    var follows = false
    for name in offered {
      let shown = follows ? Self.placeholder : Self.redacted(protocolName: name)
      if shown != name {
        subprotocols[name] = shown
        note("subprotocol")
      }
      // `access_token, eyJhbGciOi…`: the next one is the value.
      follows = !follows && SecretShape.announcesToken(name)
    }
  }

  /// Whether `redacted` has to be asked about a field: false for nearly all, by their names alone.
  package static func mayHoldSecret(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
    // Sec-WebSocket-Protocol has a question of its own.
    name.count == 22 || SecretShape.isField(name, value)
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
    default: SecretShape.isName(name.utf8.span) ? Self.placeholder : value
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
      while place < bytes.count, SecretShape.isPartOfToken(bytes[place]) { place += 1 }
      shown += Self.placeholder.utf8
    }
    return String(decoding: shown, as: UTF8.self)
  }

  /// The values themselves, the longest first.
  private var values: [String] {
    var values: [String] = []
    for head in [request, response] {
      head?.forEachField { name, value in
        if SecretShape.isField(name, value) { values.append(value.text(0..<value.count)) }
      }
    }
    request?.withRequestLine { _, target in
      var parameters = QueryParameters(of: target)
      while let (name, value) = parameters.next(in: target) {
        guard SecretShape.isParameter(target.extracting(name), target.extracting(value)) else { continue }
        values.append(target.text(value))
      }
    }
    for (name, shown) in subprotocols {
      values.append(
        shown.hasSuffix(Self.placeholder)
          ? String(name.dropFirst(shown.count - Self.placeholder.count)) : name)
    }
    return values.sorted { $0.utf8.count > $1.utf8.count }
  }

  private static func redacted(protocolName name: String) -> String {
    if let prefix = SecretShape.tokenPrefix(of: name) { return name.prefix(prefix) + placeholder }
    return SecretShape.isToken(name.utf8.span) ? placeholder : name
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

  /// `/path?name=value&name=value`
  private static func redacted(target: String) -> String {
    let bytes = target.utf8.span
    var parameters = QueryParameters(of: bytes)
    var (shown, copied) = ([UInt8](), 0)
    while let (name, value) = parameters.next(in: bytes) {
      guard SecretShape.isParameter(bytes.extracting(name), bytes.extracting(value)) else { continue }
      for index in copied..<value.lowerBound { shown.append(bytes[index]) }
      shown += placeholder.utf8
      copied = value.upperBound
    }
    if copied == 0 { return target }
    for index in copied..<bytes.count { shown.append(bytes[index]) }
    return String(decoding: shown, as: UTF8.self)
  }
}
