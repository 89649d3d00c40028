import DequeModule

/// Which parts of a stream arrived before their turn: arithmetic on stream offsets, without the bytes.
///
/// Each range is a segment, or the part of one that was new when it arrived. Invariant: no range is empty, and each begins
/// where the one before it ends, or later. Ranges that touch are not merged, because each has a packet of its own.
///
///     0        10       20       30       40
///     ......####.....#####......     "6..<10 15..<20"
struct SegmentAssembler: Equatable {
  /// The ranges in stream order. All the others up to the end of the last one are gaps.
  private(set) var ranges = Deque<Range<UInt64>>()

  /// What the first part of an inserted range came to.
  enum Piece: Equatable {
    /// It was missing. It is the range with this index now, and those after it moved up by one.
    case new(Range<UInt64>, at: Int)
    /// It is part of the range with this index.
    case repeated(Range<UInt64>, in: Int)

    /// Where the piece ends.
    var end: UInt64 {
      switch self {
      case .new(let range, _), .repeated(let range, _): range.upperBound
      }
    }
  }

  /// Inserts as much from the start of `range` as is all new, or all in one range that is there. Nil when `range` is
  /// empty. The rest begins at the piece's `end`.
  mutating func insert(startOf range: Range<UInt64>) -> Piece? {
    guard !range.isEmpty else { return nil }
    let index = firstIndex(endingAfter: range.lowerBound)
    guard index < ranges.count else {
      ranges.append(range)
      return .new(range, at: index)
    }
    let next = ranges[index]
    if next.lowerBound <= range.lowerBound {
      return .repeated(range.lowerBound..<min(range.upperBound, next.upperBound), in: index)
    }
    let new = range.lowerBound..<min(range.upperBound, next.lowerBound)
    ranges.insert(new, at: index)
    return .new(new, at: index)
  }

  /// Takes out the first range if it starts at `offset` or before it.
  mutating func takeFirst(startingBy offset: UInt64) -> Range<UInt64>? {
    guard let first = ranges.first, first.lowerBound <= offset else { return nil }
    ranges.removeFirst()
    return first
  }

  /// The index of the first range that ends after `offset`; the number of ranges if all end before.
  func firstIndex(endingAfter offset: UInt64) -> Int {
    // Nearly always the segment belongs at the end.
    if let last = ranges.last, last.upperBound <= offset { return ranges.count }
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension SegmentAssembler: CustomStringConvertible {
  /// The ranges: `6..<10 15..<20`.
  var description: String { ranges.map { "\($0)" }.joined(separator: " ") }
}
