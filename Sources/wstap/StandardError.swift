import Output

/// Messages to the user.
enum StandardError {
  /// Writes a line to standard error, escaped like payloads, because file names and messages may contain anything.
  static func print(_ text: String) {
    var out = OutputBuffer(descriptor: 2)
    out.append("wstap: ")
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if index > 0 { out.append("\n") }
      TerminalText.write(String(line), to: &out)
    }
    out.append("\n")
    out.flush()
  }
}
