/// Makes room for one connection more.
extension TCPReassembler {
  /// Drops the connection that is worth least: of those alike, one that has been idle for long.
  mutating func evict(into sink: any ReassemblySink) {
    let limits = shared.limits
    // This many closed ones are remembered in any case: late packets would begin connections.
    if closedFlows > min(limits.remembered, limits.connections / 8), let slot = order.first(of: .closed) {
      return free(slot)
    }
    // What has just begun may still become a session, but it goes before one.
    for sparesNew in [true, false] {
      for rank in EvictionOrder.Rank.allCases where rank != .session || !sparesNew {
        guard let slot = candidate(of: rank, sparesNew: sparesNew, sink) else { continue }
        if flows[slot].isOpen {
          shared.counts.connectionsOverLimit += 1
          giveUp(slot, into: sink)
        }
        return free(slot)
      }
    }
  }

  /// More memory is in use than may be: lets connections go until that is no longer so, or a few at a time.
  @inline(never)
  mutating func relieve(into sink: any ReassemblySink) {
    let before = shared.counts.connectionsOverLimit
    for _ in 0..<64 where shared.budget.isOver && table.count > 0 { evict(into: sink) }
    shared.counts.connectionsOverMemory += shared.counts.connectionsOverLimit - before
  }

  /// The one of a rank that goes. Those that turn out to be worth more by now move on; each does so once for every rank,
  /// and those that had packets meanwhile get a second chance, 16 at a time. `sparesNew`: of the connections that began
  /// last, an eighth of all, none goes.
  private mutating func candidate(
    of rank: EvictionOrder.Rank, sparesNew: Bool, _ sink: any ReassemblySink
  ) -> Int? {
    var (oldest, first): (Int?, Int?)
    var chances = 16
    // With little memory there are fewer.
    let most = min(shared.limits.connections, table.count)
    let newest = counts.connections &- min(counts.connections, UInt64(most / 8))
    while chances > 0, let slot = order.first(of: rank), slot != first {
      let lastPacket = flows[slot].lastPacket
      let actual = self.rank(of: slot, sink)
      if actual.rawValue > rank.rawValue {
        order.put(slot, in: actual, packet: 0)
        continue
      }
      // Those after it are hardly older.
      if sparesNew, flows[slot].stream >= newest { break }
      if order.isUnheard(slot, since: lastPacket) { return slot }
      if oldest.map({ flows[slot].lastSeen < flows[$0].lastSeen }) ?? true { oldest = slot }
      first = first ?? slot
      order.put(slot, in: rank, packet: lastPacket)
      chances -= 1
    }
    return oldest
  }

  private func rank(of slot: Int, _ sink: any ReassemblySink) -> EvictionOrder.Rank {
    if !flows[slot].isOpen { return .closed }
    guard let token = flows[slot].token else { return .withoutPayload }
    if flows[slot].isIgnored { return .ignored }
    return sink.carriesSession(token) ? .session : .undecided
  }
}
