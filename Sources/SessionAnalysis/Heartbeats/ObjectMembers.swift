import WireBytes

/// Walks the members of a short JSON object, whatever their order and the white space between them.
struct ObjectMembers: ~Escapable {
  private let text: Span<UInt8>
  private var place: Int
  /// Those so far.
  private(set) var count = 0

  @_lifetime(copy text)
  init(_ text: Span<UInt8>, from place: Int = 1) { (self.text, self.place) = (text, place) }

  /// A member: where its name stands, and its value.
  struct Member {
    var name: Range<Int>
    /// Of a text without its quotes.
    var value: Range<Int>
    /// The value is a text.
    var isText: Bool
  }

  /// The next one. Nil at the end, and where the object is not well formed.
  mutating func next() -> Member? {
    guard let name = string(), take(UInt8(ascii: ":")) else { return nil }
    count += 1
    skipSpaces()
    let start = place
    let member: Member
    if let value = string() {
      member = Member(name: name, value: value, isText: true)
    } else {
      skipValue()
      guard place > start else { return nil }
      member = Member(name: name, value: start..<place, isText: false)
    }
    _ = take(UInt8(ascii: ","))
    return member
  }

  /// Numbers and words up to the next comma, objects and arrays up to their end.
  private mutating func skipValue() {
    var depth = 0
    while place < text.count {
      switch text[place] {
      case UInt8(ascii: "\""):
        guard depth > 0, string() != nil else { return }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return }
        depth -= 1
      case UInt8(ascii: ","): if depth == 0 { return }
      default: if depth == 0, !Self.isPlain(text[place]) { return }
      }
      place += 1
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"),
      UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private mutating func skipSpaces() {
    while place < text.count, HeartbeatText.isSpace(text[place]) { place += 1 }
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
