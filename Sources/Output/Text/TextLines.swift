import SessionAnalysis
import WireBytes

/// Lines for a person, none of them wider than the terminal.
///
/// Where a width is known, a line is composed in memory, and what the terminal has no room for is cut or wrapped. Without one
/// it goes straight to the output.
struct TextLines: ~Copyable {
  var out: OutputBuffer
  let style: Style
  /// Columns of the terminal; nil where lines may be long.
  let width: Int?
  /// Whether a line was written.
  private(set) var hasLines = false
  private var scratch = OutputBuffer()

  /// Continuation lines and details of a session begin at this column.
  static let indent = 5
  /// Begins the further lines of a wrapped text, after the indent. No peer can send it: `GuardedText`.
  private static let gutter: StaticString = "│ "
  private static let gutterColumns = 2
  /// Below this width lines do without the time.
  private static let leastWithTime = 60
  /// A text with a peer's words in it is wrapped over this many lines at most.
  private let mostWrapped: Int

  init(_ out: consuming OutputBuffer, style: Style, width: Int?, mostWrapped: Int = 12) {
    self.mostWrapped = mostWrapped
    self.out = out
    self.style = style
    // On fewer columns nothing can be said.
    self.width = width.map { max($0, 20) }
  }

  /// The line at hand.
  var line: OutputBuffer {
    @inline(__always) _read {
      if width == nil { yield out } else { yield scratch }
    }
    @inline(__always) _modify {
      if width == nil { yield &out } else { yield &scratch }
    }
  }

  /// Columns that are left after `columns`; at least enough to show that something follows.
  func room(after columns: Int) -> Int { width.map { max(8, $0 - columns) } ?? .max }

  // MARK: Parts of lines

  /// The columns that every event of a session begins with. Returns how many there are.
  mutating func begin(_ position: StreamPosition, _ session: SessionReference, _ side: Side?) -> Int {
    let showsTime = width.map { $0 >= Self.leastWithTime } ?? true
    Self.begin(position, session, side, showsTime: showsTime, style, to: &line)
    return 6 + 2 + (showsTime ? 11 + 2 : 0) + 1 + decimalLength(of: session.number) + 3
  }

  private static func begin(
    _ position: StreamPosition, _ session: SessionReference, _ side: Side?, showsTime: Bool, _ style: Style,
    to out: inout OutputBuffer
  ) {
    out.append(style.on(.dim))
    out.append(decimal: position.packet, width: 6)
    out.append("  ")
    if showsTime {
      RelativeTime(position.time.nanoseconds(since: session.start)).write(to: &out, width: 11)
      out.append("  ")
    }
    out.append(style.off)
    out.append("#")
    out.append(decimal: session.number)
    out.append(" ")
    switch side {
    case .client: style.write("▶ ", as: .client, to: &out)
    case .server: style.write("◀ ", as: .server, to: &out)
    case nil: out.append("  ")
    }
  }

  /// `#1`
  static func tag(_ session: SessionReference) -> String { "#\(session.number)" }

  /// Appends text, of which parts may come from a peer, in the room that is left after `columns`, and ends the line.
  mutating func end(with text: String, in role: Style.Role? = nil, after columns: Int) {
    if let role { line.append(style.on(role)) }
    TerminalText.write(text.utf8.span, width: room(after: columns), to: &line)
    if role != nil { line.append(style.off) }
    endLine()
  }

  /// Ends the line at hand.
  mutating func endLine() {
    if let width {
      TerminalText.writeCut(scratch.bytes, width: width, to: &out)
      scratch.removeAll()
    }
    out.append("\n")
    hasLines = true
  }

  /// An empty line between parts of the output.
  mutating func separate() { if hasLines { out.append("\n") } }

  // MARK: Wrapped lines

  /// A detail of a session, on lines of its own.
  mutating func writeDetail(_ text: String, _ role: Style.Role, isOurs: Bool = false) {
    line.append(repeating: UInt8(ascii: " "), count: Self.indent)
    write([TextRun(text, role, isOurs: isOurs)], after: Self.indent)
  }

  /// Writes runs of text, and ends the line. What does not fit goes to further lines, which are broken at spaces and begin with
  /// a mark of ours; a single word that is wider than a line is cut.
  mutating func write(_ runs: [TextRun], after columns: Int) {
    guard let width else {
      for run in runs { write(run.text, run.role) }
      return endLine()
    }
    var wrap = LineWrap(columns: columns, width: width, indent: Self.indent + Self.gutterColumns)
    for run in runs {
      if let role = run.role { line.append(style.on(role)) }
      for (index, word) in run.text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
        let piece = String(word)
        switch wrap.place(TerminalText.columns(of: piece), startsWord: index > 0) {
        case .here(let spaces): line.append(repeating: UInt8(ascii: " "), count: spaces)
        case .nextLine where wrap.lines >= mostWrapped:
          line.append(" …")
          line.append(style.off)
          return endLine()
        case .nextLine:
          if run.role != nil { line.append(style.off) }
          endLine()
          line.append(repeating: UInt8(ascii: " "), count: Self.indent)
          line.append(Self.gutter)
          if let role = run.role { line.append(style.on(role)) }
        }
        TerminalText.write(piece.utf8.span, width: width - Self.indent - Self.gutterColumns, to: &line)
      }
      if run.role != nil { line.append(style.off) }
    }
    endLine()
  }

  private mutating func write(_ text: String, _ role: Style.Role?) {
    if let role { line.append(style.on(role)) }
    TerminalText.write(text, to: &line)
    if role != nil { line.append(style.off) }
  }
}
