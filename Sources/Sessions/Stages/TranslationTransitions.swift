import HTTP1
import SessionAnalysis
import TCPReassembly
import WireBytes

/// What becomes of a connection that was captured more than once, before and after address translation.
extension Dispatcher {
  // MARK: Joining

  /// The connection in `slot` is one of a session that is read already: its bytes are of interest where that one lacks them.
  func join(_ original: TranslatedConnections.Original, _ handshake: Handshake?, _ slot: Int) {
    tell(original, handshake, slot)
    guard let copies = copies(of: original, handshake),
      copies.connections.count < SessionRecord.translationLimit
    else {
      return move(slot, to: .ignored)
    }
    let request = handshake?.request ?? connections[slot].damage?.originalRequest
    let isNearClient = (request?.start.packet).map { $0 < original.start.packet } ?? false
    let number = copies.add(connections[slot].info, isNearClient: isNearClient)
    move(slot, to: .copy(of: copies, number: number))
  }

  /// The same where the upgrade was not granted, or no answer was captured: then frames may follow.
  func joinRefused(_ original: TranslatedConnections.Original, _ handshake: Handshake, _ slot: Int) {
    tell(original, handshake, slot)
    guard handshake.outcome == .incomplete else { return }
    let damage = connections[slot].noteDamage()
    (damage.original, damage.originalRequest) = (original, handshake.request)
  }

  /// The connection of a session was captured once more.
  private func tell(_ original: TranslatedConnections.Original, _ handshake: Handshake?, _ slot: Int) {
    if let route = connections[slot].route { route.isUsed = true }
    let (connection, record) = (connections[slot].info, original.record)
    guard let place = handshake?.response?.end ?? handshake?.request?.end,
      case let rare = record.state.noteRare(),
      !rare.translations.contains(where: { $0.stream == connection.stream }),
      rare.translations.count < SessionRecord.translationLimit
    else { return }
    rare.translations.append(connection)
    let evidence =
      original.client.port == connection.initiator.port
      ? "same client port and initial sequence numbers" : "same initial sequence numbers"
    sessions.report(
      Anomaly(
        SessionRule.addressTranslated, by: nil, at: place,
        """
        the same TCP connection was also captured as \(connection.initiator) → \(connection.responder): \
        \(evidence), shown once
        """), in: record.session)
  }

  /// The copies of a session whose frames are read; nil of one whose upgrade was not granted.
  private func copies(of original: TranslatedConnections.Original, _ handshake: Handshake?)
    -> ConnectionCopies?
  {
    if let copies = original.record.state.rare?.copies { return copies }
    guard case .webSocket(let reading) = connections[original.slot].stage, reading.session === original.record
    else { return nil }
    let copies = ConnectionCopies(of: original.slot)
    for side in Side.allCases {
      let head = side == .client ? handshake?.request : handshake?.response
      let last = streams[reading.streams + (side == .client ? 0 : 1)].last
      copies.begin(
        entries[original.slot].direction(of: side),
        start: head.flatMap { $0.isCut ? nil : $0.end.offset &+ 1 }, last: last.packet > 0 ? last.offset : nil
      )
    }
    original.record.state.noteRare().copies = copies
    // From now on it has to be known how far it was read.
    move(original.slot, to: .webSocket(reading))
    return copies
  }

  // MARK: Bytes

  /// A copy has these bytes.
  func look(
    _ delivery: borrowing Delivery, _ direction: FlowDirection, _ slot: Int, _ copies: ConnectionCopies,
    _ number: Int
  ) -> StageStep {
    guard !copies.isOver else {
      move(slot, to: .ignored)
      return .handOver(after: 0)
    }
    copies.received(delivery, direction, from: number)
    countHeldBytes(slot)
    evictWaiting()
    return .taken
  }

  /// Bytes of a session are missing in its own connection: what a copy has of them is read, the rest is lost. Returns what was read.
  func read(
    _ copies: ConnectionCopies, instead bytes: Range<UInt64>, _ direction: FlowDirection, _ slot: Int,
    at position: StreamPosition
  ) -> [ConnectionCopies.Piece] {
    let pieces = copies.pieces(direction, from: bytes.lowerBound, to: bytes.upperBound)
    var next = bytes.lowerBound
    for piece in pieces {
      lose(next..<piece.start, direction, slot, at: piece.context.position)
      _ = received(piece.bytes.span, piece.context, .none, direction, UInt32(slot))
      next = piece.end
    }
    lose(next..<bytes.upperBound, direction, slot, at: position)
    copies.delivered(direction, upTo: bytes.upperBound)
    return pieces
  }

  private func lose(
    _ bytes: Range<UInt64>, _ direction: FlowDirection, _ slot: Int, at position: StreamPosition
  ) {
    guard !bytes.isEmpty, case .webSocket(let reading) = connections[slot].stage else { return }
    var place = position
    place.offset = bytes.lowerBound
    lost(bytes.upperBound - bytes.lowerBound, in: reading, entries[slot].side(direction), slot, at: place)
  }

  // MARK: The end

  /// A copy of a connection ended.
  func ended(
    _ copies: ConnectionCopies, _ number: Int, _ slot: Int, _ how: ConnectionEnd, _ by: FlowDirection?,
    at position: StreamPosition
  ) {
    let firstFin = connections[slot].firstFin.map { FirstFin(side: $0.side, position: $0.position) }
    copies.ended(
      ConnectionCopies.End(how: how, by: by, position: position, firstFin: firstFin, copy: number))
    guard !copies.isOver else { return }
    // What waits is kept as long as the session.
    let cost = connections[slot].heldCost
    connections[copies.slot].heldCost += cost
    midstream.heldBytes += cost
  }

  /// A session's own connection ends: reads what only its copies have, and returns how the session ended.
  func settle(
    _ copies: ConnectionCopies, _ slot: Int, _ how: ConnectionEnd, _ by: FlowDirection?,
    at position: StreamPosition
  ) -> (how: ConnectionEnd, by: FlowDirection?, position: StreamPosition) {
    let end = copies.end.flatMap { isEarlier($0, than: how, at: position, slot) ? $0 : nil }
    var pieces: [ConnectionCopies.Piece] = []
    for direction in [FlowDirection.fromInitiator, .fromResponder] {
      guard let bytes = copies.beyond(direction) else { continue }
      pieces += read(copies, instead: bytes, direction, slot, at: position)
    }
    if case .webSocket(let reading) = connections[slot].stage,
      let finding = NotForwarded(
        pieces, end, of: copies, own: connections[slot].info, isCaptureEnd: end == nil && !how.isSent)
    {
      sessions.report(
        Anomaly(
          SessionRule.notForwarded, by: finding.direction.map { entries[slot].side($0) },
          at: finding.position, finding.detail), in: reading.session.session)
    }
    copies.sessionEnded()
    guard let end else { return (how, by, position) }
    for (direction, ending) in copies.endings { makeTransport(slot)[direction].end(ending) }
    copies.isResetOnTheWay = copies.resetOnTheWay(end) != nil
    if connections[slot].firstFin == nil, let fin = end.firstFin {
      connections[slot].firstFin = (fin.side, fin.position)
    }
    return (end.how, end.by, end.position)
  }

  /// Whether a session ended as its copy did: what its own connection has comes at the same time, or is of no interest any more.
  private func isEarlier(
    _ end: ConnectionCopies.End, than how: ConnectionEnd, at position: StreamPosition, _ slot: Int
  ) -> Bool {
    guard how.isSent else { return true }
    guard case .webSocket(let reading) = connections[slot].stage else { return false }
    let last = max(streams[reading.streams].last.time, streams[reading.streams + 1].last.time)
    return position.time.nanoseconds(since: end.position.time) >= 1_000_000_000 && last < end.position.time
  }
}

extension ConnectionEnd {
  /// Whether one of the sides ended the connection.
  fileprivate var isSent: Bool {
    switch self {
    case .fin, .rst: true
    case .replaced, .captureEnd, .gaveUp: false
    }
  }
}
