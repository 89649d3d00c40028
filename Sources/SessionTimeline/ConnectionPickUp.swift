import HTTP1
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// Which connections are of interest by their ports.
public struct PortOptions: Sendable {
  /// Only connections with one of these ports at either end are looked at; all when empty.
  public var only: Set<UInt16> = []
  /// What goes to or from one of these ports and is neither HTTP nor TLS is read as WebSocket frames.
  public var asWebSocket: Set<UInt16> = []

  /// Every port, nothing forced.
  public init() {}

  func includes(_ connection: ConnectionInfo) -> Bool {
    only.isEmpty || only.contains(connection.initiator.port) || only.contains(connection.responder.port)
  }

  func areForced(_ connection: ConnectionInfo) -> Bool {
    asWebSocket.contains(connection.initiator.port) || asWebSocket.contains(connection.responder.port)
  }
}

/// Sessions whose handshake is not in the capture, or not all of it.
extension ConnectionAnalyzer {
  /// The first bytes are no HTTP head. False when frames cannot be expected: a WebSocket begins with a handshake, so that a
  /// connection whose first bytes were captured is none.
  func beginPickUp(_ direction: FlowDirection, _ slot: Int) -> Bool {
    let info = connections[slot].info
    if ports.areForced(info) {
      forceFrames(slot)
      return true
    }
    guard !info.sawStart || connections[slot].hasLostStart else {
      routes[slot].isOver = true
      return false
    }
    startLooking(MidstreamDetector(likelyClient: likelyClient(slot)), slot)
    return true
  }

  /// HTTP ended, and what follows may be frames: the answer to an upgrade request was not captured, or the exchange
  /// was picked up in the middle itself.
  func beginPickUp(after exchange: HTTPExchange, _ slot: Int) {
    if ports.areForced(connections[slot].info) { return forceFrames(slot) }
    guard let request = connections[slot].unanswered?.handshake?.request else {
      if let cutRequest = exchange.cutRequest { startDamage(slot).cutRequest = cutRequest }
      return startLooking(MidstreamDetector(likelyClient: likelyClient(slot)), slot)
    }
    // Where a request ends that was cut is not known: then both sides are waited for.
    startLooking(MidstreamDetector(isClientKnown: true, isExpected: !request.isCut), slot)
  }

  /// The end that opened the connection, or most likely did: servers listen on low ports.
  private func likelyClient(_ slot: Int) -> Side? {
    let info = connections[slot].info
    if info.sawStart { return routes[slot].side(.fromInitiator) }
    for limit in [1024, 32_768] as [UInt16]
    where (info.initiator.port < limit) != (info.responder.port < limit) {
      return routes[slot].side(info.responder.port < limit ? .fromInitiator : .fromResponder)
    }
    return nil
  }

  private func startLooking(_ detector: MidstreamDetector, _ slot: Int) {
    connections[slot].pickUp = detector
    connections[slot].pickUpCost = 0
    countPickUp(slot)
  }

  /// Bytes that may be frames. False when the connection is of no interest any more.
  func look(
    _ bytes: Span<UInt8>, _ direction: FlowDirection, _ slot: Int, _ detector: MidstreamDetector,
    at position: StreamPosition
  ) -> Bool {
    if !isReplaying, bytes.beginsWithTLSRecord(isFirst: false) || bytes.beginsWithHTTPHead {
      stopLooking(slot)
      return receivedAnew(bytes, direction, slot, at: position)
    }
    return settle(detector.receive(bytes, from: routes[slot].side(direction), at: position), slot)
  }

  /// What waited in an exchange may be frames. Without a detector it goes to whatever comes next.
  func look(_ waiting: ReplayBuffer, _ slot: Int) {
    if let detector = connections[slot].pickUp {
      _ = settle(detector.receive(waiting), slot)
    } else {
      replay(waiting, slot)
    }
  }

  /// Acts on what was found. False when the connection is of no interest any more.
  private func settle(_ finding: MidstreamDetector.Finding, _ slot: Int) -> Bool {
    countPickUp(slot)
    switch finding {
    case .undecided:
      letGoOfPickUps()
      return !routes[slot].isOver
    case .dismissed:
      stopLooking(slot)
      routes[slot].isOver = true
      return false
    case .recognized(let recognition):
      begin(recognition, slot)
      return true
    }
  }

  /// It was another protocol all the time, or is one now.
  private func receivedAnew(
    _ bytes: Span<UInt8>, _ direction: FlowDirection, _ slot: Int, at position: StreamPosition
  ) -> Bool {
    if bytes.beginsWithHTTPHead {
      let isResponse = if case .begun = HTTPStart.of(bytes, from: .server) { true } else { false }
      routes[slot].clientIsInitiator = (direction == .fromInitiator) != isResponse
    }
    return received(bytes, direction, UInt32(slot), at: position)
  }

  /// What it holds changed.
  private func countPickUp(_ slot: Int) {
    guard let pickUp = connections[slot].pickUp else { return }
    pickUps.heldBytes += pickUp.cost - connections[slot].pickUpCost
    connections[slot].pickUpCost = pickUp.cost
  }

  func stopLooking(_ slot: Int) {
    guard connections[slot].pickUp != nil else { return }
    pickUps.heldBytes -= connections[slot].pickUpCost
    connections[slot].pickUp = nil
  }

  /// What is looked at waits in memory: beyond the limit connections are let go in turn.
  private func letGoOfPickUps() {
    while pickUps.heldBytes > pickUps.limit {
      pickUps.hand = pickUps.hand + 1 < connections.count ? pickUps.hand + 1 : 0
      let slot = pickUps.hand
      guard let pickUp = connections[slot].pickUp, !pickUp.takeChance() else { continue }
      stopLooking(slot)
      routes[slot].isOver = true
      pickUps.letGo += 1
    }
  }

  // MARK: Sessions

  /// The client's first bytes after an answer whose request is not in the capture: frames, or what is left of HTTP.
  func beginUnsureClient(_ bytes: Span<UInt8>, _ slot: Int) {
    connections[slot].isClientUnsure = false
    if connections[slot].exchange == nil { routes[slot].isHalfUpgraded = false }
    if !MidstreamDetector.mayBeginFrame(bytes, from: .client) {
      streams[Int(routes[slot].streams)].decoder.startOutOfStep()
    }
  }

  func begin(_ recognition: MidstreamRecognition, _ slot: Int) {
    if recognition.swapsSides {
      routes[slot].clientIsInitiator.toggle()
      if let side = connections[slot].firstFin?.side { connections[slot].firstFin?.side = side.peer }
    }
    stopLooking(slot)
    guard let first = recognition.replay.pieces.first else { return }
    openPickedUp(slot, at: first.position, recognition.reason)
    var isBegun: InlineArray<2, Bool> = [false, false]
    for side in Side.allCases {
      let index = stream(routes[slot], direction(of: side, slot))
      if recognition.start(of: side) == nil {
        streams[index].decoder.startOutOfStep()
        isBegun[Int(side.rawValue)] = true
      } else {
        streams[index].decoder.startInTheMiddle()
      }
    }
    for piece in recognition.replay.pieces {
      let (direction, side) = (direction(of: piece.side, slot), Int(piece.side.rawValue))
      let index = stream(routes[slot], direction)
      var bytesBefore = 0
      if !isBegun[side], let start = recognition.start(of: piece.side) {
        let ahead = Int64(bitPattern: start.offset &- piece.position.offset)
        if let bytes = piece.bytes, ahead < bytes.count {
          bytesBefore = Int(max(0, ahead))
          isBegun[side] = true
        }
      }
      select(index)
      switch piece.content {
      case .bytes(let bytes) where !isBegun[side]:
        streams[index].decoder.passOver(UInt64(bytes.count), into: output)
      case .bytes(let bytes):
        if bytesBefore > 0 { streams[index].decoder.passOver(UInt64(bytesBefore), into: output) }
        _ = received(
          bytes.span.dropping(bytesBefore), direction, UInt32(slot),
          at: piece.position.advanced(by: bytesBefore))
      case .passedOver(let bytes): streams[index].decoder.passOver(bytes, into: output)
      case .gap(let bytes) where !isBegun[side]:
        // Before the first frame a gap is only counted.
        timeline.gap(bytes, from: piece.side, at: piece.position)
        streams[index].decoder.countLost(bytes)
      case .gap(let bytes): lost(bytes, direction, UInt32(slot), at: piece.position)
      case .end: finished(direction, UInt32(slot), at: piece.position)
      }
    }
  }

  private func direction(of side: Side, _ slot: Int) -> FlowDirection {
    (side == .client) == routes[slot].clientIsInitiator ? .fromInitiator : .fromResponder
  }

  /// The user says that it is a WebSocket.
  private func forceFrames(_ slot: Int) {
    let info = connections[slot].info
    routes[slot].clientIsInitiator =
      ports.asWebSocket.contains(info.responder.port) || !ports.asWebSocket.contains(info.initiator.port)
    connections[slot].isForced = true
  }

  func openForced(_ slot: Int, at position: StreamPosition) {
    let isFromStart =
      connections[slot].info.sawStart && !connections[slot].hasLostStart && position.offset == 0
    openPickedUp(slot, at: position, "frames because of the port, as was asked for")
    if isFromStart { return }
    for side in 0...1 { streams[Int(routes[slot].streams) + side].decoder.startOutOfStep() }
  }

  private func openPickedUp(_ slot: Int, at position: StreamPosition, _ reason: String) {
    let record: SessionRecord
    var compression: DeflateParameters? = DeflateParameters()
    if let unanswered = connections[slot].unanswered {
      record = unanswered
      connections[slot].unanswered = nil
      connections[slot].refused.removeAll { $0 === unanswered }
      compression = unanswered.handshake.flatMap { DeflateParameters(expectedAfter: $0) }
    } else {
      let handshake = connections[slot].startDamage?.cutRequest.map { Handshake(request: $0, response: nil) }
      record = timeline.openSession(
        connections[slot].info, clientIsInitiator: routes[slot].clientIsInitiator, handshake: handshake,
        at: position)
    }
    record.recognition = SessionRecord.Recognition(position: position, reason: reason)
    timeline.report.anomaly(
      Anomaly(SessionRule.pickedUp, by: nil, at: position, reason), in: record.reference)
    beginFrames(record, compression, readsFrames: true, slot)
    reportBeforeStart(slot, .fromInitiator, record, at: position)
    reportBeforeStart(slot, .fromResponder, record, at: position)
  }
}

/// What all looks for frames hold together.
struct PickUpPool {
  /// Bytes held for all connections.
  var limit = 32 << 20
  var heldBytes = 0
  /// Connections that were let go before it was known what they carry.
  var letGo: UInt64 = 0
  /// The slot that is looked at next when one has to go.
  var hand = 0
}

extension Span where Element == UInt8 {
  /// A handshake record, version 3.x, or in the middle of a connection any record (RFC 8446 §5.1, RFC 5246 §6.2.1).
  func beginsWithTLSRecord(isFirst: Bool) -> Bool {
    if isFirst { return self[0] == 0x16 && (count < 2 || self[1] == 3) }
    return count >= 5 && (0x14...0x17).contains(self[0]) && self[1] == 3 && self[2] <= 4
      && uint16(at: 3) <= 16_384 + 2048
  }

  /// A status line, or a request line as far as it is there. Without its first bytes a stream may be anything, and many
  /// things begin with a word and a space.
  var beginsWithHTTPHead: Bool {
    if case .begun = HTTPStart.of(self, from: .server) { return true }
    guard let space = firstIndex(of: 0x20, upTo: 25), space > 2, count > space + 1 else { return false }
    for index in 0..<space where !(0x41...0x5A).contains(self[index]) { return false }
    guard let end = firstIndex(of: 0x0A, upTo: count) else {
      // The path, the absolute form, or the asterisk of OPTIONS.
      return [0x2F, 0x68, 0x2A].contains(self[space + 1])
    }
    let version: [7 of UInt8] = [0x48, 0x54, 0x54, 0x50, 0x2F, 0x31, 0x2E]  // HTTP/1.
    let start = end - (end > 0 && self[end - 1] == 0x0D ? 1 : 0) - 8
    guard start > space else { return false }
    for index in 0..<7 where self[start + index] != version[index] { return false }
    return true
  }

  private func firstIndex(of byte: UInt8, upTo limit: Int) -> Int? {
    for index in 0..<Swift.min(limit, count) where self[index] == byte { return index }
    return nil
  }
}
