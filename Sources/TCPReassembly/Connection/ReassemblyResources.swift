import WireBytes

/// What all connections share: their limits, what was counted, and what of the budgets is in use.
struct ReassemblyResources {
  let limits: ReassemblyLimits
  /// The sink hears what TCP did to its bytes (`TransportNote`).
  let observesTransport: Bool
  /// The memory that all connections share.
  let budget: MemoryBudget
  /// What was seen so far.
  var counts = ReassemblyCounts()
  /// What waits in all connections together, as `SegmentBuffer.charge`.
  var pendingCharge = 0 {
    didSet { budget.add(pendingCharge - oldValue) }
  }
  /// Connections whose delivered bytes are kept (`RetransmissionHistory.isRetaining`).
  var retaining = 0

  /// Counts a new connection. Returns its stream number.
  mutating func nextStream() -> UInt64 {
    defer { counts.connections += 1 }
    return counts.connections
  }
}
