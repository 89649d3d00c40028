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

  /// Neither side sent a byte.
  private(set) var ofBoth: Pause?
  private var ofClient: Pause?
  private var ofServer: Pause?

  /// None so far.
  package init() {}

  /// Neither side, or this one, sent a byte.
  func longest(of side: Side?) -> Pause? {
    switch side {
    case nil: ofBoth
    case .client: ofClient
    case .server: ofServer
    }
  }

  /// A side sent a byte again, `ofSide` nanoseconds after its last one and `ofBoth` after the last one of either.
  package mutating func note(ofSide: Int64, ofBoth: Int64, by side: Side, at end: StreamPosition) {
    if ofBoth > self.ofBoth?.length ?? 0 { self.ofBoth = Pause(length: ofBoth, end: end, by: side) }
    let pause = Pause(length: ofSide, end: end, by: side)
    if side == .client {
      if ofSide > ofClient?.length ?? 0 { ofClient = pause }
    } else {
      if ofSide > ofServer?.length ?? 0 { ofServer = pause }
    }
  }

  /// The longest that was over when the end began.
  func survived(of side: Side?, before end: CaptureTime) -> Int64 {
    guard let pause = longest(of: side), pause.end.time < end else { return 0 }
    return pause.length
  }
}
