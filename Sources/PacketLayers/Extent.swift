/// The bytes that the layers above still have to read: from `start` to `end` they are in the capture, from
/// `end` to `wireEnd` they were on the wire and the snap length cut them off.
///
/// Always `0 <= start <= end <= wireEnd`, and `end` within the packet. Nothing overflows here: offsets are below
/// a packet's size, and the lengths added to them come from fields of at most 16 bits.
struct Extent {
  var start: Int
  private(set) var end: Int
  private(set) var wireEnd: Int

  /// All of a packet. Some writers record an original length below the captured one: the bytes are there,
  /// so they were on the wire.
  @inline(__always)
  init(captured: Int, original: Int) {
    start = 0
    end = captured
    wireEnd = max(captured, original)
  }

  /// Captured bytes left.
  @inline(__always)
  var count: Int { end &- start }

  /// Whether all bytes left were captured.
  @inline(__always)
  var isWhole: Bool { end == wireEnd }

  /// Nothing counts past `length` bytes from `start`: a header said so, the rest is padding or a trailer.
  @inline(__always)
  mutating func limit(to length: Int) {
    wireEnd = min(wireEnd, start &+ length)
    end = min(end, wireEnd)
  }

  /// Moves `start` behind a header of `length` bytes; false when not all of it was captured.
  @inline(__always)
  mutating func skip(_ length: Int) -> Bool {
    guard length <= count else { return false }
    start = start &+ length
    return true
  }
}
