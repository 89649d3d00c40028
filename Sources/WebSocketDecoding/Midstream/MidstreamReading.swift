import WireBytes

/// One way to read a connection as WebSocket frames: who would be the client, and which sides mask.
struct MidstreamReading {
  /// What speaks for frames in one direction, in bits.
  struct Score {
    let unmasked: Double
    let masked: Double

    subscript(masked isMasked: Bool) -> Double { isMasked ? masked : unmasked }
  }

  /// In terms of the provisional sides.
  let client: Side
  /// By provisional side, client first.
  let masked: InlineArray<2, Bool>
  /// What speaks for it, in bits.
  let bits: Double

  /// Bits that it costs to believe that neither side masks, or that both do; other protocols have one form for both sides.
  private static let costOfSameMasks: InlineArray<2, Double> = [24, 8]
  /// Bits by which a client must be more likely than its peer.
  private static let lead = 8.0

  /// The most likely reading of what both directions show, by provisional side, client first; nil if nothing speaks for any.
  /// `isClientKnown`: the sides are not provisional. `likelyClient` decides where the masks do not tell.
  static func best(_ scores: InlineArray<2, Score>, isClientKnown: Bool, likelyClient: Side?)
    -> MidstreamReading?
  {
    /// Who is the client where the masks do not tell.
    let guess = isClientKnown ? .client : likelyClient
    let client = MidstreamReading(client: .client, scores)
    let server = MidstreamReading(client: .server, scores)
    var best: MidstreamReading?
    if client.bits > 0, isClientKnown || client.bits >= server.bits + lead { best = client }
    if !isClientKnown, server.bits > 0, server.bits >= client.bits + lead { best = server }
    for masked in [false, true] {
      guard let reading = MidstreamReading(bothMasked: masked, client: guess ?? .client, scores) else {
        continue
      }
      if reading.bits > best?.bits ?? 0 { best = reading }
    }
    guard let best, !best.hasSameMasks else { return best }
    // One direction may be enough, and the other one show that its masks tell nothing.
    let (ofClient, ofServer) = (scores[best.client], scores[best.client.peer])
    let isPlainly = { (score: Score, masked: Bool) in
      score[masked: masked] >= MidstreamDirection.bitsOfStart
        && score[masked: !masked] < MidstreamDirection.bitsOfStartOfPacket
    }
    if isPlainly(ofServer, true) { return best.with(bothMasked: true, client: guess) }
    if isPlainly(ofClient, false) { return best.with(bothMasked: false, client: guess) }
    return best
  }

  private init(client: Side, masked: InlineArray<2, Bool>, bits: Double) {
    (self.client, self.masked, self.bits) = (client, masked, bits)
  }

  /// A client that masks and a server that does not (RFC 6455 §5.1).
  private init(client: Side, _ scores: InlineArray<2, Score>) {
    self.init(
      client: client, masked: [client == .client, client == .server],
      bits: scores[client].masked + scores[client.peer].unmasked)
  }

  /// Both sides mask, or neither does; nil unless both directions show something of it.
  private init?(bothMasked masked: Bool, client: Side, _ scores: InlineArray<2, Score>) {
    let (first, second) = (scores[0][masked: masked], scores[1][masked: masked])
    guard min(first, second) >= MidstreamDirection.bitsOfStart else { return nil }
    self.init(
      client: client, masked: [masked, masked], bits: first + second - Self.costOfSameMasks[masked ? 1 : 0])
  }

  private func with(bothMasked masked: Bool, client: Side?) -> MidstreamReading {
    MidstreamReading(client: client ?? self.client, masked: [masked, masked], bits: bits)
  }

  /// Both sides mask, or neither does.
  var hasSameMasks: Bool { masked[0] == masked[1] }

  /// Whether this side masks.
  func isMasked(_ side: Side) -> Bool { masked[Int(side.rawValue)] }
}

extension InlineArray<2, MidstreamReading.Score> {
  fileprivate subscript(side: Side) -> MidstreamReading.Score { self[Int(side.rawValue)] }
}
