import WireBytes

/// The longest times without a byte that a session went on after.
package struct Pauses: Sendable {
  /// A time without a byte, and what ended it.
  package struct Pause: Sendable {
    /// How long, in nanoseconds.
    package var length: Int64
    /// The first byte after it.
    package var end: StreamPosition
    /// Who sent that.
    package var by: Side
  }

  /// Of the client, of the server, and of both: neither sent a byte. Empty until there is one, which most sessions never have.
  private var found: [Pause?] = []
  private static let both = 2

  /// None so far.
  package init() {}

  /// Neither side, or this one, sent a byte.
  func longest(of side: Side?) -> Pause? {
    found.isEmpty ? nil : found[side.map { Int($0.rawValue) } ?? Self.both]
  }

  /// A side sent a byte again, `ofSide` nanoseconds after its last one and `ofBoth` after the last one of either.
  package mutating func note(ofSide: Int64, ofBoth: Int64, by side: Side, at end: StreamPosition) {
    if found.isEmpty { found = [nil, nil, nil] }
    for (index, length) in [(Self.both, ofBoth), (Int(side.rawValue), ofSide)]
    where length > found[index]?.length ?? 0 {
      found[index] = Pause(length: length, end: end, by: side)
    }
  }

  /// The longest that was over when the end began.
  func survived(of side: Side?, before end: CaptureTime) -> Int64 {
    guard let pause = longest(of: side), pause.end.time < end else { return 0 }
    return pause.length
  }
}
