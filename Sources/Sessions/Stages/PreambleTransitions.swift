import HTTP1
import Preambles
import SessionAnalysis
import TCPReassembly
import WireBytes

/// What may come before the protocol of a connection, and connections that begin with something unknown.
extension Dispatcher {
  // MARK: Preambles

  /// Whether the first bytes of a connection, or of what a tunnel carries, may be a preamble: a client sends it.
  func mayBeginPreamble(_ bytes: Span<UInt8>, _ direction: FlowDirection, _ slot: Int) -> Bool {
    if entries[slot].side(direction) == .client { return PreambleReader.mayBegin(bytes) }
    // Without a SYN the first packet does not tell who is the client.
    guard connections[slot].lacksStart, connections[slot].route == nil,
      PreambleReader.beginsProxyHeader(bytes)
    else { return false }
    entries[slot].clientIsInitiator.toggle()
    return true
  }

  /// Acts on what a reader of preambles found.
  func act(on step: PreambleReader.Step, _ slot: Int) -> StageStep {
    countHeldBytes(slot)
    guard case .ended(let end) = step else {
      evictWaiting()
      return .taken
    }
    switch end.outcome {
    case .read(let preamble): passOn(preamble, slot)
    case .refused(let preamble):
      move(slot, to: .unrecognized(UpgradeSearch(.refused(target: preamble.target ?? ""))))
    case .other(let start):
      if connections[slot].lacksStart && !start.span.beginsWithHTTPHead {
        move(slot, to: stageWithoutHead(slot))
      } else {
        move(slot, to: stage(for: start.span, entries[slot].direction(of: .client), slot))
      }
    }
    replay(end.replay, slot)
    return .taken
  }

  /// A preamble was read whole: the bytes that follow begin another protocol, or another preamble.
  func passOn(_ preamble: Preamble, _ slot: Int) {
    let route = connections[slot].route ?? Route()
    connections[slot].route = route
    move(slot, to: route.add(preamble) ? .detecting : .ignored)
  }

  // MARK: Unknown protocols

  /// Looks for an upgrade request in bytes of an unknown protocol.
  func look(
    _ delivery: borrowing Delivery, _ direction: FlowDirection, _ slot: Int, _ search: UpgradeSearch
  ) -> StageStep {
    // A client opens the connection: what its server sends are no requests.
    let isClientKnown = !connections[slot].lacksStart
    if direction == .fromInitiator || !isClientKnown {
      act(
        on: search.receive(delivery.bytes, direction, isClient: isClientKnown, at: delivery.position),
        direction, slot, search)
    }
    return .taken
  }

  /// Acts on what a search for an upgrade request found.
  func act(
    on finding: UpgradeSearch.Finding, _ direction: FlowDirection, _ slot: Int, _ search: UpgradeSearch
  ) {
    switch finding {
    case .undecided: return
    case .found(let position):
      let info = connections[slot].info
      let isInitiator = direction == .fromInitiator
      unreadRequests.add(
        UnreadRequest(
          client: isInitiator ? info.initiator : info.responder,
          server: isInitiator ? info.responder : info.initiator, tcpStream: info.stream,
          position: position, reason: search.reason))
    case .dismissed: break
    }
    move(slot, to: .ignored)
  }
}
