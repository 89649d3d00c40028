import Glibc

/// The arguments of a small tool: `--name value` and `--flag`. The benchmark has no dependencies, so that
/// it builds in seconds on any machine; two tools with ten options do not need more than this.
public struct Arguments {
  private var values: [String: String] = [:]

  /// Ends the process with the usage text on an option that is not in `valued` or `flags`.
  public init(valued: Set<String>, flags: Set<String> = [], usage: String) {
    var rest = CommandLine.arguments.dropFirst()
    while let name = rest.popFirst() {
      if name == "--help" {
        say(usage)
        exit(0)
      }
      if flags.contains(name) {
        values[name] = ""
      } else if valued.contains(name), let value = rest.popFirst() {
        values[name] = value
      } else {
        fail("unknown option or missing value: \(name)\n\(usage)", status: 2)
      }
    }
  }

  /// Whether the flag was given.
  public func has(_ flag: String) -> Bool { values[flag] != nil }

  /// The value of an option, nil when it was not given.
  public subscript(_ name: String) -> String? { values[name] }

  /// The value as a number that is not negative.
  public func number(_ name: String) -> Int? {
    guard let text = values[name] else { return nil }
    guard let number = Int(text), number >= 0 else { fail("\(name) \(text): not a number", status: 2) }
    return number
  }

  /// A size in bytes: a number, or one with k, M or G (powers of ten, as capture sizes are quoted).
  public func size(_ name: String) -> Int? {
    guard let text = values[name] else { return nil }
    let units: [Character: Int] = ["k": 1_000, "M": 1_000_000, "G": 1_000_000_000]
    let unit = text.last.flatMap { units[$0] }
    guard let number = Int(unit == nil ? text[...] : text.dropLast()), number > 0 else {
      fail("\(name) \(text): not a size such as 50M or 1G", status: 2)
    }
    return number * (unit ?? 1)
  }
}

/// Prints at once, also into a pipe: a run takes minutes, and its reader wants to see it move.
public func say(_ line: String) {
  print(line)
  fflush(nil)
}

/// Ends the process with a message on standard error.
public func fail(_ message: String, status: Int32 = 1) -> Never {
  fflush(nil)
  var line = Array(message.utf8)
  line.append(UInt8(ascii: "\n"))
  _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  exit(status)
}

/// What the last failed system call said.
public func systemError() -> String { unsafe String(cString: strerror(errno)) }
