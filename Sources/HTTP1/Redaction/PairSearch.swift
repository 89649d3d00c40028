import WireBytes

/// Finds the values of secrets in `name=value` and `"name": "value"`, from one byte of a text to the next.
struct PairSearch {
  /// Where the name begins that the bytes before belong to.
  private var start: Int?
  /// A name that only spaces follow, after which `=` may come.
  private var spaced: Range<Int>?
  /// A name in quotes, after which a colon may come.
  private var quoted: Range<Int>?
  /// Names that are longer are not those of secrets.
  private static let longestName = 128

  /// The value whose name ends at `place`, where `=` or `:` is. Call it for each place in order.
  mutating func value(in text: Span<UInt8>, at place: Int) -> Range<Int>? {
    let byte = text[place]
    if Self.isPartOfName(byte) {
      if start == nil { (start, spaced) = (place, nil) }
      return nil
    }
    let name = start.map { $0..<place }
    let before = name ?? spaced
    (start, spaced) = (nil, byte == ASCII.space || byte == ASCII.tab ? before : nil)
    switch byte {
    case ASCII.equals:
      quoted = nil
      return before.flatMap { Self.value(of: $0, in: text, from: place + 1) }
    case ASCII.colon:
      defer { quoted = nil }
      return quoted.flatMap { Self.value(of: $0, in: text, from: place + 1) }
    // A backslash: JSON in a string of JSON.
    case ASCII.quote, ASCII.backslash: if let name { quoted = name }
    case ASCII.space: break
    default: quoted = nil
    }
    return nil
  }

  private static func isPartOfName(_ byte: UInt8) -> Bool {
    TokenShape.isWordCharacter(byte) || "_-.%[]".utf8.contains(byte)
  }

  private static func value(of name: Range<Int>, in text: Span<UInt8>, from start: Int) -> Range<Int>? {
    guard name.count <= longestName else { return nil }
    let kind = SecretName.kind(of: text.extracting(name))
    guard kind == .secret || kind == .session else { return nil }
    var first = start
    while first < text.count, text[first] == ASCII.space { first += 1 }
    var isEscaped = false
    if first < text.count, text[first] == ASCII.backslash { (isEscaped, first) = (true, first + 1) }
    let isQuoted = first < text.count && text[first] == ASCII.quote
    if isQuoted { first += 1 }
    var end = first
    while end < text.count, isQuoted ? text[end] != ASCII.quote : !isEnd(text[end]) {
      if text[end] == ASCII.backslash {
        if isEscaped { break }
        end = min(end + 1, text.count - 1)
      }
      end += 1
    }
    // It was hidden before.
    if SecretMark.isMark(in: text, at: first) { return nil }
    guard first < end, TokenDetector.isName(text.extracting(name), text.extracting(first..<end)) else {
      return nil
    }
    return first..<end
  }

  private static func isEnd(_ byte: UInt8) -> Bool {
    byte <= ASCII.space || "&;,\"'<>){}]".utf8.contains(byte)
  }
}
