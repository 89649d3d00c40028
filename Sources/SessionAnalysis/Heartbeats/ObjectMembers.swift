import WireBytes

/// Walks the members of a short JSON object, as far as their values are texts, numbers or words.
struct ObjectMembers: ~Escapable {
  private let text: Span<UInt8>
  private var place = 1
  /// Those so far.
  private(set) var count = 0

  @_lifetime(copy text)
  init(_ text: Span<UInt8>) { self.text = text }

  /// Where the next one's name stands, and its value if it is a text. Nil at the end, and where another value begins.
  mutating func next() -> (name: Range<Int>, value: Range<Int>?)? {
    guard let name = string(), take(UInt8(ascii: ":")) else { return nil }
    count += 1
    skipSpaces()
    let value = string()
    if value == nil {
      while place < text.count, isPlain(text[place]) { place += 1 }
    }
    _ = take(UInt8(ascii: ","))
    return (name, value)
  }

  private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"),
      UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "E"), UInt8(ascii: " "):
      true
    default: false
    }
  }

  private mutating func skipSpaces() {
    while place < text.count, text[place] == UInt8(ascii: " ") { place += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpaces()
    guard place < text.count, text[place] == byte else { return false }
    place += 1
    return true
  }

  private mutating func string() -> Range<Int>? {
    guard take(UInt8(ascii: "\"")) else { return nil }
    let start = place
    while place < text.count {
      if text[place] == UInt8(ascii: "\"") {
        place += 1
        return start..<place - 1
      }
      place += text[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }
}
