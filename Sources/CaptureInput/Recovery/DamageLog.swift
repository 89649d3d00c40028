/// What was wrong in a file that was read on, in words.
struct DamageLog {
  private var lines: [String] = []
  private var further: UInt64 = 0
  private var furtherBytes: UInt64 = 0

  /// A file of nothing but damage must fill neither the memory nor the screen.
  private static let mostLines = 20

  /// Notes a place where `skipped` bytes were not read.
  mutating func add(_ line: @autoclosure () -> String, skipped: UInt64) {
    guard lines.count < Self.mostLines else {
      further += 1
      furtherBytes += skipped
      return
    }
    lines.append(line())
  }

  /// One line for each place in the file `name`, up to a limit, and one for the rest.
  func lines(_ name: InputName) -> [String] {
    guard further > 0 else { return lines }
    return lines + ["\(name) is damaged at \(further) more places, where \(furtherBytes) bytes were skipped"]
  }
}
