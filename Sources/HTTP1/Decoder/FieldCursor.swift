import WireBytes

/// Iterates over the fields of a head, from `offset` to the empty line.
struct FieldCursor {
  var offset: Int

  mutating func next(in bytes: Span<UInt8>) -> FieldLine? {
    guard let first = line(in: bytes), !first.content.isEmpty else { return nil }
    var field = FieldLine(name: first.content, value: first.content, hasBareLineFeed: first.isBare)
    var end = first.content.upperBound
    while offset < bytes.count, bytes[offset] == ASCII.space || bytes[offset] == ASCII.tab,
      let more = line(in: bytes)
    {
      end = more.content.upperBound
      field.isFolded = true
      field.hasBareLineFeed = field.hasBareLineFeed || more.isBare
    }
    guard let colon = bytes.first(ASCII.colon, in: first.content) else {
      (field.name, field.value) = (end..<end, bytes.trimmed(first.content.lowerBound..<end))
      field.isMalformed = true
      return field
    }
    field.name = bytes.trimmed(first.content.lowerBound..<colon)
    field.isMalformed = field.name.isEmpty || field.name != first.content.lowerBound..<colon
    field.value = bytes.trimmed(colon + 1..<end)
    return field
  }

  private mutating func line(in bytes: Span<UInt8>) -> (content: Range<Int>, isBare: Bool)? {
    guard let lf = bytes.first(ASCII.lf, in: offset..<bytes.count) else { return nil }
    let isBare = lf == offset || bytes[lf - 1] != ASCII.cr
    let content = offset..<(isBare ? lf : lf - 1)
    offset = lf + 1
    return (content, isBare)
  }
}
