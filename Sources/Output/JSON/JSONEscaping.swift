import WebSocketDecoding
import WireBytes

/// The inside of JSON strings (RFC 8259 §7).
///
/// It escapes what JSON demands (`"`, `\`, below U+0020) and what could drive the terminal of a person who looks at the
/// lines: U+007F and the C1 controls U+0080–U+009F. Everything else stays as it is, even U+2028 and the bidirectional
/// controls: JSON is data, and a program that shows a value must make it safe itself. Where the
/// lines go to a terminal, `TerminalJSONFormat` does.
enum JSONEscaping {
  /// From this length on it pays to look at 32 bytes at a time: shorter texts are mostly JSON themselves.
  private static let longText = 512

  /// Appends the inside of a JSON string. The bytes must be valid UTF-8: they are copied, not checked.
  @inline(__always)
  static func write(valid text: Span<UInt8>, to out: inout OutputBuffer) {
    var index = 0
    while index < text.count {
      // Pieces bound the room asked for: a byte becomes six at worst.
      let end = min(text.count, index &+ 4096)
      index = write(text, from: index, to: end, to: &out)
    }
  }

  /// Appends the inside of a JSON string from any bytes: what is not UTF-8 becomes U+FFFD, one for each maximal subpart, as
  /// decoders do it.
  static func write(repairing text: Span<UInt8>, to out: inout OutputBuffer) {
    if text.isValidUTF8 { return write(valid: text, to: &out) }
    var index = 0
    var validFrom = 0
    while index < text.count {
      let step = text.utf8Step(at: index)
      if step.scalar == nil {
        write(valid: text.extracting(validFrom..<index), to: &out)
        out.append("\u{FFFD}")
        validFrom = index &+ step.length
      }
      index &+= step.length
    }
    write(valid: text.extracting(validFrom..<index), to: &out)
  }

  /// Escapes from `start` at least up to `end`, and returns where it stopped: up to 31 bytes further.
  private static func write(
    _ text: Span<UInt8>, from start: Int, to end: Int, to out: inout OutputBuffer
  ) -> Int {
    var index = start
    var tail = unsafe out.room(for: (end &- start) &* 6 &+ 64)
    if end &- start >= Self.longText {
      while index < end {
        let plain = unsafe storePlain(text, from: index, to: end, at: tail)
        index &+= plain
        unsafe tail += plain
        // One escape is rarely alone: look at the next words one by one.
        unsafe (index, tail) = storeEscaped(text, from: index, to: min(index &+ 64, end), at: tail)
      }
    } else {
      unsafe (index, tail) = storeEscaped(text, from: index, to: end, at: tail)
    }
    out.didWrite(unsafe tail - out.room(for: 0))
    return index
  }
}

/// Escapes from `start` at least up to `end`; returns where it stopped, up to 7 bytes further, and where it wrote.
private func storeEscaped(
  _ text: Span<UInt8>, from start: Int, to end: Int, at place: UnsafeMutablePointer<UInt8>
) -> (Int, UnsafeMutablePointer<UInt8>) {
  var (index, tail) = unsafe (start, place)
  while index < end {
    if index &+ 8 <= text.count {
      let word = UInt64(littleEndian: text.load(at: index, as: UInt64.self))
      let quotes = quotes(in: word)
      let others = others(in: word)
      if quotes | others == 0 {
        unsafe store(word, at: tail)
        index &+= 8
        unsafe tail += 8
        continue
      }
      if others == 0 {
        // JSON in JSON has a quote in most words: a backslash is stored before each byte, and stays where the
        // byte is a quote. There is nothing to predict wrongly.
        var (rest, marks) = (word, quotes &>> 7)
        for _ in 0..<8 {
          unsafe tail.pointee = UInt8(ascii: "\\")
          unsafe tail += Int(truncatingIfNeeded: marks & 1)
          unsafe tail.pointee = UInt8(truncatingIfNeeded: rest)
          unsafe tail += 1
          (rest, marks) = (rest &>> 8, marks &>> 8)
        }
        index &+= 8
        continue
      }
    }
    if isPlain(text[index]) {
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
  return unsafe (index, tail)
}

/// Copies blocks of 32 bytes until one has something to escape, or `end` is reached. Returns how many bytes.
@inline(__always)
private func storePlain(
  _ text: Span<UInt8>, from start: Int, to end: Int, at tail: UnsafeMutablePointer<UInt8>
) -> Int {
  unsafe text.withUnsafeBytes { bytes in
    // Measured hot: a check of every load would cost more than the loads.
    let last = min(end &- 1, bytes.count &- 32)
    guard start >= 0, start <= last, let base = bytes.baseAddress else { return 0 }
    var index = start
    while index <= last {
      let block = unsafe base.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
      if specials(in: block) & SIMD4(repeating: 0x8080_8080_8080_8080) != .zero { break }
      unsafe UnsafeMutableRawPointer(tail).storeBytes(
        of: block, toByteOffset: index &- start, as: SIMD4<UInt64>.self)
      index &+= 32
    }
    return index &- start
  }
}

/// The high bit of some byte is set if there is one in valid UTF-8 that `write(valid:to:)` has to look at.
///
/// Borrows may mark a byte above one that is marked rightly: enough to know whether there is any.
@inline(__always)
private func specials(in block: SIMD4<UInt64>) -> SIMD4<UInt64> {
  let ones = SIMD4<UInt64>(repeating: 0x0101_0101_0101_0101)
  // With the second bit turned `"` is the next above the controls, and they stay what they are.
  let controls = (block ^ (ones &<< 1)) &- (ones &* 0x21)
  let delete = block &+ ones
  let backslash = (block ^ (ones &* 0x5C)) &- ones
  let lead = (block ^ (ones &* 0xC2)) &- ones
  return (controls | delete | backslash) & ~block | lead & block
}

/// The high bit of each byte that is `"` or `\`.
///
/// Adding 0x7F to the low seven bits carries into the high bit unless they are zero: exact for every byte.
@inline(__always)
private func quotes(in word: UInt64) -> UInt64 {
  zeros(in: word ^ 0x2222_2222_2222_2222) | zeros(in: word ^ 0x5C5C_5C5C_5C5C_5C5C)
}

/// Not zero if a byte is below 0x20, 0x7F, or 0xC2, which begins a C1 control or a Latin-1 letter.
@inline(__always)
private func others(in word: UInt64) -> UInt64 {
  let (ones, high): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
  // Borrows may mark a byte above one that is marked rightly: enough to know whether there is any.
  let (delete, lead) = (word ^ 0x7F7F_7F7F_7F7F_7F7F, word ^ 0xC2C2_C2C2_C2C2_C2C2)
  let controls = (word &- ones &* 0x20) & ~word
  return (controls | ((delete &- ones) & ~delete) | ((lead &- ones) & ~lead)) & high
}

@inline(__always)
private func zeros(in word: UInt64) -> UInt64 {
  let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
  return ~(((word & low) &+ low) | word) & ~low
}

@inline(__always)
private func isPlain(_ byte: UInt8) -> Bool {
  byte >= 0x20 && byte != 0x22 && byte != 0x5C && byte != 0x7F && byte != 0xC2
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
