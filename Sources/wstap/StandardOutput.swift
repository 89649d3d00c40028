import Glibc
import Output

/// Properties of standard output.
struct StandardOutput {
  static let descriptor: Int32 = 1

  let isTerminal = isatty(descriptor) == 1

  /// Columns of the terminal; nil if the output goes elsewhere, where lines may have any length.
  var width: Int? {
    guard isTerminal else { return nil }
    var size = winsize()
    let known = unsafe ioctl(Self.descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return known ? Int(size.ws_col) : 80
  }

  func style(_ choice: ColorChoice) -> Style {
    Style(
      choice, isTerminal: isTerminal, noColor: environment("NO_COLOR"), term: environment("TERM"))
  }

  private func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
