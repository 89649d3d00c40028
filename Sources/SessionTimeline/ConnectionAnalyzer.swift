import BasicContainers
import HTTP1
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// Recognises what a TCP connection carries, and wires it: HTTP until the upgrade, then frames.
///
/// It wires in one place (docs/architecture.md): HTTPUpgrade and WebSocketDecoding do not know each other.
final class ConnectionAnalyzer: ReassemblySink {
  let timeline: Timeline
  let output: WebSocketOutput
  let ports: PortOptions
  private let overlap: ReassemblyLimits.Overlap
  // The message path must not pay for dynamic exclusivity checks (5 % of a run on small frames). They are not
  // needed: while a stream decodes, its events go to `timeline`, which never calls back here.

  /// Where a connection's bytes go; by token. All that the message path reads of a connection.
  @exclusivity(unchecked) private var uncheckedRoutes = UniqueArray<Route>()
  var routes: UniqueArray<Route> {
    @inline(__always) _read { yield unsafe uncheckedRoutes }
    @inline(__always) _modify { yield unsafe &uncheckedRoutes }
  }
  var connections = UniqueArray<Connection>()
  private var freeConnections: [Int] = []
  /// Two a session: what the client sends at an even index, what the server sends behind it.
  @exclusivity(unchecked) private var uncheckedStreams = AlignedSlab<FrameStream>()
  var streams: AlignedSlab<FrameStream> {
    @inline(__always) _read { yield unsafe uncheckedStreams }
    @inline(__always) _modify { yield unsafe &uncheckedStreams }
  }
  private var freeStreams: [Int] = []

  /// Connections that began with a TLS record.
  private(set) var tlsConnections: UInt64 = 0
  /// What the looks for frames without a handshake hold.
  var pickUps = PickUpPool()
  /// What waited in an exchange comes once more: it was tried as HTTP.
  var isReplaying = false

  struct Route {
    /// The client's index in `streams` once frames are read; -1 before.
    var streams: Int32 = -1
    var clientIsInitiator = true
    /// Nothing about the connection is of interest.
    var isOver = false
    /// Frames are read from one side while the other still sends the body of its upgrade request.
    var isHalfUpgraded = false

    func side(_ direction: FlowDirection) -> Side {
      (direction == .fromInitiator) == clientIsInitiator ? .client : .server
    }
  }

  /// One TCP connection that carries payload.
  struct Connection: ~Copyable {
    var info: ConnectionInfo
    /// HTTP before the upgrade.
    var exchange: HTTPExchange?
    /// The look for frames without a handshake.
    var pickUp: MidstreamDetector?
    /// What of its memory is counted in `pickUps`.
    var pickUpCost = 0
    /// Bytes before the first captured one are lost: a handshake may be among them.
    var hasLostStart = false
    /// The upgrade request was not read, so that it is not certain where the client's frames begin.
    var isClientUnsure = false
    /// Frames, because the user says so.
    var isForced = false
    /// The session of an upgrade request whose answer is not in the capture.
    var unanswered: SessionRecord?
    /// What is rare, apart: there may be 200,000 connections.
    var startDamage: StartDamage?
    /// The session whose frames are read.
    var session: SessionRecord?
    /// Sessions whose upgrade was not granted; they end with the connection.
    var refused: [SessionRecord] = []
    var firstFin: FirstFin?
    /// What TCP did to its bytes.
    var transport: ConnectionTransport?
  }

  /// What is missing at the start of a connection.
  final class StartDamage {
    /// What there is of a request that was cut, and may have been for an upgrade.
    var cutRequest: HTTPHead?
    /// Bytes from before the stream's start that came behind it.
    var bytesBefore: InlineArray<2, UInt64> = [0, 0]
  }

  /// One direction of a session after the upgrade: what the message path touches. It must not outgrow 128 bytes
  /// (`AlignedSlab`).
  struct FrameStream: ~Copyable {
    var decoder: WebSocketDecoder
    /// Where its last bytes were captured; packet 0 before the first.
    var last = StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0))
    /// When the packet before brought bytes; `never` if none did.
    var timeBeforeLast = Self.never
    var session: SessionReference
    /// False for drafts whose frames are not those of RFC 6455: their bytes stay unexplained.
    var readsFrames: Bool

    static var never: CaptureTime { CaptureTime(nanoseconds: .min) }

    init(_ decoder: consuming WebSocketDecoder, of session: SessionReference, readsFrames: Bool) {
      self.decoder = decoder
      (self.session, self.readsFrames) = (session, readsFrames)
    }

    var summary: SideSummary {
      SideSummary(
        counts: decoder.counts, compression: decoder.compressionCounts,
        lastBytes: last.packet > 0 ? last : nil,
        timeBeforeLast: timeBeforeLast == Self.never ? nil : timeBeforeLast,
        lastInPieces: decoder.lastMessageInPieces)
    }

    /// Notes a packet that brought bytes.
    @inline(__always)
    mutating func note(_ position: StreamPosition) {
      guard last.packet != position.packet else { return }
      if last.packet > 0 { timeBeforeLast = last.time }
      last = position
    }
  }

  init(
    timeline: Timeline, options: DecodingOptions, ports: PortOptions,
    overlap: ReassemblyLimits.Overlap = .first, pickUpBytes: Int = 32 << 20
  ) {
    self.timeline = timeline
    pickUps.limit = pickUpBytes
    self.overlap = overlap
    self.ports = ports
    output = WebSocketOutput(options: options, sink: timeline)
  }

  // MARK: ReassemblySink

  func opened(_ connection: ConnectionInfo) -> UInt32 {
    let slot: Int
    if let free = freeConnections.popLast() {
      slot = free
      connections[slot] = Connection(info: connection)
      routes[slot] = Route()
    } else {
      slot = connections.count
      connections.append(Connection(info: connection))
      routes.append(Route())
    }
    routes[slot].isOver = !ports.includes(connection)
    return UInt32(slot)
  }

  func received(
    _ bytes: Span<UInt8>, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) -> Bool {
    received(bytes, .none, direction, token, at: position)
  }

  func received(
    _ bytes: Span<UInt8>, _ mark: PayloadMark, _ direction: FlowDirection, _ token: UInt32,
    at position: StreamPosition
  ) -> Bool {
    let route = routes[Int(token)]
    if route.streams >= 0 && !route.isHalfUpgraded {
      decode(bytes, mark, stream: stream(route, direction), at: position)
      return timeline.asksNothing
    }
    if route.isOver { return false }
    if route.isHalfUpgraded, connections[Int(token)].exchange?.isDone(route.side(direction)) ?? true {
      if connections[Int(token)].isClientUnsure, route.side(direction) == .client {
        beginUnsureClient(bytes, Int(token))
      }
      decode(bytes, stream: stream(route, direction), at: position)
      return true
    }
    return receiveHTTP(bytes, direction, Int(token), at: position)
  }

  /// Asks for what bytes of a connection will touch soon.
  func foresee(_ direction: FlowDirection, _ token: UInt32) {
    let route = routes[Int(token)]
    if route.streams >= 0 { streams.prefetch(stream(route, direction)) }
  }

  func wantsMore(_ token: UInt32, confirmed: UInt64?) -> Bool {
    let route = routes[Int(token)]
    guard !timeline.asksNothing else { return false }
    let isOfThisSession = route.streams >= 0 && Int(route.streams) & ~1 == timeline.currentStream
    if isOfThisSession {
      let last = streams[timeline.currentStream + (timeline.askingSide == .client ? 1 : 0)].last.packet
      timeline.confirmed(confirmed, afterPacket: last > 0 ? last : nil)
    } else {
      timeline.confirmed(nil, afterPacket: nil)
    }
    return route.streams >= 0 || !route.isOver
  }

  func carriesSession(_ token: UInt32) -> Bool {
    let slot = Int(token)
    return routes[slot].streams >= 0 || connections[slot].exchange?.awaitsUpgrade ?? false
  }

  func lost(_ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {
    let slot = Int(token)
    let side = routes[slot].side(direction)
    if readsFrames(slot, side) {
      let index = stream(routes[slot], direction)
      select(index)
      timeline.gap(bytes, from: side, at: position)
      if streams[index].readsFrames {
        streams[index].decoder.skip(bytes, at: position, into: output)
      } else {
        streams[index].decoder.countLost(bytes)
      }
    } else if let exchange = connections[slot].exchange {
      exchange.skip(bytes, from: side, at: position)
      settle(slot)
    } else if let pickUp = connections[slot].pickUp {
      pickUp.gap(bytes, from: side, at: position)
    } else {
      connections[slot].hasLostStart = true
    }
  }

  func finished(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {
    let slot = Int(token)
    if connections[slot].firstFin == nil {
      let side = routes[slot].side(direction)
      connections[slot].firstFin = FirstFin(
        side: side, position: position, openPings: connections[slot].session?.openPings(of: side))
    }
    if readsFrames(slot, routes[slot].side(direction)) {
      finishStream(stream(routes[slot], direction), at: position)
    } else if let exchange = connections[slot].exchange {
      exchange.finish(routes[slot].side(direction), at: position)
      settle(slot)
    } else if let pickUp = connections[slot].pickUp {
      if case .recognized(let recognition) = pickUp.finish(routes[slot].side(direction), at: position) {
        begin(recognition, slot)
      }
    }
  }

  func closed(
    _ how: ConnectionEnd, by direction: FlowDirection?, _ token: UInt32, at position: StreamPosition
  ) {
    let slot = Int(token)
    let by = direction.map { routes[slot].side($0) }
    if let exchange = connections[slot].exchange {
      exchange.finish(.client, at: position)
      exchange.finish(.server, at: position)
      settle(slot)
    }
    stopLooking(slot)
    for record in connections[slot].refused {
      endRefused(record, how, by: by, at: position, connections[slot].firstFin)
    }
    connections[slot].refused = []
    if routes[slot].streams >= 0 { endSession(slot, how, by: by, at: position) }
    connections[slot].exchange = nil
    if let transport = connections[slot].transport {
      timeline.roomForNotes += transport[.fromInitiator].count + transport[.fromResponder].count
      connections[slot].transport = nil
    }
    routes[slot].isOver = true
    freeConnections.append(slot)
  }

  func retransmissionConflict(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {
    guard let session = connections[Int(token)].session else { return }
    timeline.report.anomaly(
      Anomaly(
        TCPRule.retransmissionConflict, by: routes[Int(token)].side(direction), at: position,
        overlap == .first ? "the first copy is used" : "the last copy is used"), in: session.reference)
  }

  func cameBeforeStart(
    _ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) {
    let slot = Int(token)
    let damage = startDamage(slot)
    let isFirst = damage.bytesBefore[direction.rawValue] == 0
    damage.bytesBefore[direction.rawValue] &+= bytes
    if isFirst, let session = connections[slot].session {
      reportBeforeStart(slot, direction, session, at: position)
    }
  }

  func startDamage(_ slot: Int) -> StartDamage {
    if let damage = connections[slot].startDamage { return damage }
    let damage = StartDamage()
    connections[slot].startDamage = damage
    return damage
  }

  /// Bytes that came too late to be part of the stream, as far as they are known when the session begins; else the first
  /// ones. All are counted by the reassembler.
  func reportBeforeStart(
    _ slot: Int, _ direction: FlowDirection, _ session: SessionRecord, at position: StreamPosition
  ) {
    guard let bytes = connections[slot].startDamage?.bytesBefore[direction.rawValue], bytes > 0 else {
      return
    }
    timeline.report.anomaly(
      Anomaly(
        TCPRule.beforeStart, by: routes[slot].side(direction), at: position,
        "\(bytes) bytes that precede the first one captured of this side came behind it and are not read"),
      in: session.reference)
  }

  func noted(
    _ note: TransportNote, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) {
    let slot = Int(token)
    let transport = makeTransport(slot)
    if case .retransmitted(let range, let wasAcknowledged) = note, let session = connections[slot].session {
      var place = position
      place.offset = range.lowerBound
      timeline.retransmitted(
        Retransmission(
          side: routes[slot].side(direction), position: place, bytes: UInt64(range.count),
          wasAcknowledged: wasAcknowledged), in: session.reference)
    }
    transport[direction].take(note, at: position, &timeline.roomForNotes)
  }

  func ending(_ ending: DirectionEnding, _ direction: FlowDirection, _ token: UInt32) {
    // Only sessions are asked for it.
    guard connections[Int(token)].session != nil else { return }
    makeTransport(Int(token))[direction].end(ending)
  }

  private func makeTransport(_ slot: Int) -> ConnectionTransport {
    if let transport = connections[slot].transport { return transport }
    let transport = ConnectionTransport()
    connections[slot].transport = transport
    connections[slot].session?.transport = transport
    return transport
  }

  /// Whether what a side sends are frames by now.
  private func readsFrames(_ slot: Int, _ side: Side) -> Bool {
    guard routes[slot].streams >= 0 else { return false }
    return !routes[slot].isHalfUpgraded || connections[slot].exchange?.isDone(side) ?? true
  }

  // MARK: HTTP

  private func receiveHTTP(
    _ bytes: Span<UInt8>, _ direction: FlowDirection, _ slot: Int, at position: StreamPosition
  ) -> Bool {
    if connections[slot].exchange == nil, connections[slot].pickUp == nil, !connections[slot].isForced {
      guard begin(bytes, direction, slot) else { return false }
    }
    if connections[slot].isForced {
      openForced(slot, at: position)
      return received(bytes, direction, UInt32(slot), at: position)
    }
    if let pickUp = connections[slot].pickUp {
      return look(bytes, direction, slot, pickUp, at: position)
    }
    guard let exchange = connections[slot].exchange else { return !routes[slot].isOver }
    let taken = exchange.receive(bytes, from: routes[slot].side(direction), at: position)
    settle(slot)
    if taken < bytes.count, !routes[slot].isOver,
      connections[slot].exchange == nil || routes[slot].isHalfUpgraded
    {
      // The exchange handed over to frames, to a tunnel, or to a look for frames: then it is no HTTP.
      let wasReplaying = isReplaying
      isReplaying = isReplaying || connections[slot].pickUp != nil
      defer { isReplaying = wasReplaying }
      return received(bytes.dropping(taken), direction, UInt32(slot), at: position.advanced(by: taken))
    }
    return !routes[slot].isOver
  }

  /// The first bytes of a connection. False when they are nothing that this tool reads.
  private func begin(_ bytes: Span<UInt8>, _ direction: FlowDirection, _ slot: Int) -> Bool {
    let startIsLost = connections[slot].hasLostStart || !connections[slot].info.sawStart
    if bytes.beginsWithTLSRecord(isFirst: !startIsLost) {
      tlsConnections += 1
      routes[slot].isOver = true
      return false
    }
    if startIsLost, !bytes.beginsWithHTTPHead { return beginPickUp(direction, slot) }
    if case .other = HTTPStart.of(bytes, from: routes[slot].side(direction)) {
      // Without a SYN the first packet says nothing about who is the client.
      if case .begun = HTTPStart.of(bytes, from: routes[slot].side(direction).peer) {
        routes[slot].clientIsInitiator.toggle()
      } else {
        return beginPickUp(direction, slot)
      }
    }
    connections[slot].exchange = HTTPExchange(startCaptured: !startIsLost)
    return true
  }

  /// Acts on what the exchange found, and goes over to frames when HTTP has ended.
  private func settle(_ slot: Int) {
    guard let exchange = connections[slot].exchange else { return }
    if exchange.hasEvents {
      for event in exchange.takeEvents() {
        switch event {
        case .answered(let handshake): answered(handshake, slot)
        case .upgradeRequested, .anomaly: break
        }
      }
    }
    guard let departure = exchange.departure else { return }
    switch departure {
    case .upgraded:
      let isDone = exchange.isDone(.client) && exchange.isDone(.server)
      if exchange.hasLateRequest { connections[slot].isClientUnsure = false }
      routes[slot].isHalfUpgraded = !isDone || connections[slot].isClientUnsure
      if isDone { connections[slot].exchange = nil }
      replay(exchange.takeHeld(), slot)
    case .tunnel:
      // A new protocol begins: what it is, its first bytes say.
      connections[slot].exchange = nil
      replay(exchange.takeHeld(), slot)
    case .notHTTP, .unknown:
      connections[slot].exchange = nil
      if case .notHTTP = departure, connections[slot].info.sawStart, !connections[slot].hasLostStart,
        !ports.areForced(connections[slot].info)
      {
        routes[slot].isOver = true
        return
      }
      beginPickUp(after: exchange, slot)
      let wasReplaying = isReplaying
      isReplaying = true
      look(exchange.takeHeld(), slot)
      isReplaying = wasReplaying
    case .switched:
      connections[slot].exchange = nil
      routes[slot].isOver = true
    }
  }

  /// Feeds what waited in the exchange to whatever comes next.
  func replay(_ waiting: ReplayBuffer, _ slot: Int) {
    for piece in waiting.pieces {
      let isInitiator = (piece.side == .client) == routes[slot].clientIsInitiator
      let direction: FlowDirection = isInitiator ? .fromInitiator : .fromResponder
      switch piece.content {
      case .bytes(let bytes): _ = received(bytes.span, direction, UInt32(slot), at: piece.position)
      case .gap(let count): lost(count, direction, UInt32(slot), at: piece.position)
      // Nothing that waited for a head is passed over.
      case .passedOver: break
      case .end: finished(direction, UInt32(slot), at: piece.position)
      }
    }
  }

  private func answered(_ handshake: Handshake, _ slot: Int) {
    let place = handshake.response?.end ?? handshake.request?.end
    guard let place else { return }
    let record = timeline.openSession(
      connections[slot].info, clientIsInitiator: routes[slot].clientIsInitiator, handshake: handshake,
      at: place)
    switch handshake.outcome {
    case .rejected, .incomplete:
      // A client may try for ever on one connection.
      if connections[slot].refused.count == Self.refusedLimit {
        endRefused(connections[slot].refused.removeFirst(), .gaveUp, by: nil, at: place, nil)
      }
      connections[slot].refused.append(record)
      connections[slot].unanswered = handshake.outcome == .incomplete ? record : nil
    case .upgraded, .invalid:
      connections[slot].isClientUnsure = handshake.request?.isCut ?? true
      beginFrames(record, handshake, slot)
      record.forgetHandshake()
      reportBeforeStart(slot, .fromInitiator, record, at: place)
      reportBeforeStart(slot, .fromResponder, record, at: place)
    }
  }

  private static let refusedLimit = 64

  private func endRefused(
    _ record: SessionRecord, _ how: ConnectionEnd, by side: Side?, at position: StreamPosition,
    _ firstFin: FirstFin?
  ) {
    timeline.closeSession(
      record, SessionFinish(end: how, tcpSide: side, position: position, firstFin: firstFin))
  }

  // MARK: Frames

  private func beginFrames(_ record: SessionRecord, _ handshake: Handshake, _ slot: Int) {
    beginFrames(
      record, DeflateParameters(negotiatedIn: handshake), readsFrames: handshake.dialect.hasFrames, slot)
  }

  /// `compression` is nil when none was agreed on.
  func beginFrames(
    _ record: SessionRecord, _ compression: DeflateParameters?, readsFrames: Bool, _ slot: Int
  ) {
    let base = freeStreams.popLast() ?? streams.count
    for side in Side.allCases {
      let stream = FrameStream(
        WebSocketDecoder(side: side, compression: compression?.compression(of: side) ?? .none),
        of: record.reference, readsFrames: readsFrames)
      let index = base + (side == .client ? 0 : 1)
      if index < streams.count { streams[index] = stream } else { streams.append(stream) }
    }
    timeline.setRecord(record, stream: base)
    connections[slot].session = record
    record.transport = connections[slot].transport
    record.clientIsInitiator = routes[slot].clientIsInitiator
    routes[slot].streams = Int32(base)
  }

  @inline(__always)
  func stream(_ route: Route, _ direction: FlowDirection) -> Int {
    Int(route.streams) &+ (route.side(direction) == .client ? 0 : 1)
  }

  /// Events do not carry their session: the timeline knows whose decoder runs.
  @inline(__always)
  func select(_ index: Int) {
    timeline.current = streams[index].session
    timeline.currentStream = index & ~1
  }

  @inline(__always)
  private func decode(
    _ bytes: Span<UInt8>, _ mark: PayloadMark = .none, stream index: Int, at position: StreamPosition
  ) {
    select(index)
    streams[index].note(position)
    if streams[index].readsFrames {
      if mark == .plainMessages {
        return streams[index].decoder.receive(plainMessages: bytes, at: position, into: output)
      }
      _ = streams[index].decoder.receive(bytes, at: position, into: output)
    } else {
      streams[index].decoder.passOver(UInt64(bytes.count), into: output)
    }
  }

  private func finishStream(_ index: Int, at position: StreamPosition) {
    guard streams[index].readsFrames else { return }
    select(index)
    streams[index].decoder.finish(at: position, into: output)
  }

  private func endSession(
    _ slot: Int, _ how: ConnectionEnd, by side: Side?, at position: StreamPosition
  ) {
    guard let record = connections[slot].session else { return }
    let base = Int(routes[slot].streams)
    finishStream(base, at: position)
    finishStream(base + 1, at: position)
    let suppressed =
      streams[base].decoder.suppressedReports.map { ($0.rule, Side.client, $0.count) }
      + streams[base + 1].decoder.suppressedReports.map { ($0.rule, Side.server, $0.count) }
    timeline.closeSession(
      record,
      SessionFinish(
        end: how, tcpSide: side, position: position, firstFin: connections[slot].firstFin,
        client: streams[base].summary, server: streams[base + 1].summary, suppressed: suppressed,
        transport: record.transport.map {
          SessionTransport(connection: $0, clientIsInitiator: record.clientIsInitiator)
        }))
    timeline.setRecord(nil, stream: base)
    connections[slot].session = nil
    routes[slot].streams = -1
    freeStreams.append(base)
  }
}

extension Handshake.Dialect {
  /// The drafts of 2009 and 2010 frame with 0x00 and 0xFF; from hybi-04 on frames are those of RFC 6455 or
  /// close to them.
  var hasFrames: Bool {
    switch self {
    case .rfc6455: true
    case .hybi(let version): version >= 7
    case .hixie75, .hixie76: false
    }
  }
}
