import WireBytes

/// What has come of one datagram so far.
struct IncompleteDatagram {
  enum Fit {
    case fresh
    case overlapping
  }

  let key: FragmentKey
  /// When its first fragment came.
  let began: CaptureTime
  /// Whether it is counted if it never becomes complete.
  var isCounted = false
  var bytes: [UInt8] = []
  private var blocks = FragmentBlocks()
  /// Where the furthest fragment ends.
  private var furthest = 0
  /// Known once the last fragment has come.
  private var length: Int?
  /// Known once the first fragment has come.
  private(set) var nextHeader: UInt8?

  init(key: FragmentKey, began: CaptureTime) {
    self.key = key
    self.began = began
  }

  var isComplete: Bool {
    guard let length else { return false }
    return blocks.count == (length + 7) / 8
  }

  /// Whether a fragment agrees with earlier ones about where the datagram ends.
  func agrees(_ end: Int, isLast: Bool) -> Bool {
    if let length { return isLast ? end == length : end <= length }
    return !isLast || end >= furthest
  }

  /// Copies the blocks that are new; `bytes` must be long enough. The first copy wins, as on BSD. RFC 5722 wants an
  /// IPv6 host to drop such a datagram, but an observer cannot know which hosts do.
  mutating func add(_ added: Span<UInt8>, of fragment: Fragment) -> Fit {
    var fit = Fit.fresh
    for from in stride(from: 0, to: added.count, by: 8) {
      guard blocks.insert((fragment.offset + from) / 8) else {
        fit = .overlapping
        continue
      }
      for index in from..<min(from + 8, added.count) { bytes[fragment.offset + index] = added[index] }
    }
    furthest = max(furthest, fragment.offset + added.count)
    if fragment.isLast { length = furthest }
    if fragment.offset == 0, nextHeader == nil { nextHeader = fragment.nextHeader }
    return fit
  }
}
