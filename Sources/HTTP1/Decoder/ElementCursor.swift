import WireBytes

/// Iterates over the elements of a list, `#element` of RFC 9110 §5.6.1. Commas inside quoted strings do not separate
/// elements, and empty elements do not count.
struct ElementCursor {
  var rest: Range<Int>
  /// The character between elements: the comma of lists, the semicolon of parameters.
  var separator = ASCII.comma

  mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
    while !rest.isEmpty {
      var (index, quoted) = (rest.lowerBound, false)
      while index < rest.upperBound, quoted || bytes[index] != separator {
        if bytes[index] == ASCII.quote { quoted.toggle() }
        // quoted-pair, RFC 9110 §5.6.4
        if quoted, bytes[index] == ASCII.backslash { index += 1 }
        index += 1
      }
      let end = min(index, rest.upperBound)
      let element = bytes.trimmed(rest.lowerBound..<end)
      rest = min(end + 1, rest.upperBound)..<rest.upperBound
      if !element.isEmpty { return element }
    }
    return nil
  }
}
