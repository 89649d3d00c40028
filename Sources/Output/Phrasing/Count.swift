/// A number of things: `1 message`, `3 messages`.
struct Count {
  private let number: UInt64
  private let singular: StaticString
  private let plural: StaticString?

  /// The plural adds an s unless it is given.
  init(_ number: UInt64, _ singular: StaticString, plural: StaticString? = nil) {
    (self.number, self.singular, self.plural) = (number, singular, plural)
  }

  /// Appends it.
  func write(to out: inout OutputBuffer) {
    out.append(decimal: number)
    out.append(UInt8(ascii: " "))
    if number == 1 {
      out.append(singular)
    } else if let plural {
      out.append(plural)
    } else {
      out.append(singular)
      out.append(UInt8(ascii: "s"))
    }
  }
}
