/// Where the words of a wrapped text go.
struct LineWrap {
  private var columns: Int
  private let width: Int
  private let indent: Int
  /// Lines begun.
  private(set) var lines = 1

  /// A text that begins after `columns`; later lines begin after `indent`.
  init(columns: Int, width: Int, indent: Int) {
    (self.columns, self.width, self.indent) = (columns, width, indent)
  }

  enum Place {
    /// On this line, after this many spaces.
    case here(spaces: Int)
    /// At the start of the next line.
    case nextLine
  }

  /// Places a word of this many columns. `startsWord`: a space comes before it; otherwise it continues the run before.
  mutating func place(_ length: Int, startsWord: Bool) -> Place {
    let spaces = startsWord ? 1 : 0
    // A word that is wider than an empty line has no better place.
    if columns <= indent || columns + spaces + length <= width {
      columns += spaces + length
      return .here(spaces: spaces)
    }
    columns = indent + length
    lines += 1
    return .nextLine
  }
}
