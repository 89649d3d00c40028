import WireBytes

/// Finds the values of JSON members with certain names in any text or bytes, in one pass.
///
/// It does not parse: messages have JSON after a prefix (`42["login",{…}]`), in records (SignalR, NDJSON), after the headers of STOMP,
/// in strings of other JSON, in binary; they are cut, and some are no JSON that a parser would read. A member is what looks like
/// one: a name in quotes and a colon, or a plain name and a colon at the start of a line or after `{`, `,` and `(`. Where it is
/// not clear where a value ends it ends later.
struct MemberScanner {
  /// A value that is to be hidden.
  struct Value {
    /// Its place; of a string without the quotes.
    var range: Range<Int>
    /// What has to come before and after the mark, so that JSON stays JSON: the quote of the name, as it was sent.
    var quote: Range<Int>?
  }

  private let names: MemberNames
  /// Names without quotes count, too.
  private let takesPlainNames: Bool
  private var place = 0
  /// The ends of the last quotation mark and the last apostrophe: a name may begin there.
  private var openings: (mark: Int?, apostrophe: Int?)

  /// A quotation mark or apostrophe.
  private struct Quote {
    var range: Range<Int>
    var character: UInt32
    /// Of how many strings around it it is part; nil if that is not known.
    var depth: Int?

    var isMark: Bool { character == 0x22 }
  }

  private mutating func note(_ quote: Quote) {
    if quote.isMark {
      openings.mark = quote.range.upperBound
    } else {
      openings.apostrophe = quote.range.upperBound
    }
  }

  init(_ names: MemberNames, takesPlainNames: Bool = true) {
    (self.names, self.takesPlainNames) = (names, takesPlainNames)
    openings = (nil, nil)
  }

  /// The next one. Nil at the end.
  mutating func next(in text: Span<UInt8>) -> Value? {
    while place < text.count {
      let byte = text[place]
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"):
        let start = place
        let piece = JSONPiece(in: text, at: start)
        place = piece.end
        guard let quote = Self.quote(piece, start) else { continue }
        let opening = quote.isMark ? openings.mark : openings.apostrophe
        note(quote)
        if let opening, let colon = Self.colon(in: text, after: place),
          names.contains(text.extracting(opening..<start)),
          let value = value(in: text, from: colon + 1, of: quote, isLine: false)
        {
          return value
        }
      case UInt8(ascii: ":") where takesPlainNames:
        let colon = place
        place &+= 1
        guard let (name, isLine) = Self.plainName(in: text, before: colon),
          names.contains(text.extracting(name)),
          let value = value(in: text, from: colon + 1, of: nil, isLine: isLine)
        else { continue }
        return value
      default: place &+= 1
      }
    }
    return nil
  }

  private static func quote(_ piece: JSONPiece, _ start: Int) -> Quote? {
    guard let scalar = piece.scalar, scalar == 0x22 || scalar == 0x27 else { return nil }
    return Quote(range: start..<piece.end, character: scalar, depth: piece.depth)
  }

  // MARK: Names

  /// The colon after a name, if only white space is between.
  private static func colon(in text: Span<UInt8>, after end: Int) -> Int? {
    let place = skippingSpaces(in: text, from: end)
    return place < text.count && text[place] == UInt8(ascii: ":") ? place : nil
  }

  private static func skippingSpaces(in text: Span<UInt8>, from start: Int) -> Int {
    var place = start
    while place < text.count {
      let piece = JSONPiece(in: text, at: place)
      guard piece.isSpace else { break }
      place = piece.end
    }
    return place
  }

  /// A name without quotes before a colon. `isLine`: it is at the start of a line, as the headers of STOMP are.
  private static func plainName(in text: Span<UInt8>, before colon: Int) -> (Range<Int>, isLine: Bool)? {
    var start = colon
    while start > 0, isPlain(text[start - 1]) { start -= 1 }
    guard start < colon else { return nil }
    var before = start
    while before > 0, text[before - 1] == 0x20 || text[before - 1] == 0x09 { before -= 1 }
    guard before > 0 else { return (start..<colon, true) }
    return switch text[before - 1] {
    case 0x0A, 0x0D: (start..<colon, true)
    case UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: "("): (start..<colon, false)
    default: nil
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "$"),
      0x80...:
      true
    default: false
    }
  }

  // MARK: Values

  /// The value that begins at `start` or after white space there; nil if none does. `name`: the quote after its name.
  private mutating func value(in text: Span<UInt8>, from start: Int, of name: Quote?, isLine: Bool) -> Value?
  {
    let start = Self.skippingSpaces(in: text, from: start)
    guard start < text.count else { return nil }
    let piece = JSONPiece(in: text, at: start)
    openings = (nil, nil)
    if let quote = Self.quote(piece, start) {
      let end = Self.endOfString(in: text, quote, isStrict: name != nil)
      place = end.upperBound
      // The quote that ends it may begin a name where quotes are missing.
      if !end.isEmpty, let last = Self.quote(JSONPiece(in: text, at: end.lowerBound), end.lowerBound) {
        note(last)
      }
      return Value(range: quote.range.upperBound..<end.lowerBound)
    }
    place =
      switch text[start] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): Self.endOfContainer(in: text, from: start, name)
      default: Self.endOfScalar(in: text, from: start, isLine: isLine && name == nil)
      }
    // Nothing between the colon and what comes next.
    guard place > start else { return nil }
    return Value(range: start..<place, quote: name?.range)
  }

  /// The quote that ends a string, or nothing at the end of the text or of a string around it. `isStrict`: one after which JSON
  /// does not go on is part of the value.
  private static func endOfString(in text: Span<UInt8>, _ quote: Quote, isStrict: Bool) -> Range<Int> {
    guard let depth = quote.depth else { return text.count..<text.count }
    var place = quote.range.upperBound
    while place < text.count {
      let byte = text[place]
      guard byte == UInt8(ascii: "\\") || UInt32(byte) == quote.character else {
        place &+= 1
        continue
      }
      let start = place
      let piece = JSONPiece(in: text, at: start)
      place = piece.end
      guard piece.scalar == quote.character, let found = piece.depth else { continue }
      if found < depth { return start..<start }
      guard found == depth, !isStrict || mayGoOn(in: text, after: place, depth) else { continue }
      // Backslashes before it that are part of the value have the same look as those of the quote.
      return max(start, place - quote.range.count)..<place
    }
    return text.count..<text.count
  }

  /// Whether what comes after a string may come there in JSON.
  private static func mayGoOn(in text: Span<UInt8>, after end: Int, _ depth: Int) -> Bool {
    let place = skippingSpaces(in: text, from: end)
    guard place < text.count else { return true }
    switch text[place] {
    case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"), UInt8(ascii: ";"),
      0..<0x20:
      return true
    case UInt8(ascii: "\\"), UInt8(ascii: "\""):
      let piece = JSONPiece(in: text, at: place)
      return piece.scalar == 0x22 && (piece.depth ?? 0) < depth
    default: return false
    }
  }

  /// The end of an object or array: after its last bracket, or where the string around it or the text ends.
  private static func endOfContainer(in text: Span<UInt8>, from start: Int, _ name: Quote?) -> Int {
    var (place, level, within, depth) = (start, 0, nil as UInt32?, name?.depth)
    // Where it is not known at which depth the name is, nothing ends it.
    if let name, name.depth == nil { return text.count }
    while place < text.count {
      let byte = text[place]
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"):
        let before = place
        let piece = JSONPiece(in: text, at: place)
        place = piece.end
        guard let quote = quote(piece, before), let found = quote.depth else { continue }
        if let depth, found < depth, quote.isMark { return before }
        if depth == nil { depth = found }
        guard found == depth else { continue }
        if within == quote.character {
          within = nil
        } else if within == nil, quote.isMark || name == nil || name?.character == 0x27 {
          within = quote.character
        }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        if within == nil { level += 1 }
        place &+= 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if within == nil { level -= 1 }
        place &+= 1
        if level == 0 { return place }
      default: place &+= 1
      }
    }
    return text.count
  }

  /// The end of a number, a word, or what else there is, without the white space after it.
  private static func endOfScalar(in text: Span<UInt8>, from start: Int, isLine: Bool) -> Int {
    var (place, end) = (start, start)
    while place < text.count {
      let byte = text[place]
      if byte < 0x20, byte != 0x09 { return end }
      if !isLine {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"), UInt8(ascii: "\""):
          return end
        default: break
        }
      }
      let piece = JSONPiece(in: text, at: place)
      if piece.isEscape, piece.scalar == 0x22 || piece.scalar == 0x0A { return end }
      place = piece.end
      if byte != 0x20, byte != 0x09 { end = place }
    }
    return end
  }
}
