extension Span where Element == UInt8 {
  /// Whether `text` stands in the bytes; with `ignoringCase` also in capitals, when `text` is in lower case. Strings search by
  /// characters, which costs a thousand times as much.
  public func contains(_ text: StaticString, ignoringCase: Bool = false) -> Bool {
    let length = text.utf8CodeUnitCount
    guard count >= length else { return false }
    for place in 0...count - length where has(text, at: place, ignoringCase: ignoringCase) { return true }
    return false
  }

  /// Whether the bytes begin with `text`.
  public func begins(with text: StaticString) -> Bool { has(text, at: 0) }

  /// Whether `text` stands at `place`.
  public func has(_ text: StaticString, at place: Int, ignoringCase: Bool = false) -> Bool {
    guard place >= 0, count - place >= text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { wanted in
      for index in 0..<wanted.count {
        let byte = self[place + index]
        let isCapital = ignoringCase && byte >= 0x41 && byte <= 0x5A
        if unsafe (isCapital ? byte | 0x20 : byte) != wanted[index] { return false }
      }
      return true
    }
  }
}
