import BasicContainers
import HTTPUpgrade
import StreamReassembly
import WebSocketDecoding
import WireBytes

/// Recognises what a TCP connection carries, and wires it: HTTP until the upgrade, then frames.
///
/// It wires in one place (docs/architecture.md): HTTPUpgrade and WebSocketDecoding do not know each other.
final class ConnectionAnalyzer: ReassemblySink {
  let timeline: Timeline
  private let output: WebSocketOutput
  private var connections = UniqueArray<Connection>()
  private var freeConnections: [Int] = []
  private var decoders = UniqueArray<SessionDecoders>()
  private var freeDecoders: [Int] = []

  /// Connections that began with a TLS record.
  private(set) var tlsConnections: UInt64 = 0

  /// One TCP connection that carries payload.
  private struct Connection: ~Copyable {
    var info: ConnectionInfo
    var clientIsInitiator = true
    /// HTTP before the upgrade.
    var exchange: HTTPExchange?
    /// The slot in `decoders` once frames are read; -1 before.
    var decoders = -1
    /// A session whose upgrade was not granted; it ends with the next request or with the connection.
    var refused: SessionRecord?
    /// Nothing about it is of interest.
    var isOver = false

    func side(_ direction: FlowDirection) -> Side {
      (direction == .fromInitiator) == clientIsInitiator ? .client : .server
    }
  }

  /// Both directions of a session after the upgrade: what the message path touches.
  private struct SessionDecoders: ~Copyable {
    var reference: SessionReference
    var record: SessionRecord
    /// False for drafts whose frames are not those of RFC 6455: their bytes stay unexplained.
    var readsFrames = true
    var client: WebSocketDecoder
    var server: WebSocketDecoder
    var rawClient = SideCounts()
    var rawServer = SideCounts()
  }

  init(timeline: Timeline, options: DecodingOptions) {
    self.timeline = timeline
    output = WebSocketOutput(options: options, sink: timeline)
  }

  // MARK: ReassemblySink

  func opened(_ connection: ConnectionInfo) -> UInt32 {
    let slot: Int
    if let free = freeConnections.popLast() {
      slot = free
      connections[slot] = Connection(info: connection)
    } else {
      slot = connections.count
      connections.append(Connection(info: connection))
    }
    return UInt32(slot)
  }

  func received(
    _ bytes: Span<UInt8>, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition
  ) -> Bool {
    let slot = Int(token)
    let decoders = connections[slot].decoders
    if decoders >= 0 {
      decode(bytes, connections[slot].side(direction), decoders, at: position)
      return true
    }
    if connections[slot].isOver { return false }
    return receiveHTTP(bytes, direction, slot, at: position)
  }

  func lost(_ bytes: UInt64, _ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {
    let slot = Int(token)
    let side = connections[slot].side(direction)
    if connections[slot].decoders >= 0 {
      skip(bytes, side, connections[slot].decoders, at: position)
    } else if let exchange = connections[slot].exchange {
      exchange.skip(bytes, from: side, at: position)
      settle(slot)
    }
  }

  func finished(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {
    let slot = Int(token)
    let side = connections[slot].side(direction)
    if connections[slot].decoders >= 0 {
      finishDecoder(side, connections[slot].decoders, at: position)
    } else if let exchange = connections[slot].exchange {
      exchange.finish(side, at: position)
      settle(slot)
    }
  }

  func closed(
    _ how: ConnectionEnd, by direction: FlowDirection?, _ token: UInt32, at position: StreamPosition
  ) {
    let slot = Int(token)
    let by = direction.map { connections[slot].side($0) }
    if let exchange = connections[slot].exchange {
      exchange.finish(.client, at: position)
      exchange.finish(.server, at: position)
      settle(slot)
    }
    endRefused(slot, how, by: by, at: position)
    if connections[slot].decoders >= 0 {
      endSession(slot, how, by: by, at: position)
    }
    connections[slot].exchange = nil
    connections[slot].isOver = true
    freeConnections.append(slot)
  }

  func retransmissionConflict(_ direction: FlowDirection, _ token: UInt32, at position: StreamPosition) {
    let slot = Int(token)
    guard connections[slot].decoders >= 0 else { return }
    let reference = decoders[connections[slot].decoders].reference
    timeline.report.anomaly(
      Anomaly(
        TCPRule.retransmissionConflict, by: connections[slot].side(direction), at: position,
        "the first copy is used"), in: reference)
  }

  // MARK: HTTP

  private func receiveHTTP(
    _ bytes: Span<UInt8>, _ direction: FlowDirection, _ slot: Int, at position: StreamPosition
  ) -> Bool {
    if connections[slot].exchange == nil {
      guard begin(bytes, direction, slot) else { return false }
    }
    guard let exchange = connections[slot].exchange else { return false }
    let side = connections[slot].side(direction)
    let taken = exchange.receive(bytes, from: side, at: position)
    settle(slot)
    if connections[slot].isOver { return false }
    if taken < bytes.count, connections[slot].decoders >= 0 {
      decode(bytes.dropping(taken), side, connections[slot].decoders, at: position.advanced(by: taken))
    }
    return true
  }

  /// The first bytes of a connection. False when they are nothing that this tool reads.
  private func begin(_ bytes: Span<UInt8>, _ direction: FlowDirection, _ slot: Int) -> Bool {
    // A TLS record: handshake, version 3.x (RFC 8446 §5.1).
    if bytes[0] == 0x16 && (bytes.count < 2 || bytes[1] == 3) {
      tlsConnections += 1
      connections[slot].isOver = true
      return false
    }
    if case .other = HTTPStart.of(bytes, from: connections[slot].side(direction)) {
      // Without a SYN the first packet says nothing about who is the client.
      if case .begun = HTTPStart.of(bytes, from: connections[slot].side(direction).peer) {
        connections[slot].clientIsInitiator.toggle()
      } else {
        connections[slot].isOver = true
        return false
      }
    }
    connections[slot].exchange = HTTPExchange(startCaptured: connections[slot].info.sawStart)
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
      guard exchange.isDone(.client), exchange.isDone(.server) else { return }
      connections[slot].exchange = nil
      replay(exchange, slot)
    case .unknown where connections[slot].decoders >= 0:
      connections[slot].exchange = nil
      replay(exchange, slot)
    case .tunnel:
      // A new protocol begins: what it is, its first bytes say.
      connections[slot].exchange = nil
      replay(exchange, slot)
    case .notHTTP, .switched, .unknown:
      connections[slot].exchange = nil
      connections[slot].isOver = connections[slot].decoders < 0
    }
  }

  /// Feeds what waited in the exchange to whatever comes next.
  private func replay(_ exchange: HTTPExchange, _ slot: Int) {
    for piece in exchange.takeHeld() {
      let isInitiator = (piece.side == .client) == connections[slot].clientIsInitiator
      let direction: FlowDirection = isInitiator ? .fromInitiator : .fromResponder
      switch piece.content {
      case .bytes(let bytes): _ = received(bytes.span, direction, UInt32(slot), at: piece.position)
      case .lost(let lost): self.lost(lost, direction, UInt32(slot), at: piece.position)
      case .end: finished(direction, UInt32(slot), at: piece.position)
      }
    }
  }

  private func answered(_ handshake: Handshake, _ slot: Int) {
    let place = handshake.response?.end ?? handshake.request?.end
    guard let place else { return }
    endRefused(slot, .captureEnd, by: nil, at: place)
    let record = timeline.openSession(
      connections[slot].info, clientIsInitiator: connections[slot].clientIsInitiator, handshake: handshake,
      at: place)
    switch handshake.outcome {
    case .rejected, .incomplete: connections[slot].refused = record
    case .upgraded, .invalid: beginFrames(record, handshake, slot)
    }
  }

  /// A refused session ends: on the connection's end, or when another request follows.
  private func endRefused(_ slot: Int, _ how: ConnectionEnd, by side: Side?, at position: StreamPosition) {
    guard let record = connections[slot].refused else { return }
    connections[slot].refused = nil
    timeline.closeSession(
      record, how, by: side, at: position, client: SideCounts(), server: SideCounts(), suppressed: [])
  }

  // MARK: Frames

  private func beginFrames(_ record: SessionRecord, _ handshake: Handshake, _ slot: Int) {
    let deflate = negotiatedDeflate(handshake)
    // A 101 whose request was not captured may have been answered with anything.
    let allowsCompression = deflate != nil
    let session = SessionDecoders(
      reference: record.reference, record: record, readsFrames: handshake.dialect.hasFrames,
      client: WebSocketDecoder(
        side: .client, allowsCompression: allowsCompression,
        forgetsContext: deflate?.clientNoContextTakeover ?? false),
      server: WebSocketDecoder(
        side: .server, allowsCompression: allowsCompression,
        forgetsContext: deflate?.serverNoContextTakeover ?? false))
    if let free = freeDecoders.popLast() {
      decoders[free] = session
      connections[slot].decoders = free
    } else {
      connections[slot].decoders = decoders.count
      decoders.append(session)
    }
  }

  private func negotiatedDeflate(_ handshake: Handshake) -> DeflateParameters? {
    for element in handshake.extensionsSelected {
      for selected in ExtensionOffer.parse(element) where selected.name.lowercased() == "permessage-deflate" {
        return DeflateParameters(parameters: selected.parameters)
      }
    }
    return nil
  }

  @inline(__always)
  private func decode(_ bytes: Span<UInt8>, _ side: Side, _ index: Int, at position: StreamPosition) {
    timeline.current = decoders[index].reference
    timeline.currentRecord = decoders[index].record
    guard decoders[index].readsFrames else { return countRaw(UInt64(bytes.count), side, index) }
    if side == .client {
      _ = decoders[index].client.receive(bytes, at: position, into: output)
    } else {
      _ = decoders[index].server.receive(bytes, at: position, into: output)
    }
  }

  private func countRaw(_ bytes: UInt64, _ side: Side, _ index: Int) {
    if side == .client {
      decoders[index].rawClient.unexplainedBytes += bytes
    } else {
      decoders[index].rawServer.unexplainedBytes += bytes
    }
  }

  private func skip(_ bytes: UInt64, _ side: Side, _ index: Int, at position: StreamPosition) {
    timeline.current = decoders[index].reference
    timeline.currentRecord = decoders[index].record
    timeline.gap(bytes, from: side, at: position)
    if side == .client {
      decoders[index].client.skip(bytes, at: position, into: output)
    } else {
      decoders[index].server.skip(bytes, at: position, into: output)
    }
  }

  private func finishDecoder(_ side: Side, _ index: Int, at position: StreamPosition) {
    timeline.current = decoders[index].reference
    timeline.currentRecord = decoders[index].record
    if side == .client {
      decoders[index].client.finish(at: position, into: output)
    } else {
      decoders[index].server.finish(at: position, into: output)
    }
  }

  private func endSession(
    _ slot: Int, _ how: ConnectionEnd, by side: Side?, at position: StreamPosition
  ) {
    let index = connections[slot].decoders
    for side in Side.allCases { finishDecoder(side, index, at: position) }
    let suppressed =
      decoders[index].client.suppressedReports.map { ($0.rule, Side.client, $0.count) }
      + decoders[index].server.suppressedReports.map { ($0.rule, Side.server, $0.count) }
    let isRaw = !decoders[index].readsFrames
    timeline.closeSession(
      decoders[index].record, how, by: side, at: position,
      client: isRaw ? decoders[index].rawClient : decoders[index].client.counts,
      server: isRaw ? decoders[index].rawServer : decoders[index].server.counts, suppressed: suppressed)
    timeline.currentRecord = nil
    connections[slot].decoders = -1
    freeDecoders.append(index)
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
