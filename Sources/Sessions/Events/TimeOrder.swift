import WireBytes

/// How far a capture is from the order of time. Packets of several queues or interfaces overtake each other by little;
/// a file whose order is another one altogether cannot be followed.
public struct TimeOrder: Sendable, Hashable {
  /// Packets that follow one with a later time.
  public private(set) var packets: UInt64 = 0
  /// By how much at most, in nanoseconds.
  public private(set) var most: Int64 = 0

  /// In order.
  package init() {}

  /// Counts a packet that is earlier by so much than one before it.
  package mutating func add(_ nanoseconds: Int64) {
    packets &+= 1
    most = max(most, nanoseconds)
  }

  /// Adds what was counted of later packets.
  package mutating func add(_ later: TimeOrder) {
    packets &+= later.packets
    most = max(most, later.most)
  }

  /// Whether that is more than packets overtake each other: by a second, or every fourth one of `all`.
  package func isLost(in all: UInt64) -> Bool { most >= 1_000_000_000 || packets > 16 && packets > all / 4 }
}
