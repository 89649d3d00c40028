import WebSocketDecoding
import WireBytes

/// Both directions of a connection without a handshake. Byte 0: who is the client (bits 0, 1), whether an upgrade is
/// expected (bit 2), how many pieces wait elsewhere at first (bits 3 to 7). Then pieces. A byte each says whose it is (bit 0), whether
/// it comes with the packet of the one before (bit 1), and what it is (bits 2, 3): bytes, after their number; a gap, after its length;
/// the end.
///
/// Whether pieces wait in a buffer first makes no difference, and what is recognized hands over all that came.
func fuzzMidstream(_ input: [UInt8]) throws {
  let script = MidstreamScript(input)
  let direct = try script.run(waiting: 0)
  let handedOver = try script.run(waiting: min(script.waiting, script.pieces.count))
  // A decision may have fallen among the pieces that waited.
  try requireSame(direct, handedOver, "\(script.waiting) pieces waited")
}

private struct MidstreamScript {
  let waiting: Int
  private(set) var pieces: [ReplayBuffer.Piece] = []
  private let options: UInt8

  init(_ bytes: [UInt8]) {
    var input = FuzzInput(bytes)
    options = input.byte()
    waiting = Int(options >> 3)
    var offsets: [UInt64] = [0, 0]
    var hasEnded = [false, false]
    var packet: UInt64 = 1
    while !input.isAtEnd {
      let step = input.byte()
      let side: Side = step & 1 == 0 ? .client : .server
      let index = Int(side.rawValue)
      if step & 2 == 0 { packet += 1 }
      let position = StreamPosition(
        offset: offsets[index], packet: packet, time: CaptureTime(nanoseconds: Int64(packet)))
      let content: ReplayBuffer.Piece.Content
      switch step >> 2 & 3 {
      case 2:
        let lost = input.lostBytes()
        offsets[index] &+= lost
        content = .gap(lost)
      case 3: content = .end
      default:
        let bytes = input.take(Int(input.byte()))
        offsets[index] &+= UInt64(bytes.count)
        content = .bytes(bytes)
      }
      if hasEnded[index] { continue }
      if content == .end { hasEnded[index] = true }
      pieces.append(
        ReplayBuffer.Piece(
          side: side, position: position, peerAcknowledged: offsets[1 - index], content: content))
    }
  }

  /// What was found, and what it hands over, with `waiting` pieces in a buffer at first.
  func run(waiting: Int) throws -> [String] {
    let likely: Side? = options & 2 == 0 ? nil : options & 1 == 0 ? .client : .server
    let detector = MidstreamDetector(
      isClientKnown: options & 3 == 1, likelyClient: likely,
      expecting: options & 4 == 0 ? .none : options & 3 == 3 ? .switched : .requested)
    var buffer = ReplayBuffer()
    for piece in pieces[..<waiting] { buffer.append(piece) }
    if let log = try describe(detector.receive(buffer), after: waiting) { return log }
    for (index, piece) in pieces.enumerated().dropFirst(waiting) {
      var finding = MidstreamDetector.Finding.undecided
      switch piece.content {
      case .bytes(let bytes):
        finding = detector.receive(
          bytes.span, from: piece.side, at: piece.position, peerAcknowledged: piece.peerAcknowledged)
      case .gap(let bytes): detector.gap(bytes, from: piece.side, at: piece.position)
      case .passedOver: break
      case .end: finding = detector.finish(piece.side, at: piece.position)
      }
      if let log = try describe(finding, after: index + 1) { return log }
      try require(detector.cost < 4 * MidstreamDetector.heldLimit, "it takes \(detector.cost) bytes")
    }
    return ["undecided"]
  }

  /// Nil while nothing is known. `count` pieces have come.
  private func describe(_ finding: MidstreamDetector.Finding, after count: Int) throws -> [String]? {
    switch finding {
    case .undecided: return nil
    case .dismissed: return ["dismissed"]
    case .recognized(let found):
      for side in Side.allCases {
        let original = found.swapsSides ? side.peer : side
        let came = pieces[..<count].filter { $0.side == original }.reduce(0) { $0 &+ $1.streamBytes }
        let handedOver = found.replay.pieces.filter { $0.side == side }.reduce(0) { $0 &+ $1.streamBytes }
        try require(
          came == handedOver, "\(came) bytes of the \(side.name) came, \(handedOver) are handed over")
        guard let start = found.start(of: side) else { continue }
        let holdsStart = found.replay.pieces.contains { piece in
          guard piece.side == side, let bytes = piece.bytes else { return false }
          return start.offset &- piece.position.offset < UInt64(bytes.count)
        }
        try require(holdsStart, "the first frame at \(start) is not handed over")
      }
      return [
        "\(found.swapsSides) \(found.masked[0]) \(found.masked[1]) \(found.reason)",
        "\(String(describing: found.start(of: .client))) \(String(describing: found.start(of: .server)))",
      ]
    }
  }
}

extension ReplayBuffer.Piece {
  /// Bytes of the stream that it stands for.
  fileprivate var streamBytes: UInt64 {
    switch content {
    case .bytes(let bytes): UInt64(bytes.count)
    case .gap(let bytes), .passedOver(let bytes): bytes
    case .end: 0
    }
  }
}
