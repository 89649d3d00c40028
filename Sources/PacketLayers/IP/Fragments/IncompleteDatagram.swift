import WireBytes

/// What came of one datagram so far.
struct IncompleteDatagram {
  enum Fit {
    case fresh
    case overlapping
  }

  let key: FragmentKey
  /// When its first fragment came.
  let began: CaptureTime
  var bytes: [UInt8] = []
  private var blocks = FragmentBlocks()
  /// Where the furthest fragment ends.
  private var furthest = 0
  /// Known since the last fragment came.
  private var length: Int?
  /// Known since the first fragment came.
  private(set) var nextHeader: UInt8?

  init(key: FragmentKey, began: CaptureTime) {
    self.key = key
    self.began = began
  }

  var isComplete: Bool {
    guard let length else { return false }
    return blocks.count == (length + 7) / 8
  }

  /// Whether a fragment fits what earlier ones said about where the datagram ends.
  func agrees(_ end: Int, isLast: Bool) -> Bool {
    if let length { return isLast ? end == length : end <= length }
    return !isLast || end >= furthest
  }

  /// Copies the blocks that are new; `bytes` must have the room. The first copy wins, as on BSD. RFC 5722
  /// would have an IPv6 host drop the datagram; an observer cannot know which host obeys.
  mutating func take(_ fragment: Span<UInt8>, at place: FragmentPlace) -> Fit {
    var fit = Fit.fresh
    for from in stride(from: 0, to: fragment.count, by: 8) {
      guard blocks.insert((place.offset + from) / 8) else {
        fit = .overlapping
        continue
      }
      for index in from..<min(from + 8, fragment.count) { bytes[place.offset + index] = fragment[index] }
    }
    furthest = max(furthest, place.offset + fragment.count)
    if place.isLast { length = furthest }
    if place.offset == 0, nextHeader == nil { nextHeader = place.nextHeader }
    return fit
  }
}
