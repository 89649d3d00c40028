/// Tells which output of a DEFLATE stream comes from a window whose content is unknown.
///
/// The same bytes are inflated twice, once with a window of zeros and once with one of 0xFF. A literal byte, or a copy of
/// one, is the same in both; a byte that was copied from the unknown window differs. No other byte can differ, because the
/// codes do not depend on the window. So a message is known if no byte of it differs, and the doubt is over once the last
/// 32 KiB of output have no such byte.
@safe final class WindowInDoubt {
  @exclusivity(unchecked) private var stream = InflateStream()
  private var sawUnknown = false
  /// Bytes of output since the last unknown one.
  private var knownTail = 0

  /// Starts over with a window that is unknown as a whole.
  func begin() {
    unsafe stream.reset(windowFullOf: 0xFF)
    (sawUnknown, knownTail) = (false, 0)
  }

  /// The whole window is known again.
  var isOver: Bool { knownTail >= InflateHistory.windowBytes }

  func takeSawUnknown() -> Bool {
    defer { sawUnknown = false }
    return sawUnknown
  }

  /// Takes the empty block that the other stream took.
  func takeEmptyBlock() { _ = unsafe stream.takeEmptyBlock() }

  /// Inflates the part of `input` that gave the other stream `output`, and compares the two.
  func compare(
    _ output: UnsafeRawBufferPointer, inflating input: UnsafeRawBufferPointer, from index: inout Int
  ) {
    _ = unsafe stream.inflate(input, from: &index)
    let other = unsafe stream.output
    var last = output.count
    if other.count == last {
      while last > 0, unsafe output[last - 1] == other[last - 1] { last -= 1 }
    }
    if last > 0 { (sawUnknown, knownTail) = (true, 0) }
    knownTail = min(knownTail + output.count - last, InflateHistory.windowBytes)
  }
}
