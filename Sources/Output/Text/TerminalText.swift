import WireBytes

/// Untrusted bytes on one line of a terminal.
///
/// A payload may hold anything: escape sequences that retitle the window or type commands, overrides that turn
/// the reading direction, marks piled over the lines above. What is sent is only what shows as itself. The rest
/// is spelled out: `\n` `\r` `\t`, `\x1b` for a control byte, `\xff` for a byte that is not UTF-8, `\u{202e}` for
/// a code point. A backslash stays a backslash: JSON payloads are full of them, and `--json` is exact.
///
/// Columns are counted so that a line never wraps: where terminals disagree (sequences with U+200D, a variation
/// selector 16 after a narrow symbol) the larger width counts. Ambiguous East Asian width counts as one column.
package enum TerminalText {
  /// Appends `payload` in at most `width` columns and returns how many it took; `…` stands for what is left out.
  ///
  /// `isShortened`: more bytes follow that the caller does not have. It ends in `…` then, and a character cut
  /// at the end is left out instead of shown as broken.
  @discardableResult
  package static func write(
    _ payload: Span<UInt8>, width: Int = .max, isShortened: Bool = false, to out: inout OutputBuffer
  ) -> Int {
    var index = 0
    var columns = 0
    // One column is kept for the ellipsis until it is known that none is needed.
    let limit = width - 1
    var scanner = TerminalScanner()
    while index < payload.count {
      let plain = payload.printableASCII(from: index, atMost: limit - columns)
      if plain > 0 {
        out.append(payload.extracting(index..<index + plain))
        index += plain
        columns += plain
        scanner.passedPlain()
        continue
      }
      let before = scanner
      let piece = scanner.next(in: payload, at: index)
      if piece.isCut && isShortened { break }
      guard columns + piece.columns <= limit else {
        let fits = !isShortened && before.fits(payload, from: index, columns: width - columns)
        return columns
          + (fits ? writeRest(payload, from: index, before, to: &out) : writeEllipsis(width, to: &out))
      }
      write(piece, of: payload, at: index, to: &out)
      index += piece.length
      columns += piece.columns
    }
    return isShortened ? columns + writeEllipsis(width, to: &out) : columns
  }

  /// Appends a text of which parts may come from a peer, in full.
  package static func write(_ text: String, to out: inout OutputBuffer) {
    write(text.utf8.span, to: &out)
  }

  /// The columns that a text takes.
  static func columns(of text: String) -> Int {
    var scratch = OutputBuffer()
    return write(text.utf8.span, to: &scratch)
  }

  /// Appends a line of the program's own, whose colours are SGR sequences and whose untrusted parts went through `write`, in at
  /// most `width` columns.
  static func writeCut(_ line: Span<UInt8>, width: Int, to out: inout OutputBuffer) {
    // No character has more columns than bytes.
    guard line.count > width else { return out.append(line) }
    let (end, isWhole) = prefix(of: line, width: width)
    if isWhole { return out.append(line) }
    out.append(line.extracting(0..<end))
    out.append("…")
    // What was cut off may have ended a colour.
    var index = end
    while index < line.count {
      let length = line.lengthOfSGR(at: index)
      out.append(line.extracting(index..<index + length))
      index += max(length, 1)
    }
  }

  /// How much of such a line fits: all of it, or the bytes that leave a column for an ellipsis.
  private static func prefix(of line: Span<UInt8>, width: Int) -> (end: Int, isWhole: Bool) {
    var (index, columns, end) = (0, 0, 0)
    var scanner = TerminalScanner()
    while index < line.count {
      let colour = line.lengthOfSGR(at: index)
      if colour > 0 {
        index += colour
        continue
      }
      let piece = scanner.next(in: line, at: index)
      columns += piece.columns
      if columns > width { return (end, false) }
      index += piece.length
      if columns < width { end = index }
    }
    return (index, true)
  }

  private static func writeEllipsis(_ width: Int, to out: inout OutputBuffer) -> Int {
    guard width > 0 else { return 0 }
    out.append("…")
    return 1
  }

  private static func writeRest(
    _ payload: Span<UInt8>, from start: Int, _ before: TerminalScanner, to out: inout OutputBuffer
  ) -> Int {
    var (index, columns, scanner) = (start, 0, before)
    while index < payload.count {
      let piece = scanner.next(in: payload, at: index)
      write(piece, of: payload, at: index, to: &out)
      index += piece.length
      columns += piece.columns
    }
    return columns
  }

  private static func write(
    _ piece: TerminalPiece, of payload: Span<UInt8>, at index: Int, to out: inout OutputBuffer
  ) {
    switch piece.form {
    case .itself:
      out.append(payload.extracting(index..<index + piece.length))
    case .letter(let letter):
      out.append(UInt8(ascii: "\\"))
      out.append(letter)
    case .byte(let byte):
      out.append("\\x")
      out.append(hex: UInt64(byte), digits: 2)
    case .codePoint(let scalar):
      out.append("\\u{")
      out.append(hex: UInt64(scalar), digits: hexLength(of: scalar))
      out.append(UInt8(ascii: "}"))
    }
  }
}

extension Span where Element == UInt8 {
  /// How many bytes from `start` on, `most` at most, are 0x20 to 0x7E.
  fileprivate func printableASCII(from start: Int, atMost most: Int) -> Int {
    guard most > 0 else { return 0 }
    let end = most < count - start ? start + most : count
    var index = start
    let each: UInt64 = 0x0101_0101_0101_0101
    while index &+ 8 <= end {
      let word = UInt64(littleEndian: load(at: index, as: UInt64.self))
      // Carries and borrows go up from a byte that is found itself: the lowest one found is right.
      let found = ((word &- each &* 0x20) | (word &+ each) | word) & (each &* 0x80)
      if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 &- start }
      index &+= 8
    }
    while index < end, self[index] >= 0x20, self[index] < 0x7F { index &+= 1 }
    return index &- start
  }

  /// The length of a sequence that chooses colours (ECMA-48 §8.3.117); 0 for anything else.
  fileprivate func lengthOfSGR(at start: Int) -> Int {
    guard start &+ 2 < count, self[start] == 0x1B, self[start &+ 1] == UInt8(ascii: "[") else { return 0 }
    var index = start &+ 2
    while index < count, self[index] == UInt8(ascii: ";") || (0x30...0x39).contains(self[index]) {
      index &+= 1
    }
    return index < count && self[index] == UInt8(ascii: "m") ? index &+ 1 &- start : 0
  }
}
