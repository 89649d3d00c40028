import WireBytes

/// Finds the empty line that ends a head. It remembers only how the current line began.
struct LineScan {
  private var length = 0
  private var beginsWithCR = false
  private(set) var hasSeenLine = false

  /// The index after the empty line.
  mutating func end(in bytes: Span<UInt8>) -> Int? {
    var start = 0
    while start < bytes.count {
      if length == 0 { beginsWithCR = bytes[start] == ASCII.cr }
      guard let lf = bytes.first(ASCII.lf, in: start..<bytes.count) else {
        length += bytes.count - start
        return nil
      }
      length += lf - start
      start = lf + 1
      if length == 0 || (length == 1 && beginsWithCR) { return start }
      hasSeenLine = true
      length = 0
    }
    return nil
  }
}
