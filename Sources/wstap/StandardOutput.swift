import ArgumentParser
import Glibc
import Output

/// Properties of standard output.
struct StandardOutput {
  static let descriptor: Int32 = 1

  let isTerminal = isatty(descriptor) == 1

  /// Columns of the terminal; nil if the output goes elsewhere, where lines may have any length.
  var width: Int? { Self.width(of: Self.descriptor) }

  /// Columns of the terminal that a descriptor is; nil if it is none.
  static func width(of descriptor: Int32) -> Int? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    let known = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return known ? Int(size.ws_col) : 80
  }

  func style(_ choice: ColorChoice) -> Style {
    Style(
      choice, isTerminal: isTerminal, noColor: environment("NO_COLOR"), term: environment("TERM"))
  }

  /// Writes a text that a command consists of, and ends its line; throws `ExitCode` if the status is not 0.
  static func print(_ text: String) throws {
    var out = OutputBuffer(descriptor: descriptor)
    out.append(utf8: text)
    out.append("\n")
    try out.finish()
  }

  private func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}

extension OutputBuffer {
  /// Writes out what is held, the last of a command's output; throws `ExitCode` with 2 if that failed. A reader that has seen enough is
  /// no failure.
  mutating func finish() throws {
    flush()
    guard let failure else { return }
    StandardError.print("the output could not be written: \(failure)")
    throw ExitCode(2)
  }
}
