extension Span where Element == UInt8 {
  /// Whether the bytes contain `text`. With `ignoringCase`, `text` must be in lower case and also matches upper case.
  /// Searching a String compares characters, which is a thousand times slower.
  public func contains(_ text: StaticString, ignoringCase: Bool = false) -> Bool {
    let length = text.utf8CodeUnitCount
    guard length > 0, count >= length else { return length == 0 }
    if length >= 8, !ignoringCase {
      // A quote, with which names in JSON begin, is at many places; eight bytes of a name are not.
      let start = unsafe UnsafeRawPointer(text.utf8Start).loadUnaligned(as: UInt64.self)
      for place in 0...count - length where load(at: place, as: UInt64.self) == start {
        if has(text, at: place) { return true }
      }
      return false
    }
    // Nearly all places fail at their first byte. Case can only be ignored if that is a letter.
    let first = unsafe text.utf8Start[0]
    let letterCase: UInt8 = ignoringCase && first >= 0x61 && first <= 0x7A ? 0x20 : 0
    for place in 0...count - length where self[place] | letterCase == first {
      if has(text, at: place, ignoringCase: ignoringCase) { return true }
    }
    return false
  }

  /// Whether the bytes begin with `text`.
  public func begins(with text: StaticString) -> Bool { has(text, at: 0) }

  /// Whether `text`, which is ASCII, is at `place`. With `ignoringCase`, it must be in lower case.
  public func has(_ text: StaticString, at place: Int, ignoringCase: Bool = false) -> Bool {
    let length = text.utf8CodeUnitCount
    guard place >= 0, count - place >= length else { return false }
    // Safe: a StaticString lives forever.
    let wanted = unsafe UnsafeRawBufferPointer(start: text.utf8Start, count: length)
    guard length >= 8 else {
      for index in 0..<length {
        let byte = self[place &+ index]
        let isCapital = ignoringCase && byte >= 0x41 && byte <= 0x5A
        if unsafe (isCapital ? byte | 0x20 : byte) != wanted[index] { return false }
      }
      return true
    }
    // Eight bytes at a time; the last eight may overlap those before.
    var index = 0
    while true {
      let word = unsafe wanted.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let difference = load(at: place &+ index, as: UInt64.self) ^ word
      // Only the case bit may differ, and only where `text` has a letter: 0x61 and 0x7B carry into the high bit.
      let letters = (word &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(word &+ 0x0505_0505_0505_0505) & 0x8080_8080_8080_8080
      let letterCase = ignoringCase ? letters >> 2 : 0
      if difference & ~letterCase != 0 { return false }
      if index == length &- 8 { return true }
      index = Swift.min(index &+ 8, length &- 8)
    }
  }
}
