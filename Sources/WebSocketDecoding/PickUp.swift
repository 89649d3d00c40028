import WireBytes

/// Recognises a WebSocket whose handshake was not captured, by the frames of both directions.
///
/// It looks at a bounded part of a connection and holds it meanwhile, so that nothing is lost when the answer is yes.
/// Who is the client is not known: the frames of a client are masked, those of a server are not (RFC 6455 §5.1).
/// What both directions show is added up in bits, as `FrameSearch` counts them.
package final class PickUp {
  /// Where frames begin in both directions, and why that is believed.
  package struct Recognition: Sendable {
    /// The direction that the client sends in: 0 or 1.
    package let client: Int
    /// Which directions are masked: the client's alone, unless a side breaks that rule.
    package let masked: InlineArray<2, Bool>
    /// The first frame of each direction; nil where none was found so far.
    package let starts: InlineArray<2, StreamPosition?>
    /// What was seen, in words.
    package let reason: String
  }

  /// What is known so far.
  package enum Finding {
    case undecided
    case recognised(Recognition)
    /// It is something else, or cannot be told within the bounds.
    case dismissed
  }

  /// What was held of the connection, or given up.
  package struct Piece: Sendable {
    package enum Content: Sendable {
      case bytes([UInt8])
      /// So many captured bytes are not held any more.
      case passedOver(UInt64)
      case lost(UInt64)
      case end
    }

    package let direction: Int
    package let position: StreamPosition
    fileprivate var isBytes: Bool { if case .bytes = content { true } else { false } }
    package fileprivate(set) var content: Content
  }

  /// Bits in both directions together from which on frames are believed.
  package static let requiredBits = 24.0
  /// The same where an upgrade was asked for and its answer was lost: frames are likely then.
  private static let requiredBitsAfterRequest = 13.0
  /// Bits from which on the place of a direction's first frame is believed once the other direction has shown what the
  /// connection carries; the second number is for a short first packet that begins with it.
  private static let bitsOfStart = 9.0
  private static let bitsOfStartOfPacket = 4.5
  /// Bytes of both directions that are looked at: twice the largest frame that can be passed over from its middle.
  package static let lookedAt = 2 << 20
  /// Bytes that are held in one direction; of older ones only the number is kept.
  package static let heldLimit = 128 << 10
  /// A packet below this many bytes was not filled: its sender had no more to send. The smallest segments that are mostly met
  /// are those of the default MSS (RFC 9293 §3.7.1), 524 bytes beside the timestamps option; for others see `PacketSizes`.
  private static let shortPacket = 512
  /// Bits that it costs to believe that both sides mask, or neither does; other protocols have one form for both sides.
  private static let costOfSameMasks: InlineArray<2, Double> = [24, 8]
  /// Packets that begin with no frame where one is due, until it is plain that there are none.
  private static let falseStartLimit = 16

  private var directions: InlineArray<2, Direction>
  /// The direction of the client where a handshake has told.
  private let knownClient: Int?
  private let likelyClient: Int?
  /// Bits in both directions together from which on frames are believed here.
  private let required: Double
  private var lookedAt = 0
  /// How often it may be passed over when looks have to end: one that is fed is worth more than one of a single packet.
  private var chances = 0
  /// What it costs in memory, roughly.
  package var heldBytes: Int { piecesCost + directions[0].search.cost + directions[1].search.cost }
  private var piecesCost = 0

  private struct Direction {
    let search = FrameSearch(ofUnknownSide: ())
    /// In stream order; those before `first` are gone.
    var pieces: [Piece] = []
    var first = 0
    /// What precedes them: bytes given up and lost ones, neighbours joined.
    var before: [Piece] = []
    var held = 0
    var lastPacket: UInt64 = 0
    var lastPacketBytes = 0
    /// Stream offset of its end, once that is known.
    var end: UInt64?
    var sizes = PacketSizes()
  }

  /// How large the packets of one direction are, and what those begin with that follow a packet which was not filled.
  private struct PacketSizes {
    /// Packets with which a frame is due.
    private var starts: Int32 = 0
    /// Those that do not begin as one, by the mask bit that it would have.
    private var falseStarts: InlineArray<2, Int32> = [0, 0]
    /// The same behind packets of the largest size so far. When there are several, that is the size of full ones.
    private var startsBehindLargest: Int32 = 0
    private var falseStartsBehindLargest: InlineArray<2, Int32> = [0, 0]
    private var largest: Int32 = 0
    private var largestCount: Int32 = 0

    /// A packet of this size is over.
    mutating func ended(_ bytes: Int) {
      let size = Int32(clamping: bytes)
      guard size >= largest else { return }
      if size == largest {
        largestCount += 1
        return
      }
      if largest > 0 {
        starts += startsBehindLargest
        for index in 0...1 { falseStarts[index] += falseStartsBehindLargest[index] }
        (startsBehindLargest, falseStartsBehindLargest) = (0, [0, 0])
      }
      (largest, largestCount) = (size, 1)
    }

    /// A packet behind one of `size` bytes (0: the first one) has to begin with a frame if that one was not full.
    mutating func due(behind size: Int, isFalse: (_ isMasked: Bool) -> Bool) {
      let isBehindLargest = size == 0 || size == Int(largest)
      if isBehindLargest { startsBehindLargest += 1 } else { starts += 1 }
      for index in 0...1 where isFalse(index == 1) {
        if isBehindLargest { falseStartsBehindLargest[index] += 1 } else { falseStarts[index] += 1 }
      }
    }

    private var isLargestFull: Bool { largest >= 128 && largestCount >= 4 }
    var due: Int { Int(starts) + (isLargestFull ? 0 : Int(startsBehindLargest)) }
    func falseStarts(masked: Bool) -> Int {
      let index = masked ? 1 : 0
      return Int(falseStarts[index]) + (isLargestFull ? 0 : Int(falseStartsBehindLargest[index]))
    }
  }

  /// `client` is the direction that the client sends in, where it is known: 0 or 1. `isExpected`: an upgrade was asked for.
  /// `likelyClient` decides where the masks do not tell.
  package init(client: Int? = nil, likelyClient: Int? = nil, isExpected: Bool = false) {
    (knownClient, self.likelyClient) = (client, likelyClient)
    required = isExpected ? Self.requiredBitsAfterRequest : Self.requiredBits
    directions = [Direction(), Direction()]
  }

  /// Whether it is to be kept although looks have to end. Each time the answer is yes, that was one chance.
  package func takeChance() -> Bool {
    guard chances > 1 else { return false }
    chances -= 1
    return true
  }

  /// Captured bytes of one direction.
  package func receive(_ bytes: Span<UInt8>, _ direction: Int, at position: StreamPosition) -> Finding {
    guard !bytes.isEmpty else { return .undecided }
    if position.packet != directions[direction].lastPacket { chances = min(chances + 1, 8) }
    countStart(bytes, direction, position)
    _ = directions[direction].search.receive(bytes, at: position)
    hold(Piece(direction: direction, position: position, content: .bytes(bytes.toArray())), bytes.count)
    lookedAt += bytes.count
    if let recognition = decide() { return .recognised(recognition) }
    return isHopeless ? .dismissed : .undecided
  }

  /// Whether an honest sender's frame can begin with these bytes.
  package static func mayBeginFrame(_ bytes: Span<UInt8>, from side: Side) -> Bool {
    let evidence = FrameEvidence(side: side, allowsCompression: true)
    guard bytes.count >= 2 else { return evidence.isPlausible(bytes[0], side == .client ? 0x80 : 0) }
    return evidence.isPlausible(bytes[0], bytes[1])
  }

  /// `lost` bytes of one direction were not captured.
  package func skip(_ lost: UInt64, _ direction: Int, at position: StreamPosition) {
    _ = directions[direction].search.endOfPackets()
    _ = directions[direction].search.takeGivenUp()
    directions[direction].lastPacketBytes = 0
    hold(Piece(direction: direction, position: position, content: .lost(lost)), 0)
  }

  /// One direction ends, and that may say what it was.
  package func finish(_ direction: Int, at position: StreamPosition) -> Finding {
    hold(Piece(direction: direction, position: position, content: .end), 0)
    directions[direction].end = position.offset
    return decide(isEnd: true).map { .recognised($0) } ?? .undecided
  }

  /// What was held, in the order of the capture.
  package func takeHeld() -> [Piece] {
    let first = directions[0].before + directions[0].pieces[directions[0].first...]
    let second = directions[1].before + directions[1].pieces[directions[1].first...]
    var (i, j, merged) = (0, 0, [Piece]())
    merged.reserveCapacity(first.count + second.count)
    while i < first.count || j < second.count {
      let takesFirst =
        j == second.count || (i < first.count && first[i].position.packet <= second[j].position.packet)
      merged.append(takesFirst ? first[i] : second[j])
      if takesFirst { i += 1 } else { j += 1 }
    }
    directions = [Direction(), Direction()]
    piecesCost = 0
    return merged
  }

  // MARK: Holding

  private func hold(_ piece: Piece, _ bytes: Int) {
    let direction = piece.direction
    let cost = bytes + MemoryLayout<Piece>.stride
    directions[direction].pieces.append(piece)
    directions[direction].held += cost
    piecesCost += cost
    while directions[direction].held > Self.heldLimit { giveUpFirst(direction) }
  }

  private func giveUpFirst(_ direction: Int) {
    let index = directions[direction].first
    let piece = directions[direction].pieces[index]
    var cost = MemoryLayout<Piece>.stride
    directions[direction].first += 1
    switch piece.content {
    case .bytes(let bytes):
      cost += bytes.count
      pass(.passedOver(UInt64(bytes.count)), piece)
    case .passedOver, .lost, .end: pass(piece.content, piece)
    }
    directions[direction].held -= cost
    piecesCost -= cost
    if directions[direction].first >= 256,
      directions[direction].first * 2 > directions[direction].pieces.count
    {
      directions[direction].pieces.removeSubrange(..<directions[direction].first)
      directions[direction].first = 0
    } else {
      directions[direction].pieces[index].content = .end
    }
  }

  private func pass(_ content: Piece.Content, _ piece: Piece) {
    if let last = directions[piece.direction].before.indices.last {
      switch (directions[piece.direction].before[last].content, content) {
      case (.passedOver(let before), .passedOver(let more)):
        directions[piece.direction].before[last].content = .passedOver(before + more)
        return
      case (.lost(let before), .lost(let more)):
        directions[piece.direction].before[last].content = .lost(before &+ more)
        return
      default: break
      }
    }
    directions[piece.direction].before.append(
      Piece(direction: piece.direction, position: piece.position, content: content))
  }

  // MARK: Deciding

  /// A sender that has paused begins with a new frame, if it sends frames: then a packet that begins with something else
  /// speaks against them, unless it lies in a frame that was begun.
  private func countStart(_ bytes: Span<UInt8>, _ direction: Int, _ position: StreamPosition) {
    let isNew = position.packet != directions[direction].lastPacket
    let before = directions[direction].lastPacketBytes
    if isNew, before > 0 { directions[direction].sizes.ended(before) }
    // The first packet may be the end of a frame, but a short one rarely is.
    let isDue = before > 0 ? before < Self.shortPacket : bytes.count < Self.shortPacket
    if isNew, isDue {
      let search = directions[direction].search
      let second = bytes.count > 1 ? bytes[1] : nil as UInt8?
      let first = bytes[0]
      directions[direction].sizes.due(behind: before) { masked in
        let lead = search.lead(masked: masked)
        if let lead, lead.bits >= Self.bitsOfStart, lead.end > position.offset { return false }
        if search.awaitsPayload(masked: masked) { return false }
        let evidence = FrameEvidence(side: masked ? .client : .server, allowsCompression: true)
        return !evidence.isPlausible(first, second ?? (masked ? 0x80 : 0))
      }
    }
    directions[direction].lastPacket = position.packet
    directions[direction].lastPacketBytes = isNew ? bytes.count : before + bytes.count
  }

  /// Who would be the client, and which directions are masked.
  private struct Reading {
    var client: Int
    var masked: InlineArray<2, Bool>
    var bits: Double
  }

  /// `isEnd`: a direction has ended.
  private func decide(isEnd: Bool = false) -> Recognition? {
    let scores: InlineArray<2, (unmasked: Double, masked: Double)> = [
      (score(0, isMasked: false), score(0, isMasked: true)),
      (score(1, isMasked: false), score(1, isMasked: true)),
    ]
    /// A client that masks and a server that does not.
    func asItShouldBe(_ client: Int) -> Reading {
      Reading(
        client: client, masked: [client == 0, client == 1],
        bits: scores[client].masked + scores[1 - client].unmasked)
    }
    /// Both sides mask, or neither does. It needs something of both.
    func alike(_ masked: Bool) -> Reading? {
      let (first, second) =
        masked ? (scores[0].masked, scores[1].masked) : (scores[0].unmasked, scores[1].unmasked)
      guard min(first, second) >= Self.bitsOfStart else { return nil }
      return Reading(
        client: knownClient ?? likelyClient ?? 0, masked: [masked, masked],
        bits: first + second - Self.costOfSameMasks[masked ? 1 : 0])
    }
    var best: Reading?
    for client in 0...1 where knownClient ?? client == client {
      let reading = asItShouldBe(client)
      // The other way round must not be nearly as likely.
      if knownClient == nil, asItShouldBe(1 - client).bits > reading.bits - 8 { continue }
      if reading.bits > best?.bits ?? 0 { best = reading }
    }
    for masked in [false, true] {
      if let reading = alike(masked), reading.bits > best?.bits ?? 0 { best = reading }
    }
    guard var best, best.bits >= required else { return nil }
    // One direction may be enough, and the other one show that its masks tell nothing.
    let (client, server) = (scores[best.client], scores[1 - best.client])
    if best.masked[0] != best.masked[1] {
      if server.masked >= Self.bitsOfStart, server.unmasked < Self.bitsOfStartOfPacket {
        best.masked = [true, true]
      } else if client.unmasked >= Self.bitsOfStart, client.masked < Self.bitsOfStartOfPacket {
        best.masked = [false, false]
      }
      if best.masked[0] == best.masked[1] { best.client = knownClient ?? likelyClient ?? best.client }
    }
    return isEnd || !isToHearBoth(best) ? recognition(best) : nil
  }

  /// Who is the client is not what the ports say, and one direction alone says so: the other one is waited for, for a
  /// while.
  private func isToHearBoth(_ reading: Reading) -> Bool {
    guard knownClient == nil, let likelyClient, likelyClient != reading.client else { return false }
    for direction in 0...1 where directions[direction].lastPacket == 0 { return lookedAt < 16 << 10 }
    return false
  }

  private func score(_ direction: Int, isMasked: Bool) -> Double {
    let lead = directions[direction].search.lead(masked: isMasked)
    let bits = max(0, lead?.bits ?? 0) + (endsWithClose(lead, direction) ? Self.bitsOfLastClose : 0)
    let sizes = directions[direction].sizes
    let falseStarts = sizes.falseStarts(masked: isMasked)
    if falseStarts >= 2, falseStarts * 2 > sizes.due { return -.infinity }
    return bits - Double(falseStarts) * 8
  }

  /// A sender ends its stream right behind a Close frame (RFC 6455 §7.1.1); of what looks like one by chance, little is the
  /// last of its stream.
  private static let bitsOfLastClose = 4.0

  private func endsWithClose(_ lead: FrameSearch.Lead?, _ direction: Int) -> Bool {
    guard let lead, let end = directions[direction].end, lead.end == end else { return false }
    for piece in directions[direction].pieces[directions[direction].first...].reversed() {
      guard case .bytes(let bytes) = piece.content else { continue }
      let place = Int64(bitPattern: lead.last.offset &- piece.position.offset)
      if place >= 0 { return place < bytes.count && bytes[Int(place)] == 0x80 | Opcode.close.rawValue }
    }
    return false
  }

  private func recognition(_ reading: Reading) -> Recognition {
    let client = reading.client
    var starts: InlineArray<2, StreamPosition?> = [nil, nil]
    var seen: [String] = []
    for direction in [client, 1 - client] {
      let isMasked = reading.masked[direction]
      guard let lead = directions[direction].search.lead(masked: isMasked), lead.bits > 0 else { continue }
      let frames = lead.headers == 1 ? "1 frame header" : "\(lead.headers) frame headers in a row"
      seen.append("\(frames) from the \(direction == client ? "client" : "server")")
      guard lead.bits >= (beginsShortPacket(lead, direction) ? Self.bitsOfStartOfPacket : Self.bitsOfStart)
      else {
        continue
      }
      starts[direction] =
        holds(lead.first, direction) ? lead.first : holds(lead.last, direction) ? lead.last : nil
    }
    var reason = seen.joined(separator: ", ")
    if reading.masked[0] == reading.masked[1] {
      reason += reading.masked[0] ? ", both masked" : ", neither masked"
      if knownClient == nil { reason += ", so that who is the client is a guess" }
    }
    return Recognition(
      client: client, masked: reading.masked, starts: starts,
      reason: reason + " (other bytes look like this once in 2^\(Int(reading.bits)) times)")
  }

  private func beginsShortPacket(_ lead: FrameSearch.Lead, _ direction: Int) -> Bool {
    guard directions[direction].first == 0, let first = directions[direction].pieces.first(where: \.isBytes),
      case .bytes(let bytes) = first.content
    else { return false }
    return first.position.offset == lead.first.offset && bytes.count < Self.shortPacket
  }

  private func holds(_ position: StreamPosition, _ direction: Int) -> Bool {
    let first = directions[direction].first
    guard first < directions[direction].pieces.count else { return false }
    return Int64(bitPattern: position.offset &- directions[direction].pieces[first].position.offset) >= 0
  }

  private var isHopeless: Bool {
    var hope = 0.0
    var falseStarts = 0
    for direction in 0...1 {
      for masked in [false, true] {
        hope = max(hope, directions[direction].search.lead(masked: masked)?.bits ?? 0)
      }
      let sizes = directions[direction].sizes
      falseStarts += min(sizes.falseStarts(masked: false), sizes.falseStarts(masked: true))
      if directions[direction].before.count > 1024 { return true }
    }
    if falseStarts >= Self.falseStartLimit && hope < Self.requiredBits / 2 { return true }
    return lookedAt > (hope < 6 ? Self.lookedAt : Self.lookedAt * 8)
  }
}
