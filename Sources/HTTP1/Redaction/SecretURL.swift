import WireBytes

/// Finds the secret parts of a request target or a URL.
///
///     scheme://user:password@host/path;name=value?name=value#name=value
struct SecretURL {
  /// A secret part: its place and its kind.
  struct Part {
    let range: Range<Int>
    let kind: Kind
  }

  /// What makes a part secret.
  enum Kind {
    /// The password before the host, or everything before the host if there is no user name.
    case credentials
    /// A segment of the path that is a token.
    case segment
    /// The value of the parameter with this name.
    case parameter(Range<Int>)
  }

  /// All secret parts in their order. `isAuthority` means that the text begins with the host, as the field Host does;
  /// `depth`: of how many escaped URLs or JSON texts it is part; `isCut`: its end was not captured.
  static func parts(of url: Span<UInt8>, isAuthority: Bool = false, depth: Int = 0, isCut: Bool = false)
    -> [Part]
  {
    var found: [Part] = []
    var start = 0
    if let authority = isAuthority ? 0 : authority(in: url) {
      start = endOfAuthority(in: url, from: authority)
      if let range = credentials(in: url, authority..<start, isCut: isCut && start == url.count) {
        found.append(Part(range: range, kind: .credentials))
      }
    }
    let path = start
    var end = start
    while end < url.count, !isDelimiter(url[end]) { end += 1 }
    while start < end {
      let next = url.first(UInt8(ascii: "/"), in: start..<end) ?? end
      let segment = url.extracting(start..<next)
      if TokenDetector.isTokenInPath(segment, depth: depth)
        || isCut && next == url.count && TokenShape.mayBegin(segment)
      {
        found.append(Part(range: start..<next, kind: .segment))
      }
      start = next + 1
    }
    var parameters = Parameters(of: url, from: end)
    while let (name, value) = parameters.next(in: url) {
      if TokenDetector.isParameter(url.extracting(name), url.extracting(value), depth: depth)
        || isCut && value.upperBound == url.count && TokenShape.mayBegin(url.extracting(value))
      {
        found.append(Part(range: value, kind: .parameter(name)))
      }
    }
    return addingEmbedded(in: url, from: path, to: found)
  }

  /// The parts with the credentials of URLs that are in the path or in a parameter as they are, not escaped.
  private static func addingEmbedded(in url: Span<UInt8>, from first: Int, to parts: [Part]) -> [Part] {
    var (all, start) = (parts, first)
    while let colon = url.first(UInt8(ascii: ":"), in: start..<url.count) {
      start = colon + 1
      guard url.has("://", at: colon) else { continue }
      let end = endOfAuthority(in: url, from: colon + 3)
      start = end
      guard let range = credentials(in: url, colon + 3..<end, isCut: false),
        !parts.contains(where: { $0.range.overlaps(range) })
      else { continue }
      all.append(Part(range: range, kind: .credentials))
    }
    if all.count > parts.count { all.sort { $0.range.lowerBound < $1.range.lowerBound } }
    return all
  }

  private static func endOfAuthority(in url: Span<UInt8>, from start: Int) -> Int {
    var end = start
    while end < url.count, !isDelimiter(url[end]), url[end] != UInt8(ascii: "/") { end += 1 }
    return end
  }

  /// Whether a character begins parameters or separates them.
  @inline(__always)
  private static func isDelimiter(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "?") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "#")
  }

  /// The place after `scheme://` or `//` with which a text begins (RFC 3986 §4.1). Further on they are of another URL, in a path or a
  /// parameter.
  static func authority(in text: Span<UInt8>) -> Int? {
    var start = 0
    while start < text.count, text[start] == ASCII.space { start += 1 }
    if text.has("//", at: start) { return start + 2 }
    guard let colon = text.first(UInt8(ascii: ":"), in: start..<text.count), text.has("://", at: colon)
    else { return nil }
    for index in start..<colon where !isOfScheme(text[index]) { return nil }
    return colon + 3
  }

  /// Whether an authority begins anywhere in a text.
  static func hasAuthority(_ text: Span<UInt8>) -> Bool {
    var start = 0
    while let colon = text.first(UInt8(ascii: ":"), in: start..<text.count) {
      if text.has("://", at: colon) { return true }
      start = colon + 1
    }
    return text.has("//", at: 0)
  }

  private static func isOfScheme(_ byte: UInt8) -> Bool {
    ASCII.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || "+-.".utf8.contains(byte)
  }

  /// `isCut`: its end was not captured, so that an `@` may have followed.
  private static func credentials(in url: Span<UInt8>, _ authority: Range<Int>, isCut: Bool) -> Range<Int>? {
    var at = isCut ? authority.upperBound : nil
    for index in authority where url[index] == UInt8(ascii: "@") { at = index }
    guard let at, at > authority.lowerBound else { return nil }
    guard let colon = url.first(UInt8(ascii: ":"), in: authority.lowerBound..<at) else {
      return authority.lowerBound..<at
    }
    return colon + 1 < at ? colon + 1..<at : nil
  }

  /// Iterates over the parameters of a path, a query and a fragment.
  private struct Parameters {
    private var rest: Range<Int>

    init(of url: Span<UInt8>, from start: Int) { rest = min(start + 1, url.count)..<url.count }

    /// The places of the next name and its value; a parameter without `=` has an empty value.
    mutating func next(in url: Span<UInt8>) -> (name: Range<Int>, value: Range<Int>)? {
      while !rest.isEmpty {
        let end = end(in: url)
        let part = rest.lowerBound..<end
        rest = min(end + 1, rest.upperBound)..<rest.upperBound
        if part.isEmpty { continue }
        guard let equals = url.first(ASCII.equals, in: part) else { return (part, end..<end) }
        return (part.lowerBound..<equals, equals + 1..<end)
      }
      return nil
    }

    /// Where the parameter ends. Only `&` always separates; the other delimiters may be part of a value unless a name
    /// follows.
    private func end(in url: Span<UInt8>) -> Int {
      var delimiter: Int?
      for index in rest {
        if url[index] == UInt8(ascii: "&") { return index }
        if url[index] == ASCII.equals, let delimiter { return delimiter }
        if SecretURL.isDelimiter(url[index]) { delimiter = index }
      }
      return rest.upperBound
    }
  }

  /// So many times a text may have been escaped, or be part of another one. Each level doubles the work at most.
  static let mostLevels = 4

  /// Whether a value is an escaped URL, query or JSON text with a secret in it.
  static func isNestedSecret(_ value: Span<UInt8>, depth: Int) -> Bool {
    guard depth < mostLevels else { return false }
    if let first = firstLetter(value), first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      if SecretEcho.holdsPair(value) { return true }
    }
    guard value.first(UInt8(ascii: "%"), in: 0..<value.count) != nil else { return false }
    let decoded = decoded(value)
    guard decoded.count < value.count else { return false }
    let text = queryText(decoded)
    return !parts(of: text.span, depth: depth + 1).isEmpty || isNestedSecret(decoded.span, depth: depth + 1)
  }

  /// A secret part of a URL, and if it is an escaped URL, query or JSON text, the secrets in it: somebody may repeat it decoded.
  static func addValues(of value: Span<UInt8>, to values: inout [[UInt8]], depth: Int = 0) {
    values.append(value.toArray())
    guard depth < mostLevels else { return }
    SecretEcho.addPairs(in: value, to: &values)
    let decoded = decoded(value)
    let isEscaped = decoded.count < value.count
    if isEscaped { values.append(decoded) }
    // `Bearer%20…`
    if let space = decoded.lastIndex(of: ASCII.space) { values.append(Array(decoded[(space + 1)...])) }
    let text = isEscaped ? queryText(decoded) : decoded
    for part in parts(of: text.span, depth: depth + 1) {
      let part = Array(text[part.range])
      if part.count < value.count { addValues(of: part.span, to: &values, depth: depth + 1) }
    }
    if isEscaped { SecretEcho.addPairs(in: decoded.span, to: &values) }
  }

  /// A decoded text as the URL that it may be: `name=value` alone has no `?`.
  private static func queryText(_ decoded: [UInt8]) -> [UInt8] {
    decoded.contains { isDelimiter($0) } || !decoded.contains(ASCII.equals)
      ? decoded : [UInt8(ascii: "?")] + decoded
  }

  /// The URLs of a field: those in angle brackets, as Link has them, or the whole value.
  static func urls(in value: Span<UInt8>) -> [Range<Int>] {
    var (urls, start) = ([Range<Int>](), 0)
    while let opening = value.first(UInt8(ascii: "<"), in: start..<value.count),
      let closing = value.first(UInt8(ascii: ">"), in: opening..<value.count)
    {
      urls.append(opening + 1..<closing)
      start = closing + 1
    }
    return urls.isEmpty ? [0..<value.count] : urls
  }

  private static func firstLetter(_ text: Span<UInt8>) -> UInt8? {
    for index in text.indices where text[index] != ASCII.space { return text[index] }
    return nil
  }

  /// Replaces escapes such as `%41` by their characters; everything else remains.
  static func decoded(_ text: Span<UInt8>) -> [UInt8] {
    var (bytes, index) = ([UInt8](), 0)
    while index < text.count {
      if text[index] == UInt8(ascii: "%"), index + 2 < text.count, let high = digit(text[index + 1]),
        let low = digit(text[index + 2])
      {
        bytes.append(high << 4 | low)
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
