import WireBytes

/// When which slots are looked at for connections that are long over or long idle: a few slots at a time, so that memory follows
/// the connections that are open and no packet has to wait.
///
/// It goes round once in an eighth of the shortest time that matters: each look is at memory that nothing else has touched
/// for long.
struct FlowExpiry {
  /// The slot that was looked at last; -1 before each round.
  private var hand = -1
  private var roundBegan: CaptureTime?
  private var segments = 0

  /// Slots that are looked at in turn.
  static let slotsAtOnce = 16
  /// Segments between two looks.
  static let segmentsBetween = 64

  /// Counts a segment. Returns whether slots are to be looked at.
  @inline(__always)
  mutating func isDue(_ now: CaptureTime, _ limits: ReassemblyLimits) -> Bool {
    segments &+= 1
    guard segments >= Self.segmentsBetween else { return false }
    segments = 0
    return hand >= 0 || beginsRound(now, limits)
  }

  @inline(never)
  private mutating func beginsRound(_ now: CaptureTime, _ limits: ReassemblyLimits) -> Bool {
    let least = min(limits.idleTime, limits.lingerTime) / 8
    // The clock may be set back while it captures.
    if let roundBegan, (0..<max(least, 1)).contains(now.nanoseconds(since: roundBegan)) { return false }
    roundBegan = now
    return true
  }

  /// The slot to look at next, of `count`; nil at the end of the round.
  mutating func nextSlot(of count: Int) -> Int? {
    hand += 1
    if hand < count { return hand }
    hand = -1
    return nil
  }
}
