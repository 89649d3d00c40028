/// What happened to IP fragments so far.
public struct FragmentCounts: Hashable, Sendable {
  /// Fragments accepted.
  public internal(set) var fragments: UInt64 = 0
  /// Datagrams that were joined.
  public internal(set) var joinedDatagrams: UInt64 = 0
  /// Fragments with bytes that had come before; the first copy is kept.
  public internal(set) var overlaps: UInt64 = 0
  /// Datagrams given up because their first fragment came more than 30 s of capture time ago.
  public internal(set) var timedOut: UInt64 = 0
  /// Datagrams given up as the oldest because 256 others were incomplete.
  public internal(set) var evictedByCount: UInt64 = 0
  /// Datagrams given up as the oldest because the incomplete ones held 4 MiB.
  public internal(set) var evictedByMemory: UInt64 = 0

  static func + (left: FragmentCounts, right: FragmentCounts) -> FragmentCounts {
    var sum = left
    sum.fragments += right.fragments
    sum.joinedDatagrams += right.joinedDatagrams
    sum.overlaps += right.overlaps
    sum.timedOut += right.timedOut
    sum.evictedByCount += right.evictedByCount
    sum.evictedByMemory += right.evictedByMemory
    return sum
  }
}
