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
extension OutputBuffer {
  /// Appends `payload` in at most `width` columns and returns how many it took; `…` stands for what is left out.
  ///
  /// `isShortened`: more bytes follow that the caller does not have. It ends in `…` then, and a character cut
  /// at the end is left out instead of shown as broken.
  @discardableResult
  public mutating func append(terminal payload: Span<UInt8>, width: Int, isShortened: Bool = false) -> Int {
    var index = 0
    var columns = 0
    // One column is kept for the ellipsis until it is known that none is needed.
    let limit = width - 1
    var scanner = TerminalScanner()
    while index < payload.count {
      let plain = payload.printableASCII(from: index, atMost: limit - columns)
      if plain > 0 {
        append(payload.extracting(index..<index + plain))
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
        return columns + (fits ? appendRest(payload, from: index, before) : appendEllipsis(width))
      }
      append(piece, of: payload, at: index)
      index += piece.length
      columns += piece.columns
    }
    return isShortened ? columns + appendEllipsis(width) : columns
  }

  /// Appends a text of which parts may come from a peer, in full.
  public mutating func append(terminal text: String) {
    append(terminal: text.utf8.span, width: .max)
  }

  private mutating func appendEllipsis(_ width: Int) -> Int {
    guard width > 0 else { return 0 }
    append("…")
    return 1
  }

  private mutating func appendRest(_ payload: Span<UInt8>, from start: Int, _ before: TerminalScanner) -> Int
  {
    var (index, columns, scanner) = (start, 0, before)
    while index < payload.count {
      let piece = scanner.next(in: payload, at: index)
      append(piece, of: payload, at: index)
      index += piece.length
      columns += piece.columns
    }
    return columns
  }

  private mutating func append(_ piece: TerminalPiece, of payload: Span<UInt8>, at index: Int) {
    switch piece.form {
    case .itself:
      append(payload.extracting(index..<index + piece.length))
    case .letter(let letter):
      append(UInt8(ascii: "\\"))
      append(letter)
    case .byte(let byte):
      append("\\x")
      append(hex: UInt64(byte), digits: 2)
    case .codePoint(let scalar):
      append("\\u{")
      append(hex: UInt64(scalar), digits: hexLength(of: scalar))
      append(UInt8(ascii: "}"))
    }
  }
}

/// The next thing to show: bytes of the payload, and how they appear.
private struct TerminalPiece {
  enum Form {
    case itself
    case letter(UInt8)
    case byte(UInt8)
    case codePoint(UInt32)
  }
  let form: Form
  let length: Int
  let columns: Int
  var isCut = false
}

/// Cuts a payload into pieces; what came before decides how marks and joiners show.
private struct TerminalScanner {
  /// The last character that shows as itself and that a mark may join.
  private enum Base { case none, narrow, wide }
  private var base = Base.none
  private var isPictograph = false
  private var marks = 0
  private var widths = CharacterWidthLookup()

  /// Printable ASCII was passed without asking.
  mutating func passedPlain() { setBase(.narrow, pictograph: false) }

  /// The piece at `index`, which must be inside.
  mutating func next(in bytes: Span<UInt8>, at index: Int) -> TerminalPiece {
    let step = bytes.utf8Step(at: index)
    guard let scalar = step.scalar else {
      // One byte at a time: all bytes of a broken character are shown.
      return escaped(.byte(bytes[index]), 1, columns: 4, isCut: step.isCut)
    }
    if scalar < 0x80 { return ascii(UInt8(scalar)) }
    switch widths.width(of: scalar) {
    case .narrow:
      setBase(.narrow, pictograph: isPictographic(scalar))
      return TerminalPiece(form: .itself, length: step.length, columns: 1)
    case .wide:
      setBase(.wide, pictograph: isPictographic(scalar))
      return TerminalPiece(form: .itself, length: step.length, columns: 2)
    case .mark where base != .none && marks < Self.mostMarks:
      marks += 1
      // An emoji in colour is wide; after a narrow symbol the selector asks for that.
      let widens = scalar == 0xFE0F && base == .narrow
      if widens { base = .wide }
      return TerminalPiece(form: .itself, length: step.length, columns: widens ? 1 : 0)
    case .hidden where scalar == 0x200D && joins(bytes, after: index + step.length):
      return TerminalPiece(form: .itself, length: step.length, columns: 0)
    case .mark, .hidden:
      return escaped(.codePoint(scalar), step.length, columns: 4 + hexLength(of: scalar))
    }
  }

  /// Whether all from `start` on takes no more than `columns`. Stops as soon as it is known: the marks on a
  /// character are limited, so that is soon.
  func fits(_ bytes: Span<UInt8>, from start: Int, columns: Int) -> Bool {
    var (index, used, scanner) = (start, 0, self)
    while index < bytes.count {
      let piece = scanner.next(in: bytes, at: index)
      used += piece.columns
      index += piece.length
      if used > columns { return false }
    }
    return true
  }

  /// No script needs more on one letter; piles of hundreds reach over the lines above.
  private static let mostMarks = 4

  private mutating func ascii(_ byte: UInt8) -> TerminalPiece {
    switch byte {
    case 0x20..<0x7F:
      passedPlain()
      return TerminalPiece(form: .itself, length: 1, columns: 1)
    case 0x0A: return escaped(.letter(UInt8(ascii: "n")), 1, columns: 2)
    case 0x0D: return escaped(.letter(UInt8(ascii: "r")), 1, columns: 2)
    case 0x09: return escaped(.letter(UInt8(ascii: "t")), 1, columns: 2)
    default: return escaped(.byte(byte), 1, columns: 4)
    }
  }

  private mutating func escaped(_ form: TerminalPiece.Form, _ length: Int, columns: Int, isCut: Bool = false)
    -> TerminalPiece
  {
    // A mark must not join the spelling of something else.
    setBase(.none, pictograph: false)
    return TerminalPiece(form: form, length: length, columns: columns, isCut: isCut)
  }

  private mutating func setBase(_ base: Base, pictograph: Bool) {
    self.base = base
    isPictograph = pictograph
    marks = 0
  }

  /// A zero-width joiner makes one emoji of two; anywhere else it only hides.
  private func joins(_ bytes: Span<UInt8>, after index: Int) -> Bool {
    guard isPictograph, index < bytes.count, let next = bytes.utf8Step(at: index).scalar else { return false }
    return isPictographic(next)
  }
}

/// Blocks of arrows, symbols, dingbats and emoji.
private func isPictographic(_ scalar: UInt32) -> Bool {
  (0x2190...0x2BFF).contains(scalar) || (0x1F000...0x1FAFF).contains(scalar)
}

private func hexLength(of scalar: UInt32) -> Int {
  max(1, (32 - scalar.leadingZeroBitCount + 3) / 4)
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
}
