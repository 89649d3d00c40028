import PacketLayers
import WireBytes

/// Memory follows the connections that are open: what is long over or long idle is let go.
extension TCPReassembler {
  /// Looks at a few slots every so many segments: what is long over or long idle is let go. It goes round once in an eighth
  /// of the time that may matter: each look is at memory that nobody else has touched for long.
  @inline(__always)
  mutating func sweepNowAndThen(_ now: CaptureTime, into sink: any ReassemblySink) {
    segmentsSinceSweep &+= 1
    if segmentsSinceSweep >= 64 {
      segmentsSinceSweep = 0
      if hand >= 0 || beginsRound(now) { sweep(16, now, into: sink) }
    }
  }

  @inline(never)
  private mutating func beginsRound(_ now: CaptureTime) -> Bool {
    let least = min(limits.idleTime, limits.lingerTime) / 8
    // The clock may be set back while it captures.
    if let roundBegan, (0..<max(least, 1)).contains(now.nanoseconds(since: roundBegan)) { return false }
    roundBegan = now
    return true
  }

  private mutating func sweep(_ slots: Int, _ now: CaptureTime, into sink: any ReassemblySink) {
    for _ in 0..<slots {
      hand += 1
      guard hand < flows.count else {
        hand = -1
        return
      }
      let idle = now.nanoseconds(since: flows[hand].lastSeen)
      switch flows[hand].state {
      case .free:
        break
      case .closed:
        if idle > limits.lingerTime, closedFlows > limits.remembered { free(hand) }
      case .doubtful:
        if idle > limits.lingerTime { closeAtLastPacket(hand, .rst, into: sink) }
      case .open:
        if idle > limits.idleTime {
          giveUp(hand, into: sink)
          free(hand)
        }
      }
    }
  }

  mutating func giveUp(_ slot: Int, into sink: any ReassemblySink) {
    counts.connectionsGivenUp += 1
    closeAtLastPacket(slot, .gaveUp, into: sink)
  }

  mutating func free(_ slot: Int) {
    for index in 0..<2 {
      if let pending = flows[slot].halves[index].pending { pendingCharge -= pending.charge }
      flows[slot].halves[index].pending = nil
    }
    if flows[slot].state == .closed { closedFlows -= 1 }
    table.remove(flows[slot].key.hash(seed: seed), slot: slot)
    flows[slot].state = .free
    order.remove(slot)
    freeSlots.append(slot)
  }
}
