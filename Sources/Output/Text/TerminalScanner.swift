import WireBytes

/// Cuts a payload into pieces; what came before decides how marks and joiners show.
struct TerminalScanner {
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
