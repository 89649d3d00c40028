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
    guard let (prefix, rest) = vendorPrefix(in: text, at: place) else { return nil }
    let end = end(of: text, from: place + prefix)
    return rest.accepts(text.extracting(place + prefix..<end)) ? end : nil
  }

  private static let shortest = 16

  /// What follows a vendor's prefix. Words and names of files may begin as keys do.
  private enum Rest {
    /// At least so many letters and digits before anything else.
    case letters(Int)
    /// At least so many characters of keys, and a digit among the first ones.
    case key(Int)
    /// So many capitals and digits, and a digit among them.
    case capitals(Int)
    /// So many hexadecimal digits.
    case hexadecimal(Int)
    /// As `key(16)`, and capitals and small letters, or so many letters and digits in a row.
    case mixed

    func accepts(_ text: Span<UInt8>) -> Bool {
      switch self {
      case .letters(let least): return TokenShape.lettersAndDigits(text) >= least
      case .key(let least): return text.count >= least && TokenShape.hasDigit(text)
      case .capitals(let count):
        guard TokenShape.lettersAndDigits(text) == count, TokenShape.hasDigit(text) else { return false }
        for index in 0..<count where text[index] >= UInt8(ascii: "a") { return false }
        return true
      case .hexadecimal(let count):
        guard TokenShape.lettersAndDigits(text) == count else { return false }
        for index in 0..<count where !TokenShape.isHex(text[index]) { return false }
        return true
      case .mixed:
        guard text.count >= 16, TokenShape.hasDigit(text) else { return false }
        return TokenShape.hasBothCases(text) || TokenShape.longestWord(text) >= 16
      }
    }
  }

  /// The length of a vendor's prefix, and what has to follow it.
  private static func vendorPrefix(in text: Span<UInt8>, at place: Int) -> (length: Int, rest: Rest)? {
    func any(_ prefixes: StaticString..., rest: Rest) -> (Int, Rest)? {
      for prefix in prefixes where text.has(prefix, at: place) { return (prefix.utf8CodeUnitCount, rest) }
      return nil
    }
    return switch text[place] {
    case UInt8(ascii: "A"):
      any("AKIA", "ASIA", "ABIA", "ACCA", rest: .capitals(16)) ?? any("AIza", rest: .key(30))
        ?? any("ATATT3x", "ATCTT3x", rest: .key(20)) ?? any("AGE-SECRET-KEY-1", rest: .letters(20))
    case UInt8(ascii: "d"):
      any("dop_v1_", "doo_v1_", "dor_v1_", rest: .letters(20)) ?? any("dapi", rest: .hexadecimal(32))
        ?? any("dckr_pat_", "dp.pt.", rest: .key(16))
    case UInt8(ascii: "f"): any("figd_", rest: .key(20))
    case UInt8(ascii: "g"):
      any("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", rest: .letters(16)) ?? any(
        "gsk_", rest: .letters(20))
        ?? any(
          "glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glft-", "glsoat-", "glagent-", "glsa_",
          rest: .key(16))
    case UInt8(ascii: "h"): any("hf_", rest: .letters(20)) ?? any("hvs.", "hvb.", rest: .key(20))
    case UInt8(ascii: "k"): any("key-", rest: .hexadecimal(32))
    case UInt8(ascii: "l"): any("lin_api_", rest: .letters(16))
    case UInt8(ascii: "n"): any("npm_", rest: .letters(20)) ?? any("ntn_", rest: .letters(20))
    case UInt8(ascii: "p"):
      any("pypi-", rest: .letters(16)) ?? any("pplx-", rest: .letters(20))
        ?? any("pscale_tkn_", rest: .key(16))
    case UInt8(ascii: "r"): any("rk_live_", "rk_test_", rest: .letters(16)) ?? any("r8_", rest: .letters(30))
    case UInt8(ascii: "s"):
      any("sk_live_", "sk_test_", rest: .letters(10))
        ?? any("shpat_", "shpss_", "shpca_", "shppa_", "sq0atp-", "sq0csp-", rest: .letters(16))
        ?? any("sk-", rest: .mixed) ?? any("sbp_", rest: .letters(20)) ?? any("sntrys_", rest: .key(20))
    case UInt8(ascii: "w"): any("whsec_", rest: .letters(16))
    case UInt8(ascii: "x"):
      any(
        "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxc-", "xoxd-", "xoxe-", "xoxe.", "xapp-",
        rest: .key(10))
        ?? any("xai-", rest: .letters(20))
    case UInt8(ascii: "y"): any("ya29.", rest: .key(16))
    case UInt8(ascii: "G"): any("GOCSPX-", rest: .key(16)) ?? any("GR1348941", rest: .key(16))
    case UInt8(ascii: "N"): any("NRAK-", rest: .letters(16))
    case UInt8(ascii: "P"): any("PMAK-", rest: .key(20))
    case UInt8(ascii: "S"): any("SG.", rest: .key(30)) ?? any("SK", rest: .hexadecimal(32))
    default: nil
    }
  }

  /// Letters and digits at the start.
  private static func lettersAndDigits(_ text: Span<UInt8>) -> Int {
    var count = 0
    while count < text.count, isWordCharacter(text[count]) { count += 1 }
    return count
  }

  /// Whether there is a digit among the first characters: words with hyphens have none.
  private static func hasDigit(_ text: Span<UInt8>) -> Bool {
    for index in 0..<min(text.count, 64) where ASCII.isDigit(text[index]) { return true }
    return false
  }

  private static func hasBothCases(_ text: Span<UInt8>) -> Bool {
    var seen: UInt8 = 0
    for index in 0..<min(text.count, 64) where isWordCharacter(text[index]) && !ASCII.isDigit(text[index]) {
      seen |= text[index] & 0x20 == 0 ? 1 : 2
    }
    return seen == 3
  }

  /// The most letters and digits in a row, if there is a digit among them.
  private static func longestWord(_ text: Span<UInt8>) -> Int {
    var (longest, start) = (0, 0)
    while start < min(text.count, 64) {
      let word = text.dropping(start)
      let count = lettersAndDigits(word)
      if count > longest, hasDigit(word.extracting(0..<count)) { longest = count }
      start += count + 1
    }
    return longest
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

  /// Whether the start of a text whose rest was not captured may be that of a token: it begins as one of a known kind does, or looks
  /// random as far as it goes.
  static func mayBegin(_ text: Span<UInt8>) -> Bool {
    if text.has("eyJ", at: 0) { return true }
    if text.count > 0, let (prefix, _) = vendorPrefix(in: text, at: 0), text.count > prefix { return true }
    return text.count >= shortestRandom / 2 && isRandom(text, from: shortestRandom / 2)
  }

  // MARK: Random text

  /// Whether there is a run that only a generator of random text makes: it changes between capitals, small letters and digits
  /// more often than a name does; `-`, `_` and escapes may be in between. UUIDs, ULIDs, hexadecimal of the lengths of
  /// ObjectIds and hashes, and numbers are no such runs.
  static func isRandom(_ text: Span<UInt8>, from shortest: Int = shortestRandom) -> Bool {
    guard text.count >= shortest, !isFileName(text) else { return false }
    var (run, index) = (Run(), 0)
    while index < text.count {
      let byte = text[index]
      // What identifiers are inside of names: `room_507f1f77bcf86cd799439011`.
      if isWordCharacter(byte), index == 0 || !isWordCharacter(text[index - 1]) {
        if let length = identifier(in: text.dropping(index)) {
          (run, index) = (Run(), index + length)
          continue
        }
        // Words between hyphens are none of a generator.
        if let length = word(in: text.dropping(index)) {
          index += length
          continue
        }
      }
      index += 1
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): run.add(0)
      case UInt8(ascii: "a")...UInt8(ascii: "z"): run.add(1)
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): run.add(2)
      case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "="): continue
      case UInt8(ascii: "%"): index += 2
      default: run = Run()
      }
      if run.isRandom(from: shortest) { return true }
    }
    return false
  }

  /// The length of a UUID, ULID, hash or ObjectId at the start of a text, if it ends there.
  private static func identifier(in text: Span<UInt8>) -> Int? {
    if text.count >= 36, text.count == 36 || !isWordCharacter(text[36]), isUUID(text.extracting(0..<36)) {
      return 36
    }
    let count = lettersAndDigits(text)
    let word = text.extracting(0..<count)
    return isULID(word) || isHash(word) ? count : nil
  }

  /// The length of a word of small letters at the start of a text, if it ends there.
  private static func word(in text: Span<UInt8>) -> Int? {
    let count = lettersAndDigits(text)
    guard count >= 3 else { return nil }
    for index in 0..<count where text[index] < UInt8(ascii: "a") { return nil }
    return count
  }

  /// Names of files have a dot and one of the usual endings.
  private static func isFileName(_ text: Span<UInt8>) -> Bool {
    var start = text.count
    while start > 0, text.count - start < 6, isWordCharacter(text[start - 1]) { start -= 1 }
    guard start > 1, text[start - 1] == UInt8(ascii: ".") else { return false }
    return fileEndings.contains { text.part(start..<text.count, is: $0) }
  }

  private static let fileEndings: [StaticString] = [
    "js", "mjs", "css", "map", "html", "htm", "json", "xml", "txt", "csv", "md", "pdf", "zip", "gz", "tgz",
    "tar", "jpg", "jpeg",
    "png", "gif", "webp", "svg", "ico", "avif", "heic", "bmp", "mp3", "mp4", "m4a", "m4s", "m3u8", "mpd",
    "ts", "webm", "mov",
    "wav", "ogg", "aac", "flac", "woff", "woff2", "ttf", "wasm", "bin", "log", "doc", "docx", "xls", "xlsx",
    "ppt", "pptx",
    "exe", "apk", "php", "jsp", "asp", "aspx", "yaml", "yml", "parquet", "glb", "proto",
  ]

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
    func isRandom(from shortest: Int) -> Bool {
      let count = counts[0] + counts[1] + counts[2]
      guard count >= shortest else { return false }
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

  /// ObjectIds of MongoDB, UUIDs without hyphens and MD5, SHA-1 as Git's, and the lengths of SHA-2.
  private static func isHash(_ text: Span<UInt8>) -> Bool {
    guard [24, 32, 40, 56, 64, 96, 128].contains(text.count) else { return false }
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
