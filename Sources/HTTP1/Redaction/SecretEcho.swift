import WireBytes

/// Hides secrets in texts that may repeat them: sentences of findings, reasons of status lines, bodies of refusals.
///
/// Hidden are the values of a handshake, even where only their start is there, the values of `name=value` and `"name":"value"`
/// with the name of a secret, and tokens of a known kind. The work is linear in the text, however many values there are.
struct SecretEcho: Sendable {
  /// By their first bytes: 16 of most values, 8 of shorter ones.
  private var values: [Key: (value: [UInt8], mark: String)] = [:]
  /// The first bytes of `values`, one bit each.
  private var firstBytes = InlineArray<4, UInt64>(repeating: 0)
  /// The request target in quotes as sentences have it, and what takes its place.
  private var target: (sent: [UInt8], shown: String) = ([], "")

  private struct Key: Hashable {
    let first: UInt64
    let second: UInt64
  }

  /// Shorter ones that are hidden where they are a word of their own, by their bytes.
  private var words: [UInt64: String] = [:]

  /// Shorter values would occur in a sentence by chance.
  static let shortest = 8
  /// Of values that somebody named: these are hidden as words.
  static let shortestNamed = 3

  /// `values`: what is secret; `target`: with quotes, as sent and as it may be shown.
  init(of secrets: [[UInt8]], target: (sent: [UInt8], shown: String) = ([], "")) {
    self.target = target
    for value in secrets where value.count >= Self.shortest {
      add(value, SecretMark.text(of: value.span))
    }
  }

  /// Adds a value and its mark. `isNamed`: it is secret even if it is a short word.
  mutating func add(_ value: [UInt8], _ mark: String, isNamed: Bool = false) {
    guard value.count >= Self.shortest else {
      if isNamed, value.count >= Self.shortestNamed { words[Self.packed(value.span)] = mark }
      return
    }
    let span = value.span
    let key = Key(
      first: span.load(at: 0, as: UInt64.self),
      second: value.count >= 16 ? span.load(at: 8, as: UInt64.self) : 0)
    firstBytes[Int(value[0] >> 6)] |= 1 << UInt64(value[0] & 63)
    if values[key] == nil { values[key] = (value, mark) }
  }

  /// Up to seven bytes, and how many they are.
  private static func packed(_ word: Span<UInt8>) -> UInt64 {
    var packed = UInt64(word.count)
    for index in word.indices { packed = packed << 8 | UInt64(word[index]) }
    return packed
  }

  /// The text without secrets. `hidesRandom`: also without what looks random, as in a text by nobody known. `onlyValues`: nothing but
  /// the values.
  func redacted(_ text: String, hidesRandom: Bool = false, onlyValues: Bool = false) -> String {
    let bytes = Array(text.utf8)
    let span = bytes.span
    var (shown, copied) = ([UInt8](), 0)
    var pairs = PairSearch()
    var (place, checked, runEnd, targets) = (0, 0, 0, 0)
    while place < span.count {
      var hidden: (range: Range<Int>, mark: String)?
      // The whole target first, because it may contain values too short to be searched for. A hostile one may begin at many
      // places.
      if span[place] == ASCII.quote, !target.sent.isEmpty, targets < 4 {
        targets += 1
        if bytes[place...].starts(with: target.sent) {
          hidden = (place..<place + target.sent.count, target.shown)
        }
      }
      if hidden == nil { hidden = echo(in: span, at: place) ?? word(in: span, at: place) }
      if hidden == nil, !onlyValues, place == 0 || !TokenShape.isWordCharacter(span[place - 1]) {
        if let end = TokenShape.endOfKnown(in: span, at: place, &checked) {
          hidden = (place..<end, SecretMark.text(of: span.extracting(place..<end)))
        }
      }
      if hidden == nil, !onlyValues, let credentials = Self.credentials(in: span, at: place) {
        hidden = (credentials, SecretMark.text(of: span.extracting(credentials)))
      }
      if hidden == nil, hidesRandom, place >= runEnd {
        runEnd = place
        while runEnd < span.count, TokenDetector.isPartOfToken(span[runEnd]) { runEnd += 1 }
        let run = span.extracting(place..<runEnd)
        if TokenShape.isRandom(run) { hidden = (place..<runEnd, SecretMark.text(of: run)) }
      }
      if hidden == nil, !onlyValues, let value = pairs.value(in: span, at: place) {
        hidden = (value, SecretMark.text(of: span.extracting(value)))
      }
      guard let hidden else {
        place += 1
        continue
      }
      shown += bytes[copied..<hidden.range.lowerBound]
      shown += hidden.mark.utf8
      (place, copied) = (hidden.range.upperBound, hidden.range.upperBound)
      pairs = PairSearch()
    }
    if copied == 0, shown.isEmpty { return text }
    shown += bytes[copied...]
    return String(decoding: shown, as: UTF8.self)
  }

  /// What follows `Bearer` or `Basic`, of which the space is here, if it is no word.
  private static func credentials(in text: Span<UInt8>, at space: Int) -> Range<Int>? {
    guard text[space] == ASCII.space,
      space >= 6 && text.has("bearer", at: space - 6, ignoringCase: true)
        || space >= 5 && text.has("basic", at: space - 5, ignoringCase: true)
    else { return nil }
    var (end, hasDigit) = (space + 1, false)
    while end < text.count, TokenDetector.isPartOfToken(text[end]) {
      hasDigit = hasDigit || ASCII.isDigit(text[end])
      end += 1
    }
    return hasDigit && end - space > 6 ? space + 1..<end : nil
  }

  /// The short value that is the word which begins here.
  private func word(in text: Span<UInt8>, at place: Int) -> (range: Range<Int>, mark: String)? {
    guard !words.isEmpty, place == 0 || !TokenShape.isWordCharacter(text[place - 1]) else { return nil }
    for length in Self.shortestNamed..<Self.shortest where place + length <= text.count {
      let end = place + length
      if end < text.count, TokenShape.isWordCharacter(text[end]) { continue }
      if let mark = words[Self.packed(text.extracting(place..<end))] { return (place..<end, mark) }
    }
    return nil
  }

  /// The value of the handshake that begins here.
  private func echo(in text: Span<UInt8>, at place: Int) -> (range: Range<Int>, mark: String)? {
    guard firstBytes[Int(text[place] >> 6)] & 1 << UInt64(text[place] & 63) != 0, text.count - place >= 8
    else {
      return nil
    }
    let first = text.load(at: place, as: UInt64.self)
    let second = text.count - place >= 16 ? text.load(at: place + 8, as: UInt64.self) : 0
    guard let found = values[Key(first: first, second: second)] ?? values[Key(first: first, second: 0)] else {
      return nil
    }
    // The rest of it, however the text goes on.
    var end = place
    while end < text.count, end - place < found.value.count, text[end] == found.value[end - place] {
      end += 1
    }
    while end < text.count, TokenDetector.isPartOfToken(text[end]) { end += 1 }
    return (place..<end, found.mark)
  }

  /// Whether one of the values is in a text.
  func hasValue(in text: Span<UInt8>) -> Bool {
    for place in text.indices where echo(in: text, at: place) != nil { return true }
    return false
  }

  /// Adds the values of all members and parameters of a text that have the name of a secret, and tokens of a known kind.
  static func addPairs(in text: Span<UInt8>, to values: inout [[UInt8]]) {
    var (pairs, start) = (PairSearch(), 0)
    for place in text.indices {
      if let value = pairs.value(in: text, at: place) { values.append(text.extracting(value).toArray()) }
    }
    while let token = TokenShape.known(in: text, from: start) {
      values.append(text.extracting(token).toArray())
      start = token.upperBound
    }
  }

  /// Whether a text has a member or parameter with the name of a secret, or a token of a known kind.
  static func holdsPair(_ text: Span<UInt8>) -> Bool {
    var pairs = PairSearch()
    for place in text.indices where pairs.value(in: text, at: place) != nil { return true }
    return TokenShape.known(in: text, from: 0) != nil
  }
}
