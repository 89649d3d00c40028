import WireBytes

/// What stands at one place of bytes that should be UTF-8.
struct UTF8Step {
  /// The code point; nil when the bytes are not one.
  var scalar: UInt32?
  /// Bytes it takes, at least 1. Invalid ones by Unicode's "maximal subpart": as many as began a character.
  var length: Int
  /// The bytes end inside what may be a character.
  var isCut = false
}

extension Span where Element == UInt8 {
  /// Reads one character at `offset`, which must be inside. Ranges are those of Unicode's table 3-7: no
  /// overlong forms, no surrogates, nothing above U+10FFFF.
  func utf8Step(at offset: Int) -> UTF8Step {
    let lead = self[offset]
    if lead < 0x80 { return UTF8Step(scalar: UInt32(lead), length: 1) }
    var range: ClosedRange<UInt8> = 0x80...0xBF
    let following: Int
    switch lead {
    case 0xC2...0xDF: following = 1
    case 0xE0: (following, range) = (2, 0xA0...0xBF)
    case 0xED: (following, range) = (2, 0x80...0x9F)
    case 0xE1...0xEF: following = 2
    case 0xF0: (following, range) = (3, 0x90...0xBF)
    case 0xF1...0xF3: following = 3
    case 0xF4: (following, range) = (3, 0x80...0x8F)
    default: return UTF8Step(scalar: nil, length: 1)
    }
    var scalar = UInt32(lead) & (0x3F &>> UInt32(following))
    for place in 1...following {
      guard offset &+ place < count else { return UTF8Step(scalar: nil, length: place, isCut: true) }
      let byte = self[offset &+ place]
      guard range.contains(byte) else { return UTF8Step(scalar: nil, length: place) }
      scalar = scalar &<< 6 | UInt32(byte & 0x3F)
      range = 0x80...0xBF
    }
    return UTF8Step(scalar: scalar, length: following &+ 1)
  }

  /// How many bytes to keep for at most `limit` of them without cutting a character in two.
  public func utf8Prefix(atMost limit: Int) -> Int {
    guard limit < count else { return count }
    var end = Swift.max(limit, 0)
    // A character has at most three bytes after its first; in anything else there is nothing to respect.
    while end > 0, limit &- end < 3, self[end] & 0xC0 == 0x80 { end &-= 1 }
    return end < limit && self[end] & 0xC0 == 0x80 ? limit : end
  }
}
