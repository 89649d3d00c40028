import WireBytes

/// Recognizes tokens by what they look like; docs/redaction.md has the table.
enum TokenShape {
  /// The place of the first token of a known kind (a JWT or the key of a known vendor) in a text, from `start` on. It begins
  /// where a word does.
  static func known(in text: Span<UInt8>, from start: Int) -> Range<Int>? {
    var (place, checked) = (start, start)
    while place < text.count {
      if let end = endOfKnown(in: text, at: place, &checked) { return place..<end }
      place += 1
      // To the start of the next word.
      while place < text.count, isWordCharacter(text[place - 1]) { place += 1 }
    }
    return nil
  }

  /// Whether the text is a token of a known kind.
  static func isKnown(_ text: Span<UInt8>) -> Bool {
    var checked = 0
    return text.count >= shortest && endOfKnown(in: text, at: 0, &checked) != nil
  }

  /// The end of the token of a known kind that begins at `place`. `checked`: where the last run that was looked at for nothing
  /// ends, so that no byte is looked at more than twice.
  static func endOfKnown(in text: Span<UInt8>, at place: Int, _ checked: inout Int) -> Int? {
    guard text.count - place >= shortest else { return nil }
    if text[place] == UInt8(ascii: "e") {
      guard place >= checked, text.has("eyJ", at: place) else { return nil }
      let end = end(of: text, from: place)
      if isJWT(text.extracting(place..<end)) { return end }
      // A later start in the same run has no dot either, or is shorter.
      checked = end
      return nil
    }
    guard let (prefix, length) = vendorPrefix(in: text, at: place) else { return nil }
    let end = end(of: text, from: place + prefix)
    return end - place - prefix >= length ? end : nil
  }

  private static let shortest = 16

  /// The length of a vendor's prefix, and the least that follows it.
  private static func vendorPrefix(in text: Span<UInt8>, at place: Int) -> (length: Int, rest: Int)? {
    func any(_ prefixes: StaticString..., rest: Int) -> (Int, Int)? {
      for prefix in prefixes where text.has(prefix, at: place) { return (prefix.utf8CodeUnitCount, rest) }
      return nil
    }
    return switch text[place] {
    case UInt8(ascii: "A"):
      any("AKIA", "ASIA", rest: 16) ?? any("AIza", rest: 30)
    case UInt8(ascii: "d"): any("dop_v1_", rest: 20)
    case UInt8(ascii: "g"):
      any("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "glsa_", rest: 16)
    case UInt8(ascii: "h"): any("hf_", "hvs.", rest: 20)
    case UInt8(ascii: "n"): any("npm_", rest: 20)
    case UInt8(ascii: "p"): any("pypi-", rest: 20)
    case UInt8(ascii: "r"): any("rk_live_", "rk_test_", rest: 16)
    case UInt8(ascii: "s"):
      any("sk_live_", "sk_test_", rest: 10) ?? any("shpat_", "shpss_", "sq0atp-", "sq0csp-", rest: 16)
        ?? (text.has("sk-", at: place) && hasDigit(text, from: place + 3) ? (3, 16) : nil)
    case UInt8(ascii: "w"): any("whsec_", rest: 16)
    case UInt8(ascii: "x"): any("xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xapp-", rest: 10)
    case UInt8(ascii: "y"): any("ya29.", rest: 16)
    case UInt8(ascii: "S"): any("SG.", rest: 30)
    default: nil
    }
  }

  /// Whether there is a digit in the next bytes: words with hyphens have none.
  private static func hasDigit(_ text: Span<UInt8>, from start: Int) -> Bool {
    var place = start
    while place < min(text.count, start + 64), isKeyCharacter(text[place]) {
      if ASCII.isDigit(text[place]) { return true }
      place += 1
    }
    return false
  }

  private static func end(of text: Span<UInt8>, from start: Int) -> Int {
    var end = start
    while end < text.count, isKeyCharacter(text[end]) { end += 1 }
    return end
  }

  private static func isKeyCharacter(_ byte: UInt8) -> Bool {
    isWordCharacter(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: ".")
  }

  static func isWordCharacter(_ byte: UInt8) -> Bool {
    ASCII.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// Whether it is a JWT: parts in base64url, the first of which decodes to `{"…` (RFC 7519 §3).
  private static func isJWT(_ text: Span<UInt8>) -> Bool {
    text.count >= 20 && text.begins(with: "eyJ") && text.first(UInt8(ascii: "."), in: 0..<text.count) != nil
  }

  // MARK: Random text

  /// Whether there is a run that only a generator of random text makes: it changes between capitals, small letters and digits
  /// more often than a name does; `-`, `_` and escapes may be in between. UUIDs, ULIDs, hexadecimal of the lengths of
  /// ObjectIds and hashes, and numbers are no such runs.
  static func isRandom(_ text: Span<UInt8>) -> Bool {
    guard text.count >= shortestRandom, !isUUID(text), !isULID(text), !isHash(text) else { return false }
    var (run, index) = (Run(), 0)
    while index < text.count {
      let byte = text[index]
      index += 1
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): run.add(0)
      case UInt8(ascii: "a")...UInt8(ascii: "z"): run.add(1)
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): run.add(2)
      case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "="): continue
      case UInt8(ascii: "%"): index += 2
      default: run = Run()
      }
      if run.isRandom { return true }
    }
    return false
  }

  private static let shortestRandom = 20

  private struct Run {
    private var counts: InlineArray<3, Int> = [0, 0, 0]
    private var (changes, words, last) = (0, 0, -1)

    mutating func add(_ kind: Int) {
      counts[kind] += 1
      if last >= 0, kind != last { changes += 1 }
      // A capital with small letters after it begins a word.
      if last == 2, kind == 1 { words += 1 }
      last = kind
    }

    /// In random base64 two of three characters are of another kind than the one before. Digits in hexadecimal and in base36
    /// change as often, but in names they come in groups.
    var isRandom: Bool {
      let count = counts[0] + counts[1] + counts[2]
      guard count >= TokenShape.shortestRandom else { return false }
      if counts[1] > 0, counts[2] > 0 {
        return counts[0] > 0 && (changes - words) * 10 >= count * 3
      }
      return counts[1] > 0 && counts[0] > 2 && changes * 3 >= count
    }
  }

  private static func isUUID(_ text: Span<UInt8>) -> Bool {
    guard text.count == 36 else { return false }
    for index in text.indices {
      let isHyphen = index == 8 || index == 13 || index == 18 || index == 23
      guard isHyphen ? text[index] == UInt8(ascii: "-") : isHex(text[index]) else { return false }
    }
    return true
  }

  /// 26 letters and digits, the first of which is at most 7.
  private static func isULID(_ text: Span<UInt8>) -> Bool {
    guard text.count == 26, text[0] >= UInt8(ascii: "0"), text[0] <= UInt8(ascii: "7") else { return false }
    var seen: UInt8 = 0
    for index in text.indices {
      guard isWordCharacter(text[index]) else { return false }
      if !ASCII.isDigit(text[index]) { seen |= text[index] & 0x20 == 0 ? 1 : 2 }
    }
    return seen != 3
  }

  /// ObjectIds of MongoDB, UUIDs without hyphens and MD5, SHA-1 as Git's, SHA-256.
  private static func isHash(_ text: Span<UInt8>) -> Bool {
    guard [24, 32, 40, 64].contains(text.count) else { return false }
    for index in text.indices where !isHex(text[index]) { return false }
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
}
