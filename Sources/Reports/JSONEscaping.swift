import WireBytes

/// The inside of JSON strings (RFC 8259 §7).
///
/// Escaped is what JSON demands (`"`, `\`, below U+0020) and what could drive the terminal of a person who looks
/// at the lines: U+007F and the C1 controls U+0080–U+009F. Everything else stays as it is, also U+2028 and the
/// bidirectional controls: JSON is data, and whoever shows a value has to look after it.
extension OutputBuffer {
  /// Appends the inside of a JSON string. The bytes must be valid UTF-8: they are copied, not checked.
  @inline(__always)
  public mutating func append(jsonEscaped text: Span<UInt8>) {
    var index = 0
    while index < text.count {
      // Pieces bound the room asked for: a byte becomes six at worst.
      let end = min(text.count, index &+ 4096)
      index = append(jsonEscaped: text, from: index, to: end)
    }
  }

  /// Appends the inside of a JSON string from bytes of which nobody promised anything: what is not UTF-8
  /// becomes U+FFFD, one for each maximal subpart, as decoders do it.
  public mutating func append(jsonRepaired text: Span<UInt8>) {
    var index = 0
    var validFrom = 0
    while index < text.count {
      let step = text.utf8Step(at: index)
      if step.scalar == nil {
        append(jsonEscaped: text.extracting(validFrom..<index))
        append("\u{FFFD}")
        validFrom = index &+ step.length
      }
      index &+= step.length
    }
    append(jsonEscaped: text.extracting(validFrom..<index))
  }

  /// Escapes from `start` at least up to `end`, and returns where it stopped: up to 7 bytes further.
  private mutating func append(jsonEscaped text: Span<UInt8>, from start: Int, to end: Int) -> Int {
    var index = start
    var tail = unsafe room(for: (end &- start) &* 6 &+ 32)
    while index < end {
      if index &+ 8 <= text.count {
        // Eight bytes are stored at once; the cursor then moves over those that stay as they are.
        let word = UInt64(littleEndian: text.load(at: index, as: UInt64.self))
        unsafe store(word, at: tail)
        let clean = bytesBeforeEscape(in: word)
        index &+= clean
        unsafe tail += clean
        if clean == 8 { continue }
      } else if bytesBeforeEscape(in: UInt64(text[index])) > 0 {
        unsafe tail.pointee = text[index]
        index &+= 1
        unsafe tail += 1
        continue
      }
      let byte = text[index]
      let next = index &+ 1 < text.count ? text[index &+ 1] : 0xFF
      let isC1 = byte == 0xC2 && next < 0xA0
      unsafe tail += storeEscape(isC1 ? next : byte, at: tail)
      index &+= isC1 ? 2 : 1
    }
    didWrite(unsafe tail - room(for: 0))
    return index
  }
}

/// How many bytes of the word, from the lowest, need no second look: 8 if all. Those that do are below 0x20,
/// `"`, `\`, 0x7F, and 0xC2, which begins a C1 control or a Latin-1 letter.
///
/// The subtractions borrow into the byte above only from one that is found itself: the lowest one is right.
@inline(__always)
private func bytesBeforeEscape(in word: UInt64) -> Int {
  let each: UInt64 = 0x0101_0101_0101_0101
  @inline(__always) func isZero(_ word: UInt64) -> UInt64 { (word &- each) & ~word }
  let found =
    ((word &- each &* 0x20) & ~word) | isZero(word ^ each &* 0x22) | isZero(word ^ each &* 0x5C)
    | isZero(word ^ each &* 0x7F) | isZero(word ^ each &* 0xC2)
  return (found & (each &* 0x80)).trailingZeroBitCount &>> 3
}

/// Stores the escape of a byte (or of the code point with its number) and returns its length.
@inline(__always)
private func storeEscape(_ byte: UInt8, at tail: UnsafeMutablePointer<UInt8>) -> Int {
  let letter: UInt8
  switch byte {
  case 0x22, 0x5C: letter = byte
  case 0x0A: letter = UInt8(ascii: "n")
  case 0x0D: letter = UInt8(ascii: "r")
  case 0x09: letter = UInt8(ascii: "t")
  case 0x08: letter = UInt8(ascii: "b")
  case 0x0C: letter = UInt8(ascii: "f")
  case 0xC2:
    // Not a control after all.
    unsafe tail.pointee = byte
    return 1
  default:
    // `\u00`, then two digits.
    let digits = UInt64(hexDigit(byte &>> 4)) | UInt64(hexDigit(byte & 0xF)) &<< 8
    unsafe store(0x3030_755C | digits &<< 32, at: tail)
    return 6
  }
  unsafe tail[0] = UInt8(ascii: "\\")
  unsafe tail[1] = letter
  return 2
}
