import WireBytes

/// Enough of a head to tell whether another one may be its copy: a head itself is a hundred times as large.
package struct HeadIdentity: Sendable {
  private let length: Int
  /// Whether its rest is not in the capture.
  package let isCut: Bool
  /// Its first bytes, which show the start line or the start of a long one; 0 after its end.
  private var start = InlineArray<32, UInt8>(repeating: 0)

  init(_ bytes: Span<UInt8>, isCut: Bool) {
    (length, self.isCut) = (bytes.count, isCut)
    for index in 0..<min(bytes.count, start.count) { start[index] = bytes[index] }
  }

  /// Whether both may be the same head, as far as they are in the capture.
  package func mayBeSame(as other: HeadIdentity) -> Bool {
    let common = min(length, other.length)
    guard common > 0, length == other.length || (length < other.length ? isCut : other.isCut) else {
      return false
    }
    for index in 0..<min(common, start.count) where start[index] != other.start[index] { return false }
    return true
  }
}
