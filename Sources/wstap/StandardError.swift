import Files
import Output

/// Messages to the user.
enum StandardError {
  /// Writes a line to standard error, escaped like payloads, because file names and messages may contain anything: line ends, too,
  /// with which a name could write lines of its own. `help` follows as it is, with lines of its own. Both may quote arguments of
  /// the parser's, which are `ArgumentText`.
  static func print(_ text: String, help: String = "") {
    NoticeText.write(
      ArgumentText.shown(text), help: ArgumentText.shown(help), width: StandardOutput.width(of: 2),
      to: OutputBuffer(descriptor: 2))
  }
}
