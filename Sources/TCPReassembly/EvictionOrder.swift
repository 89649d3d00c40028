import BasicContainers

/// Which connections are let go when there are too many: lists of slots, one for each `Rank`.
///
/// A connection is put into a list when it begins and when it is over. What else becomes of it is asked only when its turn
/// to go has come, so that packets cost nothing here.
struct EvictionOrder: ~Copyable {
  /// What a connection is worth: the first ones go first.
  enum Rank: UInt8, CaseIterable {
    /// No payload so far: a SYN without an answer, most of all.
    case withoutPayload
    /// Over, and only remembered for late packets.
    case closed
    /// It carries nothing that is of interest.
    case ignored
    /// HTTP, or not known yet.
    case undecided
    /// Frames are read from it.
    case session
  }

  /// Beside the slot of each connection: 16 bytes.
  struct Link {
    var before: Int32 = -1
    var after: Int32 = -1
    /// The connection's last packet when it was put into the list, modulo 2³².
    var packet: UInt32 = 0
    /// In no list without.
    var rank: Rank?
  }

  private var links = UniqueArray<Link>()
  private var heads = [Int32](repeating: -1, count: Rank.allCases.count)
  private var tails = [Int32](repeating: -1, count: Rank.allCases.count)

  /// The slot that was put into a list first.
  func first(of rank: Rank) -> Int? {
    let head = heads[Int(rank.rawValue)]
    return head >= 0 ? Int(head) : nil
  }

  /// Whether the connection had no packet since it was put into its list.
  func isUnheard(_ slot: Int, since packet: UInt64) -> Bool {
    links[slot].packet == UInt32(truncatingIfNeeded: packet)
  }

  /// Puts a slot at the end of a list, out of the one that it is in. `packet` is its last one.
  mutating func put(_ slot: Int, in rank: Rank, packet: UInt64) {
    while links.count <= slot { links.append(Link()) }
    remove(slot)
    let (list, place) = (Int(rank.rawValue), Int32(truncatingIfNeeded: slot))
    let last = tails[list]
    links[slot] = Link(before: last, packet: UInt32(truncatingIfNeeded: packet), rank: rank)
    if last >= 0 { links[Int(last)].after = place } else { heads[list] = place }
    tails[list] = place
  }

  /// Takes a slot out of its list.
  mutating func remove(_ slot: Int) {
    guard let rank = links[slot].rank else { return }
    let (before, after) = (links[slot].before, links[slot].after)
    if before >= 0 { links[Int(before)].after = after } else { heads[Int(rank.rawValue)] = after }
    if after >= 0 { links[Int(after)].before = before } else { tails[Int(rank.rawValue)] = before }
    links[slot].rank = nil
  }
}

/// Room for one connection more.
extension TCPReassembler {
  /// Lets the connection go that is worth least: of those alike, one that is long idle.
  mutating func evict(into sink: any ReassemblySink) {
    // So many closed ones are remembered in any case: late packets would begin connections.
    if closedFlows > min(limits.remembered, limits.connections / 8), let slot = order.first(of: .closed) {
      return free(slot)
    }
    // What has just begun may become a session still, but it goes before one.
    for sparesNew in [true, false] {
      for rank in EvictionOrder.Rank.allCases where rank != .session || !sparesNew {
        guard let slot = candidate(of: rank, sparesNew: sparesNew, sink) else { continue }
        if flows[slot].isOpen {
          counts.connectionsOverLimit += 1
          giveUp(slot, into: sink)
        }
        return free(slot)
      }
    }
  }

  /// The one to go of a rank. Those that turn out to be worth more by now move on; each does so once for every rank,
  /// and those that had packets meanwhile get a second chance, 16 at a time. `sparesNew`: of the last eighth of the
  /// limit that began, none goes.
  private mutating func candidate(
    of rank: EvictionOrder.Rank, sparesNew: Bool, _ sink: any ReassemblySink
  ) -> Int? {
    var (oldest, first): (Int?, Int?)
    var chances = 16
    let newest = counts.connections &- min(counts.connections, UInt64(limits.connections / 8))
    while chances > 0, let slot = order.first(of: rank), slot != first {
      let lastPacket = flows[slot].lastPacket
      let actual = self.rank(of: slot, sink)
      if actual.rawValue > rank.rawValue {
        order.put(slot, in: actual, packet: 0)
        continue
      }
      // Those behind it are hardly older.
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
