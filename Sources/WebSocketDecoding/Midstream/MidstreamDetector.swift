import WireBytes

/// Recognizes a WebSocket whose handshake was not captured, from the frames of both directions.
///
/// It examines a bounded part of a connection and holds the bytes meanwhile, so that nothing is lost if the answer is yes.
/// Which side is the client may be unknown: then the directions have provisional sides, which the recognition may swap. The
/// frames of a client are masked, those of a server are not (RFC 6455 §5.1). What both directions show is added up in bits,
/// as `FrameSearch` counts them.
package final class MidstreamDetector {
  /// What is known so far.
  package enum Finding {
    case undecided
    case recognized(MidstreamRecognition)
    /// It is something else, or cannot be told within the limits.
    case dismissed
  }

  /// How likely frames are, by what is known of the handshake.
  package enum Expectation {
    /// There may have been none.
    case none
    /// An upgrade to WebSocket was requested, and the response was lost.
    case requested
    /// A 101 was captured, and it is not known to what. Hardly anything else is asked for.
    case switched

    /// Bits in both directions together from which frames are believed.
    package var requiredBits: Double {
      switch self {
      case .none: 24
      case .requested: 13
      case .switched: 8
      }
    }
  }

  /// Bytes of both directions that are examined: twice the largest frame that can be passed over from its middle.
  package static let examinedLimit = 2 << 20
  /// Bytes of memory that the held pieces of one side may take; of older bytes only the number is kept.
  package static let heldLimit = 128 << 10
  /// Gaps, ends and numbers of passed-over bytes that are held of one side.
  private static let numbersLimit = 1024
  /// Packets that do not begin with a frame where one is due, until it is plain that there are no frames.
  private static let falseStartLimit = 16

  /// By provisional side, client first.
  private var directions: InlineArray<2, MidstreamDirection>
  private var held = ReplayBuffer()
  private let isClientKnown: Bool
  private let likelyClient: Side?
  /// Bits in both directions together from which frames are believed here.
  private let required: Double
  private var examinedBytes = 0
  private var isFragmented = false
  /// How often it may be spared when detectors have to go: one that is fed is worth more than one of a single packet.
  private var chances = 0

  /// `isClientKnown`: the sides are not provisional, a handshake has told. `likelyClient` decides where the masks do not
  /// tell.
  package init(
    isClientKnown: Bool = false, likelyClient: Side? = nil, expecting expectation: Expectation = .none
  ) {
    (self.isClientKnown, self.likelyClient) = (isClientKnown, likelyClient)
    required = expectation.requiredBits
    directions = [MidstreamDirection(), MidstreamDirection()]
  }

  /// Bytes of memory that it takes, roughly.
  package var cost: Int { held.cost + directions[0].cost + directions[1].cost }

  /// Whether it is to be spared although detectors have to go. Each yes uses up one chance.
  package func takeChance() -> Bool {
    guard chances > 1 else { return false }
    chances -= 1
    return true
  }

  /// Whether an honest sender's frame can begin with these bytes.
  package static func mayBeginFrame(_ bytes: Span<UInt8>, from side: Side) -> Bool {
    let evidence = FrameEvidence(side: side, allowsCompression: true)
    guard bytes.count >= 2 else { return evidence.isPlausible(bytes[0], side == .client ? 0x80 : 0) }
    return evidence.isPlausible(bytes[0], bytes[1])
  }

  // MARK: What comes

  /// Captured bytes of one side. `peerAcknowledged` is kept with them.
  package func receive(
    _ bytes: Span<UInt8>, from side: Side, at position: StreamPosition, peerAcknowledged: UInt64? = nil
  ) -> Finding {
    guard !bytes.isEmpty else { return .undecided }
    hold(
      ReplayBuffer.Piece(
        side: side, position: position, peerAcknowledged: peerAcknowledged, content: .bytes(bytes.toArray())))
    return examine(bytes, side, position)
  }

  /// `bytes` of one side were not captured.
  package func gap(_ bytes: UInt64, from side: Side, at position: StreamPosition) {
    self[side].gap(bytes)
    hold(ReplayBuffer.Piece(side: side, position: position, content: .gap(bytes)))
  }

  /// One side's stream ends, and that may say what it was.
  package func finish(_ side: Side, at position: StreamPosition) -> Finding {
    self[side].finish(at: position.offset)
    hold(ReplayBuffer.Piece(side: side, position: position, content: .end))
    return decide(isEnd: true).map { .recognized($0) } ?? .undecided
  }

  /// What waited elsewhere until it was known that it is not HTTP, before anything else comes.
  package func receive(_ waiting: consuming ReplayBuffer) -> Finding {
    var finding = Finding.undecided
    held = waiting
    for piece in held.pieces {
      switch piece.content {
      case .bytes(let bytes): finding = examine(bytes.span, piece.side, piece.position)
      case .gap(let bytes): self[piece.side].gap(bytes)
      case .passedOver: self[piece.side].gap()
      case .end:
        self[piece.side].finish(at: piece.position.offset)
        finding = decide(isEnd: true).map { .recognized($0) } ?? .undecided
      }
      if case .undecided = finding { continue }
      return finding
    }
    trim(.client)
    trim(.server)
    return finding
  }

  private func examine(_ bytes: Span<UInt8>, _ side: Side, _ position: StreamPosition) -> Finding {
    guard !bytes.isEmpty else { return .undecided }
    if position.packet != self[side].lastPacket { chances = min(chances + 1, 8) }
    self[side].receive(bytes, at: position)
    examinedBytes += bytes.count
    if self[side].http2.areCertain { return .dismissed }
    if let recognition = decide() { return .recognized(recognition) }
    return isHopeless ? .dismissed : .undecided
  }

  private subscript(side: Side) -> MidstreamDirection {
    _read { yield directions[Int(side.rawValue)] }
    _modify { yield &directions[Int(side.rawValue)] }
  }

  private func hold(_ piece: ReplayBuffer.Piece) {
    held.append(piece)
    trim(piece.side)
  }

  /// Passes over a quarter of the limit at once, because each time looks at all pieces.
  private func trim(_ side: Side) {
    guard held.cost(of: side) > Self.heldLimit * 5 / 4 else { return }
    held.passOverOldest(of: side, downTo: Self.heldLimit)
    isFragmented = held.pieces.count { $0.side == side && $0.bytes == nil } > Self.numbersLimit
  }

  // MARK: Deciding

  /// `isEnd`: a direction has ended.
  private func decide(isEnd: Bool = false) -> MidstreamRecognition? {
    if directions[0].http2.areLikely || directions[1].http2.areLikely { return nil }
    let reading = MidstreamReading.best(
      [directions[0].score, directions[1].score], isClientKnown: isClientKnown, likelyClient: likelyClient)
    guard let reading, reading.bits >= required, isEnd || !waitsForOtherSide(reading) else { return nil }
    return recognition(reading)
  }

  /// The ports say that the other side is the client, and only one direction was seen: the other one is waited for, for a
  /// while.
  private func waitsForOtherSide(_ reading: MidstreamReading) -> Bool {
    guard !isClientKnown, let likelyClient, likelyClient != reading.client else { return false }
    for side in Side.allCases where self[side].lastPacket == 0 { return examinedBytes < 16 << 10 }
    return false
  }

  private func recognition(_ reading: MidstreamReading) -> MidstreamRecognition {
    var starts: InlineArray<2, StreamPosition?> = [nil, nil]
    var seen: [String] = []
    for side in Side.allCases {
      let provisional = reading.client == .client ? side : side.peer
      guard let lead = self[provisional].lead(masked: reading.isMasked(provisional)), lead.bits > 0 else {
        continue
      }
      let frames = lead.headers == 1 ? "1 frame header" : "\(lead.headers) frame headers in a row"
      seen.append("\(frames) from the \(side.name)")
      let first = self[provisional].start(of: lead)
      let holdsFirst = holds(first, provisional)
      let bits = holdsFirst ? self[provisional].bitsToBelieve(startOf: lead) : MidstreamDirection.bitsOfStart
      guard lead.bits >= bits else { continue }
      starts[Int(side.rawValue)] =
        holdsFirst ? first : holds(lead.last, provisional) ? lead.last : nil
    }
    var reason = seen.joined(separator: ", ")
    if reading.hasSameMasks {
      reason += reading.masked[0] ? ", both masked" : ", neither masked"
      if !isClientKnown { reason += ", so the client is a guess" }
    }
    let swaps = reading.client == .server
    if swaps { held.swapSides() }
    return MidstreamRecognition(
      swapsSides: swaps, masked: swaps ? [reading.masked[1], reading.masked[0]] : reading.masked,
      starts: starts, reason: reason + " (other bytes look like this once in 2^\(Int(reading.bits)) times)",
      replay: takeHeld())
  }

  /// Whether nothing came that can be no frame.
  package var mayStillBeFrames: Bool { directions[0].falseStarts == 0 && directions[1].falseStarts == 0 }

  /// Removes and returns what waits: it is no frame.
  package func takeWaiting() -> ReplayBuffer { takeHeld() }

  private func takeHeld() -> ReplayBuffer {
    defer { held = ReplayBuffer() }
    return held
  }

  /// Whether the bytes at this position are still held.
  private func holds(_ position: StreamPosition, _ side: Side) -> Bool {
    guard let first = held.firstBytes(of: side) else { return false }
    return Int64(bitPattern: position.offset &- first.position.offset) >= 0
  }

  private var isHopeless: Bool {
    if isFragmented { return true }
    let hope = max(directions[0].mostBits, directions[1].mostBits)
    let falseStarts = directions[0].falseStarts + directions[1].falseStarts
    if falseStarts >= Self.falseStartLimit && hope < Expectation.none.requiredBits / 2 { return true }
    return examinedBytes > (hope < 6 ? Self.examinedLimit : Self.examinedLimit * 8)
  }
}
