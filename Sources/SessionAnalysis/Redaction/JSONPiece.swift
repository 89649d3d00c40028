import WireBytes

/// The next byte or escape in what may be JSON, or JSON in a string of JSON, however deep.
///
/// A run of backslashes counts as one escape, so that `\n`, `\\n` and `\\\\n` are all an end of line: at which depth a text is
/// need not be known to read the names in it. Only for quotes it matters, and for those it is worked out.
struct JSONPiece {
  /// Where the next one begins.
  let end: Int
  /// The byte, or the character that an escape is for.
  let scalar: UInt32?
  /// More than the byte itself: backslashes come before it.
  let isEscape: Bool
  /// Of a quotation mark or an apostrophe, of how many strings around it that is part: 0 of one that is not escaped; nil where the
  /// escapes are too long to tell.
  let depth: Int?

  /// What begins at `start`, which is within the text.
  init(in text: Span<UInt8>, at start: Int) {
    let byte = text[start]
    guard byte == Self.backslash else {
      (end, scalar, isEscape, depth) = (start &+ 1, UInt32(byte), false, 0)
      return
    }
    var place = start
    while place < text.count, text[place] == Self.backslash || Self.isBackslash(in: text, at: place) {
      place &+= text[place] == Self.backslash ? 1 : 5
    }
    guard place < text.count else {
      (end, scalar, isEscape, depth) = (place, nil, true, nil)
      return
    }
    isEscape = true
    if text[place] == UInt8(ascii: "u"), let value = Self.hexadecimal(in: text, at: place &+ 1) {
      (end, scalar) = (place &+ 5, value)
    } else {
      end = place &+ 1
      scalar =
        switch text[place] {
        case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "f"):
          0x0A
        default: UInt32(text[place])
        }
    }
    depth = scalar == 0x22 || scalar == 0x27 ? Self.depth(of: text.extracting(start..<end)) : 0
  }

  /// White space between the parts of JSON.
  var isSpace: Bool { scalar == 0x20 || scalar == 0x09 || scalar == 0x0A || scalar == 0x0D }

  private static let backslash = UInt8(ascii: "\\")

  /// The backslash of `\u005c`, without its first byte.
  private static func isBackslash(in text: Span<UInt8>, at place: Int) -> Bool {
    text[place] == UInt8(ascii: "u") && place > 0 && hexadecimal(in: text, at: place &+ 1) == 0x5C
  }

  private static func hexadecimal(in text: Span<UInt8>, at place: Int) -> UInt32? {
    guard text.count - place >= 4 else { return nil }
    var value: UInt32 = 0
    for index in place..<place + 4 {
      let digit: UInt8
      switch text[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = text[index] - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = text[index] - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = text[index] - UInt8(ascii: "A") + 10
      default: return nil
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// Longer escapes are nobody's.
  private static let longestEscape = 128

  /// How often an escape has to be decoded until its quote is not escaped any more.
  private static func depth(of escape: Span<UInt8>) -> Int? {
    guard escape.count <= longestEscape else { return nil }
    var text = InlineArray<128, UInt8>(repeating: 0)
    var count = escape.count
    for index in 0..<count { text[index] = escape[index] }
    var depth = 0
    // Each round takes away half of the backslashes at least.
    while count > 1 {
      var (read, written) = (0, 0)
      while read < count {
        if text[read] != backslash {
          // The quote itself, with nothing before it that escapes it.
          if text[read] == 0x22 || text[read] == 0x27 { return depth }
          text[written] = text[read]
          read += 1
        } else if read + 1 >= count {
          return nil
        } else if text[read + 1] == UInt8(ascii: "u"), let value = hexadecimal(in: text.span, at: read + 2) {
          text[written] = UInt8(truncatingIfNeeded: value)
          read += 6
        } else {
          text[written] = text[read + 1]
          read += 2
        }
        written += 1
      }
      guard written < count else { return nil }
      (count, depth) = (written, depth + 1)
    }
    return depth
  }
}
