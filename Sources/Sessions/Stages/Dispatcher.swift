import BasicContainers
import SessionAnalysis
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// Gives the bytes of every connection to the stage that reads them (`Stage`), and moves connections from stage to stage
/// (`StageTransitions.swift`).
///
/// Protocol modules do not know each other: they are wired here and nowhere else.
package final class Dispatcher: ReassemblySink {
  let sessions: SessionTable
  let context: DecodingContext
  let ports: PortOptions
  private let overlap: ReassemblyLimits.Overlap
  // The message path must not pay for dynamic exclusivity checks (5 % of a run on small frames). They are not
  // needed: while a stream decodes, its events go to `sessions`, which never calls back here.

  /// Where a connection's bytes go, by token: all that the message path reads of a connection.
  @exclusivity(unchecked) private var uncheckedEntries = UniqueArray<DispatchEntry>()
  var entries: UniqueArray<DispatchEntry> {
    @inline(__always) _read { yield unsafe uncheckedEntries }
    @inline(__always) _modify { yield unsafe &uncheckedEntries }
  }
  /// The rest of each connection, by token.
  @exclusivity(unchecked) private var uncheckedConnections = UniqueArray<ConnectionStack>()
  var connections: UniqueArray<ConnectionStack> {
    @inline(__always) _read { yield unsafe uncheckedConnections }
    @inline(__always) _modify { yield unsafe &uncheckedConnections }
  }
  /// Two for each session: what the client sends at an even index, what the server sends after it.
  @exclusivity(unchecked) private var uncheckedStreams = AlignedSlab<FrameStream>()
  var streams: AlignedSlab<FrameStream> {
    @inline(__always) _read { yield unsafe uncheckedStreams }
    @inline(__always) _modify { yield unsafe &uncheckedStreams }
  }
  /// Places that are free again, of connections and of pairs of streams.
  @exclusivity(unchecked) private var uncheckedFreeSlots = (connections: [Int](), streams: [Int]())
  var freeSlots: (connections: [Int], streams: [Int]) {
    @inline(__always) _read { yield unsafe uncheckedFreeSlots }
    @inline(__always) _modify { yield unsafe &uncheckedFreeSlots }
  }

  /// Sessions whose connections may be captured once more, under other addresses.
  @exclusivity(unchecked) private var uncheckedTranslated = TranslatedConnections()
  var translated: TranslatedConnections {
    @inline(__always) _read { yield unsafe uncheckedTranslated }
    @inline(__always) _modify { yield unsafe &uncheckedTranslated }
  }
  /// Connections that did not come about.
  var failedConnections = FailedConnections()
  /// Connections that began with a TLS record.
  package internal(set) var tlsConnections: UInt64 = 0
  /// Upgrade requests that were seen and not read.
  package internal(set) var unreadRequests = UnreadRequests()
  /// Connections that began with a preamble and carried no session.
  package internal(set) var unusedRoutes = UnusedRoutes()
  /// What the midstream detectors and the readers of preambles hold.
  package internal(set) var midstream: MidstreamPool

  /// `midstreamBytes`: what all midstream detectors may hold together.
  package init(
    sessions: SessionTable, options: DecodingOptions, ports: PortOptions,
    overlap: ReassemblyLimits.Overlap = .first, midstreamBytes: Int = 32 << 20,
    budget: MemoryBudget = .unlimited
  ) {
    self.sessions = sessions
    midstream = MidstreamPool(limit: midstreamBytes, budget: budget)
    self.overlap = overlap
    self.ports = ports
    context = DecodingContext(options: options, sink: sessions, budget: budget)
  }

  // MARK: Connections

  package func opened(_ connection: ConnectionInfo) -> UInt32 {
    let slot: Int
    if let free = freeSlots.connections.popLast() {
      slot = free
      connections[slot] = ConnectionStack(info: connection)
      entries[slot] = DispatchEntry()
    } else {
      slot = connections.count
      connections.append(ConnectionStack(info: connection))
      entries.append(DispatchEntry())
    }
    if !ports.includes(connection) { move(slot, to: .ignored) }
    return UInt32(slot)
  }

  package func closed(
    _ how: ConnectionEnd, by direction: FlowDirection?, _ token: UInt32, at position: StreamPosition
  ) {
    let slot = Int(token)
    var (how, direction, position) = (how, direction, position)
    switch connections[slot].stage {
    case .preamble(let reader): _ = act(on: reader.finish(.client, at: position), slot)
    case .copy(let copies, let number): ended(copies, number, slot, how, direction, at: position)
    case .webSocket(let reading):
      if let copies = reading.session.state.rare?.copies {
        (how, direction, position) = settle(copies, slot, how, direction, at: position)
      }
    case .detecting, .http1, .midstream, .forced, .unrecognized, .ignored: break
    }
    if case .unrecognized(let search) = connections[slot].stage { act(on: search.conclude(), slot, search) }
    if case .http1(let exchange) = connections[slot].stage {
      _ = act(on: exchange.finish(.client, at: position), slot)
    }
    if case .http1(let exchange) = connections[slot].stage {
      _ = act(on: exchange.finish(.server, at: position), slot)
    }
    let by = direction.map { entries[slot].side($0) }
    for record in connections[slot].refused {
      closeRefused(
        record, slot, how, by: by, at: position,
        connections[slot].firstFin.map { FirstFin(side: $0.side, position: $0.position) })
    }
    connections[slot].refused = []
    if case .webSocket(let reading) = connections[slot].stage {
      closeSession(reading, slot, how, by: by, at: position)
    }
    if let transport = connections[slot].transport {
      sessions.roomForNotes += transport[.fromInitiator].count + transport[.fromResponder].count
    }
    noteUnnamedSwitch(slot)
    if connections[slot].route != nil { noteRoute(slot) }
    move(slot, to: .ignored)
    connections[slot] = ConnectionStack(info: connections[slot].info)
    connections[slot].stage = .ignored
    freeSlots.connections.append(slot)
  }

  package func carriesSession(_ token: UInt32) -> Bool {
    switch connections[Int(token)].stage {
    case .webSocket: true
    case .http1(let exchange): exchange.awaitsUpgrade
    case .detecting, .preamble, .midstream, .forced, .unrecognized, .copy, .ignored: false
    }
  }

  /// Where the protocol is not known, only a request that should not be missed is looked for: that must not cost sessions
  /// the memory in which their bytes wait.
  package func waitsForMissingBytes(_ token: UInt32) -> Bool {
    if case .unrecognized(let search) = connections[Int(token)].stage { search.held != nil } else { true }
  }

  // MARK: Bytes

  package func received(
    _ bytes: Span<UInt8>, _ context: DeliveryContext, _ mark: PayloadMark, _ direction: FlowDirection,
    _ token: UInt32
  ) -> Bool {
    let entry = entries[Int(token)]
    if entry.streams >= 0 {
      decode(bytes, context, mark, stream: entry.stream(direction), Int(token), entry)
      return true
    }
    return advance(Delivery(bytes, context), direction, Int(token))
  }

  /// Asks for the memory that bytes of a connection will touch soon.
  package func prefetch(_ direction: FlowDirection, _ token: UInt32) {
    let entry = entries[Int(token)]
    guard entry.streams >= 0 else { return }
    let stream = entry.stream(direction)
    streams.prefetch(stream)
    // Its last packet is there (`output`).
    streams.prefetchSecondLine(stream ^ 1)
    if context.options.reportsMessages { sessions.prefetch(SessionIndex(Int(entry.session))) }
  }

  /// Gives bytes to one stage after the other until all are taken. False when nothing more of the connection is of
  /// interest.
  private func advance(
    _ delivery: borrowing Delivery, _ direction: FlowDirection, _ slot: Int
  ) -> Bool {
    // The bytes of one call are asked once what they are: what follows knows what they are not.
    var (taken, wereDetected) = (0, false)
    while taken < delivery.bytes.count {
      let rest = delivery.dropping(taken)
      let step: StageStep
      switch connections[slot].stage {
      case .ignored:
        return false
      case .detecting:
        step = detect(rest.bytes, direction, slot)
        wereDetected = true
      case .preamble(let reader):
        step = act(
          on: reader.receive(
            rest.bytes, from: entries[slot].side(direction), at: rest.position,
            peerAcknowledged: rest.peerAcknowledged), slot)
        wereDetected = true
      case .http1(let exchange):
        step = act(
          on: exchange.receive(
            rest.bytes, from: entries[slot].side(direction), at: rest.position,
            peerAcknowledged: rest.peerAcknowledged), slot)
        charge(slot)
        wereDetected = true
      case .midstream(let detector):
        step = search(rest, direction, slot, detector, wereDetected: wereDetected)
      case .forced(let isAtStart):
        openForced(slot, isAtStart: isAtStart, at: rest.position)
        step = .handOver(after: 0)
      case .unrecognized(let search): step = look(rest, direction, slot, search)
      case .webSocket(let reading):
        step = readFrames(rest, direction, slot, reading)
      case .copy(let copies, let number): step = look(rest, direction, slot, copies, number)
      }
      switch step {
      case .taken: taken = delivery.bytes.count
      case .handOver(let count): taken &+= count
      }
    }
    if case .ignored = connections[slot].stage { return false }
    return true
  }

  /// Replays what waited, in the order of the capture, to the stage that the connection has now.
  func replay(_ buffer: ReplayBuffer, _ slot: Int) {
    for piece in buffer.pieces {
      let direction = entries[slot].direction(of: piece.side)
      switch piece.content {
      case .bytes(let bytes):
        let context = DeliveryContext(at: piece.position, peerAcknowledged: piece.peerAcknowledged)
        _ = received(bytes.span, context, .none, direction, UInt32(slot))
      case .gap(let count): lost(count, direction, UInt32(slot), at: piece.position)
      case .passedOver(let count): passOver(count, piece.side, slot)
      case .end: finished(direction, UInt32(slot), at: piece.position)
      }
    }
  }

  /// What waited came before it was known that frames are sent, and is not held any more.
  private func passOver(_ count: UInt64, _ side: Side, _ slot: Int) {
    guard case .webSocket(let reading) = connections[slot].stage else { return }
    let stream = reading.streams + (side == .client ? 0 : 1)
    startOutOfStep(stream, slot)
    streams[stream].decoder.passOver(count, into: output(stream, entries[slot]))
  }

  package func lost(_ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition)
  {
    let slot = Int(token)
    let side = entries[slot].side(direction)
    switch connections[slot].stage {
    case .detecting, .forced: connections[slot].hasLostStart = true
    case .preamble(let reader):
      connections[slot].hasLostStart = true
      _ = act(on: reader.skip(bytes, from: side, at: position), slot)
    case .http1(let exchange): _ = act(on: exchange.skip(bytes, from: side, at: position), slot)
    case .midstream(let detector): detector.gap(bytes, from: side, at: position)
    case .webSocket(let reading):
      if let copies = reading.session.state.rare?.copies {
        _ = read(copies, instead: position.offset..<position.offset &+ bytes, direction, slot, at: position)
      } else {
        lost(bytes, in: reading, side, slot, at: position)
      }
    case .unrecognized(let search):
      act(on: search.skip(bytes, direction, at: position), slot, search)
    case .copy, .ignored: break
    }
  }

  /// Bytes of a session are in no capture of its connection.
  func lost(
    _ bytes: UInt64, in reading: Stage.FrameReading, _ side: Side, _ slot: Int, at position: StreamPosition
  ) {
    if case .after(let remainder) = reading.client, side == .client {
      _ = act(on: remainder.skip(bytes, at: position), slot)
    } else {
      skip(bytes, side, stream: reading.streams + (side == .client ? 0 : 1), slot, at: position)
    }
  }

  package func finished(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {
    let slot = Int(token)
    let side = entries[slot].side(direction)
    // The FIN of a side whose bytes waited may be told after one that was captured later.
    if connections[slot].firstFin.map({ position.packet < $0.position.packet }) ?? true {
      connections[slot].firstFin = (side, position)
    }
    switch connections[slot].stage {
    case .preamble(let reader): _ = act(on: reader.finish(side, at: position), slot)
    case .http1(let exchange): _ = act(on: exchange.finish(side, at: position), slot)
    case .midstream(let detector):
      if case .recognized(let recognition) = detector.finish(side, at: position) {
        begin(recognition, slot)
      }
    case .webSocket(let reading):
      reading.session.state.rare?.copies?.finished(direction)
      if case .after(let remainder) = reading.client, side == .client {
        _ = act(on: remainder.finish(at: position), slot)
      } else {
        finishStream(reading.streams + (side == .client ? 0 : 1), slot, at: position)
      }
    case .unrecognized(let search): act(on: search.finish(direction, at: position), slot, search)
    case .detecting, .forced, .copy, .ignored: break
    }
    // The sides may have been found to be the other way round.
    guard let session = connections[slot].session else { return }
    session.receivedFin(from: entries[slot].side(direction), at: position)
    sessions.beganEnd(LegAct(.fin, by: entries[slot].side(direction), at: position), of: session.session)
  }

  // MARK: Frames

  /// Where the decoder of a stream puts what it finds. `acknowledged`: the sender's acknowledgment of the peer's stream.
  /// `peerIsDelivered`: nothing of the peer waits in the reassembler.
  @inline(__always)
  func output(
    _ stream: Int, _ entry: DispatchEntry, acknowledged: UInt64? = nil, peerIsDelivered: Bool = false,
    packetStart: UInt64? = nil
  ) -> WebSocketOutput {
    let last = streams[stream ^ 1].last.packet
    // Safe: the context lives as long as the dispatcher.
    return unsafe WebSocketOutput(
      uncounted: context, session: streams[stream].session,
      peer: PeerState(
        acknowledged: acknowledged, lastPacket: last > 0 ? last : nil,
        isRead: peerIsDelivered && !entry.isSearching(stream ^ 1)), packetStart: packetStart)
  }

  @inline(__always)
  func decode(
    _ bytes: Span<UInt8>, _ known: DeliveryContext, _ mark: PayloadMark, stream index: Int, _ slot: Int,
    _ entry: DispatchEntry
  ) {
    let position = known.position
    let isFirst = streams[index].last.packet == 0
    if let before = streams[index].note(position) { notePause(since: before, index, at: position) }
    guard streams[index].readsFrames else {
      return readDraft(bytes, known, stream: index, isFirst: isFirst, slot)
    }
    let output = output(
      index, entry, acknowledged: known.peerAcknowledged, peerIsDelivered: known.peerIsDelivered,
      packetStart: position.offset)
    if mark == .plainMessages {
      streams[index].decoder.receive(plainMessages: bytes, at: position, into: output)
    } else {
      _ = streams[index].decoder.receive(bytes, at: position, into: output)
    }
    noteState(of: index, slot)
  }

  /// Few bytes end the longest time without any.
  @inline(never)
  private func notePause(since before: CaptureTime, _ stream: Int, at position: StreamPosition) {
    let ofSide = position.time.nanoseconds(since: before)
    let ofBoth = min(ofSide, position.time.nanoseconds(since: streams[stream ^ 1].last.time))
    streams[stream].notePause(ofBoth: ofBoth)
    sessions.paused(
      ofSide: ofSide, ofBoth: ofBoth, by: stream & 1 == 0 ? .client : .server, at: position,
      in: streams[stream].session)
  }

  /// The decoder of a stream may have begun or ended a search.
  @inline(__always)
  private func noteState(of stream: Int, _ slot: Int) {
    let isSearching = if case .outOfStep = streams[stream].decoder.state { true } else { false }
    // Nearly always false, as before.
    if isSearching != entries[slot].isSearching(stream) {
      entries[slot].note(isSearching: isSearching, of: stream)
    }
  }

  /// The first frame of a stream is to be searched for.
  func startOutOfStep(_ stream: Int, _ slot: Int) {
    streams[stream].decoder.startOutOfStep()
    noteState(of: stream, slot)
  }

  private func skip(
    _ bytes: UInt64, _ side: Side, stream index: Int, _ slot: Int, at position: StreamPosition
  ) {
    sessions.gap(bytes, from: side, at: position, in: streams[index].session)
    if streams[index].readsFrames {
      streams[index].decoder.skip(bytes, at: position, into: output(index, entries[slot]))
      noteState(of: index, slot)
    } else {
      streams[index].decoder.countLost(bytes)
    }
  }

  func finishStream(_ index: Int, _ slot: Int, at position: StreamPosition) {
    guard streams[index].readsFrames else { return }
    streams[index].decoder.finish(at: position, into: output(index, entries[slot]))
    noteState(of: index, slot)
  }

  // MARK: What TCP did

  package func retransmissionConflict(
    _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) {
    guard let session = connections[Int(token)].session else { return }
    sessions.report(
      Anomaly(
        TCPRule.retransmissionConflict, by: entries[Int(token)].side(direction), at: position,
        overlap == .first ? "the first copy is used" : "the last copy is used"), in: session.session)
  }

  package func cameBeforeStart(
    _ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) {
    let slot = Int(token)
    let damage = connections[slot].noteDamage()
    let isFirst = damage.bytesBefore[direction.rawValue] == 0
    damage.bytesBefore[direction.rawValue] &+= bytes
    if isFirst, let session = connections[slot].session {
      reportBeforeStart(slot, direction, session, at: position)
    }
  }

  /// Bytes that came too late to be part of the stream: those known when the session begins, or else the first ones. The
  /// reassembler counts all of them.
  func reportBeforeStart(
    _ slot: Int, _ direction: FlowDirection, _ session: SessionRecord, at position: StreamPosition
  ) {
    guard let bytes = connections[slot].damage?.bytesBefore[direction.rawValue], bytes > 0 else { return }
    sessions.report(
      Anomaly(
        TCPRule.beforeStart, by: entries[slot].side(direction), at: position,
        bytes == 1
          ? "1 byte that precedes the first one captured of this side came after it and is not read"
          : "\(bytes) bytes that precede the first one captured of this side came after it and are not read"),
      in: session.session)
  }

  package func failed(_ connection: FailedConnection) { failedConnections.note(connection) }

  package func noted(
    _ note: TransportNote, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) {
    let slot = Int(token)
    if case .copy = connections[slot].stage { return }
    let transport = makeTransport(slot)
    if case .retransmitted(let range, let wasAcknowledged) = note, let session = connections[slot].session {
      var place = position
      place.offset = range.lowerBound
      sessions.retransmitted(
        Retransmission(
          side: entries[slot].side(direction), position: place, bytes: UInt64(range.count),
          wasAcknowledged: wasAcknowledged), in: session.session)
    }
    transport[direction].take(note, at: position, &sessions.roomForNotes)
  }

  package func ending(_ ending: DirectionEnding, _ direction: FlowDirection, _ token: UInt32) {
    if case .copy(let copies, _) = connections[Int(token)].stage { return copies.ending(ending, direction) }
    // Only sessions are asked for it.
    guard connections[Int(token)].session != nil else { return }
    makeTransport(Int(token))[direction].end(ending)
  }

  func makeTransport(_ slot: Int) -> ConnectionTransport {
    if let transport = connections[slot].transport { return transport }
    let transport = ConnectionTransport()
    connections[slot].transport = transport
    connections[slot].session?.state.transport = transport
    return transport
  }
}
