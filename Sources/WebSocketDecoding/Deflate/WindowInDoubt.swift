/// Tells what in the output of a DEFLATE stream comes from a window that is not known.
///
/// The same bytes are inflated twice, once with a window of zeros and once with one of 0xFF. A byte that is written
/// out, or copied from one that was, is the same in both; one that was copied from the unknown window differs. No
/// other byte can differ, for the codes do not depend on the window. So a message is known if no byte of it differs,
/// and once the last window's worth of output has no such byte the doubt is over.
@safe final class WindowInDoubt {
  @exclusivity(unchecked) private var stream = InflateStream()
  private var sawUnknown = false
  /// Bytes of output since the last one that is not known.
  private var knownTail = 0

  /// All of the window is unknown.
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

  /// What the other stream took.
  func takeEmptyBlock() { _ = unsafe stream.takeEmptyBlock() }

  /// Inflates as much of `input` as the other stream did for `output`, and compares.
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
