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

  /// Whether `text` is at `place`.
  public func has(_ text: StaticString, at place: Int, ignoringCase: Bool = false) -> Bool {
    guard place >= 0, count - place >= text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { wanted in
      // Eight bytes at a time; the last eight may overlap those before.
      let wide = wanted.count & ~7
      for index in stride(from: 0, to: wide, by: 8) {
        if !hasWord(unsafe Self.word(wanted, index), at: place + index, ignoringCase) { return false }
      }
      if wide > 0 {
        let last = wanted.count - 8
        return hasWord(unsafe Self.word(wanted, last), at: place + last, ignoringCase)
      }
      for index in 0..<wanted.count {
        let byte = self[place + index]
        let isCapital = ignoringCase && byte >= 0x41 && byte <= 0x5A
        if unsafe (isCapital ? byte | 0x20 : byte) != wanted[index] { return false }
      }
      return true
    }
  }

  @inline(__always)
  private static func word(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> UInt64 {
    unsafe UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: place, as: UInt64.self)
  }

  @inline(__always)
  private func hasWord(_ wanted: UInt64, at place: Int, _ ignoringCase: Bool) -> Bool {
    let seen = load(at: place, as: UInt64.self)
    guard ignoringCase else { return seen == wanted }
    let difference = seen ^ wanted
    if difference == 0 { return true }
    // Only the case bit may differ, and only where `text` has a letter.
    if difference & ~0x2020_2020_2020_2020 != 0 { return false }
    for index in 0..<8 where difference >> UInt64(8 * index) & 0x20 != 0 {
      let letter = UInt8(truncatingIfNeeded: wanted >> UInt64(8 * index))
      if letter < 0x61 || letter > 0x7A { return false }
    }
    return true
  }
}
