/// A line to the user beside the output, on standard error.
///
/// It may quote names of files, which are anybody's words: on a terminal they cannot begin a row that looks like one of ours.
package enum NoticeText {
  /// Lines that one takes at most.
  private static let mostLines = 40

  /// Writes a notice and ends its line. `width`: columns of the terminal; nil where lines may be long. `help`: lines of ours that
  /// come after it.
  package static func write(_ text: String, help: String = "", width: Int?, to out: consuming OutputBuffer) {
    var lines = TextLines(out, style: Style(enabled: false), width: width, mostWrapped: mostLines)
    lines.write([TextRun("wstap: \(text)", isOurs: width == nil)], after: 0)
    for line in help.split(separator: "\n") { lines.write([TextRun(String(line), isOurs: true)], after: 0) }
    lines.out.flush()
  }
}
