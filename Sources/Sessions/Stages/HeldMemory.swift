import WireBytes

/// What connections hold before they are sessions: it is told to the pool or to the budget, and let go when it is too much.
extension Dispatcher {
  /// What the detector or the reader of preambles of a connection holds has changed.
  func countHeldBytes(_ slot: Int) {
    let cost: Int
    switch connections[slot].stage {
    case .midstream(let detector): cost = detector.cost
    case .preamble(let reader): cost = reader.cost
    case .unrecognized(let search): cost = search.cost
    case .copy(let copies, _): cost = copies.cost
    case .detecting, .http1, .forced, .webSocket, .ignored: return
    }
    midstream.heldBytes += cost - connections[slot].heldCost
    connections[slot].heldCost = cost
  }

  /// Tells the budget what an exchange holds: heads that are not whole, and what waits for the other side's.
  func charge(_ slot: Int) {
    guard case .http1(let exchange) = connections[slot].stage else { return }
    let cost = exchange.cost
    if cost != connections[slot].charged { context.budget.update(&connections[slot].charged, to: cost) }
  }

  /// Beyond the limit connections are let go in turn.
  func evictWaiting() {
    while midstream.isOverLimit {
      let slot = midstream.next(of: connections.count)
      switch connections[slot].stage {
      case .preamble: break
      case .midstream(let detector): if detector.takeChance() { continue }
      case .unrecognized(let search) where search.cost > 0: break
      case .copy(let copies, _):
        copies.dropWaiting()
        countHeldBytes(slot)
        continue
      case .webSocket(let reading) where connections[slot].heldCost > 0:
        reading.session.state.rare?.copies?.dropWaiting()
        midstream.heldBytes -= connections[slot].heldCost
        connections[slot].heldCost = 0
        continue
      case .detecting, .http1, .forced, .webSocket, .unrecognized, .ignored: continue
      }
      move(slot, to: .ignored)
      midstream.countEviction()
    }
  }
}
