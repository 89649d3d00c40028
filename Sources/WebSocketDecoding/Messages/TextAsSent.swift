import WireBytes

/// A text that is readable as it was sent, though its frame says that it is masked: its sender did not mask it, or did it twice.
enum TextAsSent {
  /// Shorter ones may look readable by chance; of longer ones the start tells.
  private static let shortest = 8
  private static let longest = 64

  /// Whether the start of a payload, as it is after unmasking with `key`, would be readable without. `key` is that of its frame.
  static func isReadable(_ unmasked: Span<UInt8>, key: UInt32) -> Bool {
    let count = min(unmasked.count, longest)
    guard key != 0, count >= shortest else { return false }
    var text = InlineArray<64, UInt8>(repeating: 0)
    for index in 0..<count {
      let byte = unmasked[index] ^ UInt8(truncatingIfNeeded: key.littleEndian >> (UInt32(index & 3) * 8))
      guard byte >= 0x20 && byte != 0x7F || byte == 0x09 || byte == 0x0A || byte == 0x0D else { return false }
      text[index] = byte
    }
    var utf8 = UTF8Validator()
    utf8.receive(text.span.extracting(0..<count))
    return !utf8.foundInvalid
  }

  /// What a report says of it.
  static let words = "; it is readable as it was sent: its payload is not masked, or masked twice"
}
