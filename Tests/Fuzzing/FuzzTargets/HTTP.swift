import HTTP1
import WireBytes

/// Both directions of a connection. Byte 0: options; byte 1: how many steps; three bytes a step: what it is and
/// how long; the rest is what the steps send, one after the other.
func fuzzHTTP(_ input: [UInt8]) throws {
  let script = HTTPScript(input)
  let whole = try script.run { bytes in [bytes.count] }
  var cuts = CutPoints(for: input)
  let cut = try script.run { bytes in
    var pieces: [Int] = []
    while pieces.reduce(0, +) < bytes.count {
      // An answer behind a gap is known by the first eight bytes of its packet.
      let length = max(cuts.next(atMost: 40), pieces.isEmpty ? 8 : 1)
      pieces.append(min(length, bytes.count - pieces.reduce(0, +)))
    }
    return pieces
  }
  // What waits has a limit that counts pieces, too: there the cuts may matter.
  guard whole.waitedTooLong == cut.waitedTooLong, !whole.waitedTooLong else { return }
  // A head where a body should go on counts only if it is whole in its packet.
  if whole.hasEndedBody || cut.hasEndedBody { return }
  // What one call brings of a side is read before the other side may go on: only the order may differ.
  try requireSame(whole.log.sorted(), cut.log.sorted(), "cut otherwise")
  for (a, b) in zip(whole.after, cut.after) {
    // Where a head's fault ends HTTP on both sides, the rest of that call may be passed over. What is kept of bytes that cannot
    // be read has a limit that counts pieces, too: the oldest are dropped.
    let agrees =
      whole.mayPassOver || script.mayDropUnread
      ? a.suffix(b.count) == b[...] || b.suffix(a.count) == a[...] : a == b
    try require(agrees, "cut otherwise: \(a.count) and \(b.count) bytes were handed over, \(whole.log)")
  }
}

private struct HTTPScript {
  private enum Step {
    /// `isLate`: they were captured some packets before what was read last.
    case bytes([UInt8], Side, isLate: Bool)
    case lost(UInt64, Side)
    case end(Side)
  }

  private var steps: [Step] = []
  private var limits = HTTPLimits()
  private let startCaptured: Bool
  /// Whether what cannot be read may come to more than is kept of it, in pieces of one byte.
  let mayDropUnread: Bool

  init(_ bytes: [UInt8]) {
    var input = FuzzInput(bytes)
    let options = input.byte()
    startCaptured = options & 1 == 0
    if options & 2 != 0 { (limits.headBytes, limits.heldBytes, limits.fields) = (500, 2000, 12) }
    mayDropUnread = bytes.count * (MemoryLayout<ReplayBuffer.Piece>.stride + 1) > limits.heldBytes
    let plan = (0..<Int(input.byte() & 31)).map { _ in (input.byte(), Int(input.short())) }
    for (kind, length) in plan {
      let side: Side = kind & 1 == 0 ? .client : .server
      switch kind >> 1 & 7 {
      case 0: steps.append(.lost(UInt64(length) << UInt64(kind >> 4), side))
      case 1: steps.append(.end(side))
      default: steps.append(.bytes(input.take(length), side, isLate: kind >> 4 & 3 == 3))
      }
    }
    steps.append(.bytes(input.rest(), options & 4 == 0 ? .client : .server, isLate: false))
  }

  struct Outcome {
    var log: [String] = []
    var isOver = false
    /// The rest of a call in which HTTP ended may be passed over.
    var mayPassOver = false
    /// What the client still has to send of HTTP after the upgrade.
    var remainder: ClientRemainder?
    var after: [[UInt8]] = [[], []]
    var waitedTooLong = false
    var hasEndedBody = false
  }

  func run(_ cut: ([UInt8]) -> [Int]) throws -> Outcome {
    let exchange = HTTP1Exchange(startCaptured: startCaptured, limits: limits)
    var outcome = Outcome()
    var sent: [[UInt8]] = [[], []]
    var offsets: [UInt64] = [0, 0]
    var hasEnded = [false, false]
    for (number, step) in (steps + [.end(.client), .end(.server)]).enumerated() {
      var packet = number
      func position(_ side: Side) -> StreamPosition {
        StreamPosition(
          offset: offsets[Int(side.rawValue)], packet: UInt64(packet), time: CaptureTime(nanoseconds: 0))
      }
      switch step {
      case .bytes(let bytes, let side, let isLate) where !hasEnded[Int(side.rawValue)]:
        if isLate { packet = max(0, number - 3) }
        var start = 0
        for length in cut(bytes) where length > 0 {
          let piece = Array(bytes[start..<start + length])
          start += length
          var taken = 0
          if !outcome.isOver {
            taken =
              act(on: exchange.receive(piece.span, from: side, at: position(side)), &outcome) ?? piece.count
          }
          // What the exchange did not take is for what follows it.
          if taken < piece.count, side == .client, let remainder = outcome.remainder {
            let rest = Array(piece[taken...])
            let place = position(side).advanced(by: taken)
            taken += act(on: remainder.receive(rest.span, at: place), &outcome) ?? rest.count
          }
          try require((0...piece.count).contains(taken), "\(taken) of \(piece.count) bytes taken")
          offsets[Int(side.rawValue)] &+= UInt64(piece.count)
          sent[Int(side.rawValue)] += piece
          outcome.after[Int(side.rawValue)] += piece[taken...]
        }
      case .lost(let lost, let side) where lost > 0 && !hasEnded[Int(side.rawValue)]:
        if side == .client, let remainder = outcome.remainder {
          _ = act(on: remainder.skip(lost, at: position(side)), &outcome)
        } else if !outcome.isOver {
          _ = act(on: exchange.skip(lost, from: side, at: position(side)), &outcome)
        }
        offsets[Int(side.rawValue)] &+= lost
      case .end(let side) where !hasEnded[Int(side.rawValue)]:
        hasEnded[Int(side.rawValue)] = true
        if side == .client, let remainder = outcome.remainder {
          _ = act(on: remainder.finish(at: position(side)), &outcome)
        } else if !outcome.isOver {
          _ = act(on: exchange.finish(side, at: position(side)), &outcome)
        }
      default: break
      }
    }
    outcome.hasEndedBody = exchange.hasEndedBody
    for side in 0...1 {
      try require(
        sent[side].suffix(outcome.after[side].count) == outcome.after[side][...],
        "what is handed over is not the end of the stream")
    }
    let (asked, answered) = (
      outcome.log.count { $0.hasPrefix("ask ") }, outcome.log.count { $0.hasPrefix("answer ") }
    )
    try require(asked == answered, "\(asked) upgrade requests and \(answered) outcomes")
    return outcome
  }

  /// Returns how many bytes of the call were taken when HTTP ended with it, else nil.
  private func act(on step: ExchangeStep, _ outcome: inout Outcome) -> Int? {
    switch step {
    case .taken: return nil
    case .found(let events):
      note(events, &outcome)
      return nil
    case .handOver(let handOver):
      outcome.isOver = true
      note(handOver.events, &outcome)
      switch handOver.next {
      case .webSocket(let handshake, let clientStart):
        note(handshake, &outcome)
        if case .after(let remainder) = clientStart { outcome.remainder = remainder }
        outcome.log.append("WebSocket")
      case .unnamed(let handshake):
        note(handshake, &outcome)
        outcome.log.append("unnamed")
      case .notHTTP, .unknown:
        outcome.mayPassOver = true
        outcome.log.append("\(handOver.next)")
      case .tunnel, .other: outcome.log.append("\(handOver.next)")
      }
      replay(handOver.replay, &outcome)
      return handOver.taken
    }
  }

  private func act(on step: ClientRemainder.Step, _ outcome: inout Outcome) -> Int? {
    guard case .ended(let end) = step else { return nil }
    outcome.remainder = nil
    if let anomaly = end.anomaly { note([.anomaly(anomaly)], &outcome) }
    replay(end.replay, &outcome)
    return end.taken
  }

  private func replay(_ buffer: ReplayBuffer, _ outcome: inout Outcome) {
    for piece in buffer.pieces { outcome.after[Int(piece.side.rawValue)] += piece.bytes ?? [] }
  }

  private func note(_ events: [ExchangeEvent], _ outcome: inout Outcome) {
    for event in events {
      switch event {
      case .upgradeRequested(let head): outcome.log.append("ask \(text(head))")
      case .notUpgraded(let handshake): note(handshake, &outcome)
      case .requestTooLarge(let position, let detail):
        outcome.log.append("large \(position.offset) \(detail)")
      case .cutRequestRefused(let head, let status): outcome.log.append("cut \(text(head)) \(status)")
      case .connectRefused(let target, _, let status): outcome.log.append("connect \(target) \(status)")
      case .refusalBody(let body): outcome.log.append("body \(body.count) \(body.bytes)")
      case .anomaly(let anomaly):
        outcome.log.append(text(anomaly))
        if anomaly.rule == HTTPRule.heldTooLong { outcome.waitedTooLong = true }
      }
    }
  }

  private func note(_ handshake: Handshake, _ outcome: inout Outcome) {
    let (request, response) = (handshake.request.map(text) ?? "-", handshake.response.map(text) ?? "-")
    outcome.log.append(
      "\(handshake.request == nil ? "lone answer" : "answer") \(handshake.outcome) \(request) \(response) "
        + handshake.anomalies.map(text).joined(separator: "|"))
    // Read by reports, so it must not trap either.
    _ = handshake.url()
    for element in handshake.extensionsOffered + handshake.extensionsSelected {
      _ = ExtensionOffer.parse(element)
    }
  }

  private func text(_ head: HTTPHead) -> String {
    let fields = head.headers.map { "\($0.name): \($0.value)" }.joined(separator: "|")
    return "\(head.method) \(head.target) \(head.status) \(head.reason) [\(fields)] "
      + "\(head.start.offset)-\(head.end.offset)"
  }

  private func text(_ anomaly: Anomaly) -> String {
    "\(anomaly.rule.name) \(anomaly.position.offset)#\(anomaly.position.packet) \(anomaly.detail)"
  }
}
