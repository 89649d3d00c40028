import WireBytes

/// What all midstream detectors and readers of preambles hold together, and which of them lets go when it is too much.
package struct MidstreamPool {
  /// Bytes that may be held for all connections.
  let limit: Int
  /// The memory that all connections share.
  private let budget: MemoryBudget
  /// Bytes that are held.
  var heldBytes = 0 {
    didSet { budget.add(heldBytes - oldValue) }
  }
  /// Connections that were let go before it was known what they carry.
  package private(set) var evicted: UInt64 = 0
  /// The connection that was looked at last.
  private var hand = 0

  init(limit: Int, budget: MemoryBudget) { (self.limit, self.budget) = (limit, budget) }

  /// Whether too much is held.
  var isOverLimit: Bool { heldBytes > limit }

  /// The connection that is looked at next when one has to go, of `count`.
  mutating func next(of count: Int) -> Int {
    hand = hand + 1 < count ? hand + 1 : 0
    return hand
  }

  mutating func countEviction() { evicted += 1 }
}
