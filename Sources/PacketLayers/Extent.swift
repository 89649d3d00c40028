/// The part of a packet that the upper layers have yet to read. Bytes from `start` to `end` are in the capture;
/// those from `end` to `wireEnd` were on the wire, but the snap length cut them off.
///
/// Always `0 <= start <= end <= wireEnd`, and `end` is within the packet. Nothing overflows here: offsets are
/// below a packet's size, and the lengths added to them come from fields of at most 16 bits.
struct Extent {
  /// Where the next header begins, in bytes from the start of the packet.
  var start: Int
  /// Where the captured bytes end.
  private(set) var end: Int
  /// Where the bytes ended on the wire.
  private(set) var wireEnd: Int

  /// A whole packet. Some writers record an original length below the captured one; bytes that were captured
  /// must have been on the wire.
  @inline(__always)
  init(captured: Int, original: Int) {
    start = 0
    end = captured
    wireEnd = max(captured, original)
  }

  /// Captured bytes left.
  @inline(__always)
  var count: Int { end &- start }

  /// Bytes left on the wire, captured or not.
  @inline(__always)
  var wireCount: Int { wireEnd &- start }

  /// Whether all bytes left were captured.
  @inline(__always)
  var isWhole: Bool { end == wireEnd }

  /// Ends the extent at most `length` bytes after `start`, as a header asked for: the rest is padding or a trailer.
  @inline(__always)
  mutating func limit(to length: Int) {
    wireEnd = min(wireEnd, start &+ length)
    end = min(end, wireEnd)
  }

  /// Moves `start` past a header of `length` bytes; false, without moving, when not all of it was captured.
  @inline(__always)
  mutating func skip(_ length: Int) -> Bool {
    guard length <= count else { return false }
    start = start &+ length
    return true
  }
}
