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
      noteRefused(preamble, nil, slot)
      move(slot, to: unrecognized(.refused(target: preamble.target ?? ""), slot))
    case .other(let start) where end.replay.hasGap && PreambleReader.beginsProxyHeader(start.span):
      // What follows the header is a request as likely as ever, of which nothing was captured.
      move(slot, to: .http1(HTTP1Exchange(startCaptured: false, earlierRequest: .cut)))
      return replayFromGap(end.replay, slot)
    case .other(let start):
      if connections[slot].lacksStart && !start.span.beginsWithHTTPHead {
        move(slot, to: stageWithoutHead(start.span, entries[slot].direction(of: .client), slot))
      } else {
        move(slot, to: stage(for: start.span, entries[slot].direction(of: .client), slot))
      }
    }
    replay(end.replay, slot)
    return .taken
  }

  /// A preamble was read whole: the bytes that follow begin another protocol, or another preamble.
  func passOn(_ preamble: Preamble, _ slot: Int) {
    move(slot, to: route(slot).add(preamble) ? .detecting : unrecognized(.tooManyPreambles, slot))
  }

  private func route(_ slot: Int) -> Route {
    let route = connections[slot].route ?? Route()
    connections[slot].route = route
    return route
  }

  /// A preamble was read whose server refused, with this status if it was asked by CONNECT.
  func noteRefused(_ preamble: Preamble, _ status: Int?, _ slot: Int) {
    let route = route(slot)
    route.refusal = (preamble, status)
  }

  /// The connection ends. If it had preambles and no session, they are told with the capture.
  func noteRoute(_ slot: Int) {
    guard let route = connections[slot].route, !route.isUsed else { return }
    let info = connections[slot].info
    let isInitiator = entries[slot].clientIsInitiator
    unusedRoutes.add(
      UnusedRoute(
        client: isInitiator ? info.initiator : info.responder,
        server: isInitiator ? info.responder : info.initiator, tcpStream: info.stream, via: route.via,
        refused: route.refusal?.preamble, status: route.refusal?.status))
  }

  /// Replays what came since a gap of the client: what came before it is the start of a header.
  private func replayFromGap(_ held: ReplayBuffer, _ slot: Int) -> StageStep {
    var (rest, isAfterGap) = (ReplayBuffer(), false)
    for piece in held.pieces {
      if piece.side == .client, case .gap = piece.content { isAfterGap = true }
      if piece.side == .server || isAfterGap { rest.append(piece) }
    }
    replay(rest, slot)
    return .taken
  }

  // MARK: Unknown protocols

  /// The stage for a protocol that is not known.
  func unrecognized(_ reason: UnreadRequest.Reason, _ slot: Int) -> Stage {
    // Many servers begin with a word and a space, as a request does.
    if case .unknownProtocol = reason, connections[slot].info.sawStart {
      entries[slot].clientIsInitiator = true
    }
    return .unrecognized(UpgradeSearch(reason, client: entries[slot].direction(of: .client)))
  }

  /// Looks for an upgrade request in bytes of an unknown protocol.
  func look(
    _ delivery: borrowing Delivery, _ direction: FlowDirection, _ slot: Int, _ search: UpgradeSearch
  ) -> StageStep {
    let finding = search.receive(
      delivery.bytes, direction, at: delivery.position, peerAcknowledged: delivery.peerAcknowledged)
    countHeldBytes(slot)
    act(on: finding, slot, search)
    return .taken
  }

  /// Acts on what a search for an upgrade request found.
  func act(on finding: UpgradeSearch.Finding, _ slot: Int, _ search: UpgradeSearch) {
    switch finding {
    case .undecided: return
    case .found(let request):
      if let held = search.held, request.answer != nil { return readOn(from: request, held, slot) }
      if search.held == nil {
        addUnread(
          at: request.position, search.reason(of: request, hidesSecrets: sessions.hidesSecrets), slot)
      }
    case .dismissed: break
    }
    guard let held = search.held else { return move(slot, to: .ignored) }
    move(slot, to: .forced(isAtStart: search.isAtStart))
    replay(held, slot)
  }

  /// Whether the line about a request says all that its preambles came to.
  private func reasonTellsRoute(_ reason: UnreadRequest.Reason) -> Bool {
    if case .tooManyPreambles = reason { true } else { false }
  }

  func addUnread(at position: StreamPosition, _ reason: UnreadRequest.Reason, _ slot: Int) {
    if reasonTellsRoute(reason) { connections[slot].route?.isUsed = true }
    let info = connections[slot].info
    let isInitiator = entries[slot].clientIsInitiator
    unreadRequests.add(
      UnreadRequest(
        client: isInitiator ? info.initiator : info.responder,
        server: isInitiator ? info.responder : info.initiator, tcpStream: info.stream, position: position,
        reason: reason))
  }

  /// Reads HTTP from an upgrade request and its answer on, or from its answer on where the request cannot be read.
  private func readOn(from request: UpgradeSearch.Request, _ held: ReplayBuffer, _ slot: Int) {
    let isReadable = request.unreadableLine == nil
    move(
      slot,
      to: .http1(HTTP1Exchange(startCaptured: false, earlierRequest: isReadable ? .unknown : .unread)))
    var rest = ReplayBuffer()
    for piece in held.pieces {
      let start = piece.side == .client ? isReadable ? request.position : request.end : request.answer
      let before = Int64(bitPattern: (start ?? piece.position).offset &- piece.position.offset)
      guard before > 0 else {
        rest.append(piece)
        continue
      }
      if let bytes = piece.bytes, before < bytes.count { rest.append(piece.dropping(Int(before))) }
    }
    replay(rest, slot)
  }

  /// A response comes on a connection that was joined midstream. If the request that it answers is the last thing that the
  /// client said, whatever came before that, both are read. False if there is none.
  func readHeldRequest(
    _ held: ReplayBuffer, answeredBy delivery: borrowing Delivery, _ direction: FlowDirection, _ slot: Int
  ) -> Bool {
    let search = UpgradeSearch(
      .unknownProtocol, client: entries[slot].direction(of: .client), holdsBytes: true)
    for piece in held.pieces {
      let sender = entries[slot].direction(of: piece.side)
      switch piece.content {
      case .bytes(let bytes):
        _ = search.receive(
          bytes.span, sender, at: piece.position, peerAcknowledged: piece.peerAcknowledged)
      case .gap(let count), .passedOver(let count): _ = search.skip(count, sender, at: piece.position)
      case .end: return false
      }
    }
    guard
      case .found(let request) = search.receive(
        delivery.bytes, direction, at: delivery.position, peerAcknowledged: delivery.peerAcknowledged),
      let held = search.held, request.unreadableLine == nil, !request.isFollowed, request.isAnswered
    else { return false }
    readOn(from: request, held, slot)
    return true
  }
}
