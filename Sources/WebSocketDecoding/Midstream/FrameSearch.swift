import WireBytes

/// Searches for the place where frames begin again after a gap over a frame header, or where they begin in a stream whose start
/// was not captured.
///
/// Every place whose bytes could be a frame header starts a chain: the header says where the next one must be.
/// What a chain shows is counted in bits (`FrameEvidence`), less the bits that trying many places costs. It is
/// believed once it has `requiredBits`; nothing is believed only because there is nothing better.
///
/// Places are examined once, in order, as soon as their header and the start of their payload are there. So it
/// does not matter how the bytes of a packet are cut into calls, and a search takes time in proportion to them.
///
/// The bytes are held in one piece and not in a `ReplayBuffer`, because a header or a sample of a payload may go across
/// packets, and because places are examined by index: pieces would have to be joined for every look.
final class FrameSearch {
  /// Where frames begin again, and why that is believed.
  struct Finding {
    var position: StreamPosition
    /// Bytes since the gap.
    var passedOver: Int
    var reason: String
    /// Those of them that were not given up before.
    fileprivate(set) var unexplained: UInt64
    /// Up to where the bytes were needed to believe it, counted like `passedOver`.
    fileprivate(set) var evidenceEnd = 0
  }

  /// Bits from which a chain is believed: one in some million searches is led astray.
  static let requiredBits = 24.0
  /// The same where nothing was seen of a side before.
  private static let requiredBitsAtStart = 15.0
  /// The same for a chain from gap to gap, or to the end.
  private static let requiredBitsForAll = 10.0
  /// Bytes that are held while no chain is believed; when they are reached the older half is given up.
  static let heldLimit = 256 << 10
  /// Packets that are held; real packets are large enough never to reach this.
  private static let packetLimit = 8192
  /// Chains that may wait for their next header; a hostile stream could make more.
  private static let chainLimit = 2048
  /// Bytes that are taken at once, so that not many more than needed have to be replayed.
  private static let step = 256

  /// What is known about the mask bit in frames of a side.
  enum Masks {
    /// Every frame so far had the right one.
    case keepRule
    /// Nothing, because no frame of the side was seen.
    case unseen
    /// Frames with the wrong one were seen.
    case breakRule
  }

  /// Hardly any side masks wrongly.
  private static let costOfUnseenMask = 8.0

  /// Of a decoder in doubt: the first byte that is held begins a packet.
  var beginsWithPacket = false
  /// Of a decoder in doubt: calls bring whole packets, so that what is held beyond the frames that are believed does not depend on calls.
  var seesWholePackets = false
  /// The same, in bytes of what is held: where the open frame ends, as its header says.
  var frameEnd: Int?
  /// The same if the bytes of its length are in the wrong order: if frames that lead to certain ones begin there, that is no chance.
  var swappedEnd: Int?

  private let evidence: FrameEvidence
  private let costOfWrongMask: Double
  private let reachesBack: Bool
  /// Bits from which this search believes a chain, and bytes that it holds.
  private let threshold: Double
  private let roomForBytes: Int
  private var held = PayloadBuffer()
  /// Bytes given up since the last gap: the offset of `held`. The offsets below count from the gap, too.
  private var base = 0
  /// Bytes given up that are not accounted for yet.
  private var givenUp: UInt64 = 0
  /// The packets held: their offsets and positions, and what their sender knew of its peer.
  private var packets: [(start: Int, position: StreamPosition, peer: PeerState)] = []
  private var packetsGivenUp = 0
  /// Places at which a header was parsed: a measure of the work, which must be in proportion to the bytes.
  private(set) var placesTried = 0
  /// The next place to examine, and the index of its packet.
  private var place = 0
  private var packetOfPlace = 0
  /// Up to where bytes were needed for the latest look.
  private var lookedUpTo = 0
  /// Chains, by the place where their next header must be.
  private var chains: [Int: FrameChain] = [:]
  /// Ended chains are not removed again before this place.
  private var nextClearing = 0

  /// The best chain with one mask bit, for a search that does not know who sends.
  struct Lead {
    var bits: Double
    var headers: Int
    /// Where its first header is, and the latest one.
    var first: StreamPosition
    var last: StreamPosition
    /// It may have begun earlier: with the first byte that was searched.
    var beginsWithAll: Bool
    /// Its first header begins a packet.
    var startsPacket: Bool
    /// What its latest frame begins with: FIN, RSV1–3 and the opcode.
    var lastFirstByte: UInt8
    /// Stream offset of the first byte after its latest frame.
    var end: UInt64
  }

  private var unmaskedLead: Lead?
  private var maskedLead: Lead?

  /// A search in what `side` sends. Without a gap before the bytes, as at the start of a connection whose handshake is missing, frames may well
  /// begin with the first packet: then fewer bits are required. `masks`: what is known about the mask bit.
  /// `reachesBack`: frames that lead to the first one that is believed are found, too (`reachedBack`); and frames within a packet count
  /// as soon as chance does not explain them, because little else is among them where no byte is missing.
  init(
    side: Side, allowsCompression: Bool, afterGap: Bool = true, masks: Masks = .keepRule,
    reachesBack: Bool = false
  ) {
    self.reachesBack = reachesBack
    evidence = FrameEvidence(
      side: side, allowsCompression: allowsCompression, keepsMaskRule: masks == .keepRule)
    costOfWrongMask = masks == .breakRule ? 0 : Self.costOfUnseenMask
    (threshold, roomForBytes) = (afterGap ? Self.requiredBits : Self.requiredBitsAtStart, Self.heldLimit)
  }

  /// A search in bytes that may or may not be frames, of either side. It finds nothing by itself: `lead` tells what it has seen.
  init(ofUnknownSide: Void) {
    evidence = FrameEvidence(side: nil, allowsCompression: true)
    (costOfWrongMask, reachesBack) = (0, false)
    (threshold, roomForBytes) = (.infinity, 8 << 10)
  }

  /// Bytes of memory that it takes, roughly.
  var cost: Int { held.count + chains.count * 2 * MemoryLayout<FrameChain>.stride + 1024 }

  /// Takes bytes until a chain is believed; what it did not take belongs to the frames that were found.
  func receive(
    _ bytes: Span<UInt8>, at position: StreamPosition, peer: PeerState = .unknown
  ) -> (taken: Int, found: Finding?) {
    var taken = 0
    while taken < bytes.count {
      let count = min(bytes.count - taken, roomForBytes - held.count, Self.step)
      append(bytes.extracting(taken..<taken + count), at: position.advanced(by: taken), peer)
      taken += count
      if let chain = look(isEnd: false) { return (taken, finding(chain)) }
      if held.count == roomForBytes { giveUp(roomForBytes / 2) }
    }
    return (taken, nil)
  }

  /// The current packet is the last one before a gap, or before the end: takes a last look at what is held. If nothing is
  /// found, that is given up.
  ///
  /// `lost`: bytes that are missing after it. With a snapshot length the rest of a packet is missing: a frame that ends with it
  /// is as good as one that fills a packet.
  func endOfPackets(lost: UInt64 = 0) -> Finding? {
    if let chain = look(isEnd: true, lost: lost) { return finding(chain) }
    var leading = lost > 0 ? chains[base + held.count &+ Int(clamping: lost)] : nil
    if leading?.lastPacket != packetsGivenUp + packets.count - 1 { leading = nil }
    giveUp(held.count)
    chains.removeAll()
    (base, place, nextClearing, packetOfPlace, packetsGivenUp) = (0, 0, 0, 0, 0)
    if var leading {
      // It leads over the gap to the next packet. Its frames are given up, but what they showed counts.
      (leading.start, leading.lastPacket) = (0, -1)
      chains[0] = leading
    }
    return nil
  }

  /// The number of bytes given up since the last call.
  func takeGivenUp() -> UInt64 {
    defer { givenUp = 0 }
    return givenUp
  }

  /// Bytes that were held, of one packet.
  struct Held {
    /// The first of them, and the first one of the packet.
    let position: StreamPosition
    let packetStart: UInt64
    let peer: PeerState
    /// They are the last ones that were held.
    let isLast: Bool
  }

  /// Hands over what is held from the place that was found, packet by packet.
  func replay(from finding: Finding, _ receive: (Span<UInt8>, Held) -> Void) {
    replay(from: finding.passedOver, receive)
  }

  /// The same from an offset since the gap. `packetStart`: the first byte of the first packet that is held, if some of it came before.
  func replay(from start: Int, packetStart: UInt64? = nil, _ receive: (Span<UInt8>, Held) -> Void) {
    for (index, packet) in packets.enumerated() {
      let isLast = index + 1 == packets.count
      let end = isLast ? base + held.count : packets[index + 1].start
      let from = max(packet.start, start)
      guard from < end else { continue }
      let known = Held(
        position: packet.position.advanced(by: from - packet.start),
        packetStart: (index == 0 ? packetStart : nil) ?? packet.position.offset, peer: packet.peer,
        isLast: isLast)
      receive(held.bytes.extracting(from - base..<end - base), known)
    }
    held.clear()
  }

  // MARK: For a decoder in doubt

  /// Bytes held.
  var heldBytes: Int { held.count }
  /// Packets that they are from.
  var heldPackets: Int { packets.count }

  /// Whether bytes here are not of the packet that came last.
  func isNewPacket(_ position: StreamPosition) -> Bool { packets.last?.position.packet != position.packet }

  /// Takes bytes without looking for anything in them.
  func hold(_ bytes: Span<UInt8>, at position: StreamPosition, peer: PeerState) {
    append(bytes, at: position, peer)
  }

  /// The current packet is the last one: takes a last look, and keeps what is held.
  func lastLook() -> Finding? { look(isEnd: true).map { finding($0) } }

  /// Headers that a decoder in doubt asked for: a measure of its work, which must be in proportion to the bytes.
  private(set) var headersRead = 0

  /// The header at a place in what is held, if all of it is there.
  func header(at place: Int) -> FrameHeader? {
    headersRead &+= 1
    return held.header(at: place)
  }

  /// Whether a packet begins at a place in what is held. Of the first place that is not known.
  func startsPacket(at place: Int) -> Bool {
    place > 0 && packetIndex(of: base + place).map { packets[$0].start == base + place } ?? false
  }

  /// The same of frames that were found, for which the first place counts, too, if it is known to begin a packet.
  private func beginsPacket(at place: Int) -> Bool {
    startsPacket(at: place) || place == 0 && base == 0 && beginsWithPacket
  }

  /// The index of the packet that an offset since the gap is in.
  private func packetIndex(of offset: Int) -> Int? {
    var (low, high) = (0, packets.count)
    while low < high {
      let middle = (low + high) / 2
      if packets[middle].start <= offset { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }

  /// The first start of a packet after a place in what is held. The first byte that is held counts as one.
  func packetStart(after place: Int) -> Int? {
    packets.first { $0.start - base > place }.map { $0.start - base }
  }

  /// Where the frame at a place in what is held ends, if its header is there and plausible.
  func endOfFrame(at place: Int) -> Int? {
    guard let header = header(at: place), evidence.isPlausible(header) else { return nil }
    return place + Int(header.headerBytes) + Int(clamping: header.payloadBytes)
  }

  /// Whether frames that begin at or after `place` lead to `end`, and too many of them for chance.
  func framesLead(to end: Int, from place: Int, like firstByte: UInt8) -> Bool {
    guard end > place, end <= held.count else { return false }
    let start = held.framesBefore(end, from: place, like: firstByte, evidence) {
      self.startsPacket(at: $0)
    }
    return start < end
  }

  /// `FrameEvidence.bits` for a payload, as far as it is held.
  func bits(for header: FrameHeader, payload: Range<Int>, _ evidence: FrameEvidence) -> Double? {
    held.bits(for: header, payload: payload.clamped(to: 0..<held.count), evidence)
  }

  /// `FrameEvidence.beginsLikeFrame` for what is held.
  func beginsLikeFrame(at place: Int, left: UInt64, _ evidence: FrameEvidence) -> Bool {
    held.beginsLikeFrame(at: place, left: left, packetEnd: packetStart(after: place) ?? .max, evidence)
  }

  /// What is held in `range`, as far as it is.
  func bytes(_ range: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    for index in range.clamped(to: 0..<held.count) { bytes.append(held.bytes[index]) }
    return bytes
  }

  // MARK: Bytes

  private func append(_ bytes: Span<UInt8>, at position: StreamPosition, _ peer: PeerState) {
    if packets.last.map({ $0.position.packet != position.packet }) ?? true {
      if packets.count == Self.packetLimit { giveUp(max(1, held.count / 2)) }
      packets.append((base + held.count, position, peer))
    }
    held.append(bytes)
  }

  /// Drops the oldest bytes, and the chains that began in them.
  private func giveUp(_ count: Int) {
    givenUp &+= UInt64(count)
    var rest = PayloadBuffer()
    rest.append(held.bytes.dropping(count))
    swap(&held, &rest)
    base += count
    let gone = (packets.firstIndex { $0.start > base } ?? packets.count) - 1
    guard gone >= 0 else { return }
    if held.count == 0 {
      packets.removeAll()
    } else {
      let shift = base - packets[gone].start
      packets[gone] = (base, packets[gone].position.advanced(by: shift), packets[gone].peer)
      packets.removeSubrange(..<gone)
    }
    packetsGivenUp += gone
    packetOfPlace = max(0, packetOfPlace - gone)
    place = max(place, base)
    // Without a side nothing is replayed from this buffer.
    if evidence.side != nil { chains = chains.filter { $0.value.start >= base } }
  }

  // MARK: Chains

  /// Examines place after place. Returns the chain to believe, if there is one.
  private func look(isEnd: Bool, lost: UInt64 = 0) -> FrameChain? {
    let end = base + held.count
    while true {
      place = base + evidence.nextPlausible(in: held.bytes, from: place - base)
      guard place + 2 <= end else { break }
      placesTried &+= 1
      guard let header = FrameHeader(parsing: held.bytes.dropping(place - base)) else {
        if !isEnd && !isPassedByChain(end) { return nil }
        place += 1
        continue
      }
      let payload = place - base + Int(header.headerBytes)
      let wanted = payload + evidence.sampleSize(of: header)
      if held.count < wanted && !isEnd {
        if !isPassedByChain(end) { return nil }
        place += 1
        continue
      }
      if let chain = link(header, sample: payload..<min(wanted, held.count)) {
        lookedUpTo = base + wanted
        return chain
      }
      place += 1
    }
    lookedUpTo = end
    guard isEnd else { return nil }
    // A frame that fills the last packet to its end has no next header that could say so.
    let cut = lost > 0 ? filling(lastPacketTo: end &+ Int(clamping: lost)) : nil
    return cut ?? filling(lastPacketTo: end)
  }

  /// The chain that leads here if its last frame, which begins in the last packet, is then to be believed.
  private func filling(lastPacketTo end: Int) -> FrameChain? {
    guard var last = chains[end], last.lastPacket == packetsGivenUp + packets.count - 1 else { return nil }
    last.bits += last.bitsForFilling
    // A chain that begins right after the gap and leaves no byte over explains everything.
    let isAll = last.start == 0 && evidence.side != nil
    return last.bits >= (isAll ? min(threshold, Self.requiredBitsForAll) : threshold) ? last : nil
  }

  /// For a search without a side: the bytes at the place are not enough for a header, but a chain leads over them to one that is there.
  private func isPassedByChain(_ end: Int) -> Bool {
    guard evidence.side == nil, chains[place] == nil else { return false }
    return chains.contains {
      $0.key > place && $0.key + 2 <= end && $0.value.start < place && $0.value.bits > 0
    }
  }

  /// Puts the header at the place into the chain that leads here, or starts one with it. Returns the chain when it
  /// is to be believed.
  private func link(_ header: FrameHeader, sample: Range<Int>) -> FrameChain? {
    let waiting = chains.isEmpty ? nil : chains.removeValue(forKey: place)
    var isCarried = false
    if evidence.side == nil { isCarried = HTTP2Frames.carry(place - base, in: held.bytes) }
    // Streams of short frames have one at the start of a packet now and then. If it is not even known that there are frames, a
    // chain from the middle of a packet is worth its cost only if it begins with a long frame, of which there may be one in many packets.
    if waiting == nil, evidence.side == nil, header.lengthBytes == 0, !isCarried, !startsPacket() {
      return nil
    }
    guard evidence.isPlausible(header),
      let payloadBits = evidence.bits(for: header, sample: held.bytes.extracting(sample))
    else { return nil }
    let startsPacket = startsPacket()
    let position = positionOfPlace
    var chain = FrameChain(
      start: place, first: position, last: position, masked: header.masked, startsPacket: startsPacket,
      bits: -cost(startsPacket: startsPacket) - costOfMask(header))
    chain.beginsWithAll = place == 0
    chain.isCarried = isCarried
    if var waiting, allows(header, after: waiting) {
      waiting.arrive(
        at: place, position, fills: startsPacket && packetNumber == waiting.lastPacket + 1,
        inside: packetNumber == waiting.lastPacket,
        fillsPackets: startsPacket && mayFill(packetNumber - waiting.lastPacket, waiting.lastBytes),
        placesInBits: reachesBack ? roughLog2(place + 2) : nil)
      if waiting.bits > chain.bits || waiting.isCarried { chain = waiting }
    }
    if chain.headers == 0 && !hasRoom(startsPacket: startsPacket) { return nil }
    // Data of a regular structure looks like the same frame again and again, but not alone in a packet.
    let frame = FrameEvidence.Likeness(header, at: place, payload: held.bytes.extracting(sample))
    let isRepeated = chain.headers > 0 && frame.isSame(as: chain.lastFrame)
    if !isRepeated {
      let isLikely = chain.headers > 0 && frame.isLikely(after: chain.lastFrame)
      chain.add(payloadBits + evidence.bits(for: header, isLikely: isLikely))
    }
    chain.lastPacket = packetNumber
    chain.bitsForFilling = isRepeated && !startsPacket ? 0 : evidence.bitsForFilling(header)
    chain.lastFrame = frame
    chain.headers += 1
    if !header.isControl { chain.messageIsOpen = !header.fin }
    chain.lastFirstByte = header.firstByte
    chain.lastBytes = UInt64(header.headerBytes) + header.payloadBytes
    if evidence.side == nil, !chain.isCarried { note(chain) }
    if chain.bits >= threshold, chain.headers > 1 || !needsSecond(header, startsPacket) { return chain }
    let next = UInt64(place) + chain.lastBytes
    let key = Int(clamping: next)
    if chains[key].map({ $0.bits < chain.bits }) ?? true { chains[key] = chain }
    return nil
  }

  /// Among packets of a few bytes each, a wrong length ends with one of them by chance.
  private func mayFill(_ packets: Int, _ bytes: UInt64) -> Bool { bytes / UInt64(max(packets, 1)) >= 4 }

  /// Close to a real header other places look right with its masking key and payload: the end of its extended length, or the last
  /// bytes before it together with it. After a short frame the next header soon tells; most frames begin a packet and are complete messages.
  private func needsSecond(_ header: FrameHeader, _ startsPacket: Bool) -> Bool {
    !(startsPacket && header.fin) && header.payloadBytes <= 4096
  }

  /// Fragments of one message follow one another (RFC 6455 §5.4).
  private func allows(_ header: FrameHeader, after chain: FrameChain) -> Bool {
    guard header.masked == chain.masked else { return false }
    guard let isOpen = chain.messageIsOpen, !header.isControl else { return true }
    return isOpen == (header.opcode == .continuation)
  }

  /// Whether the place is the first byte of a packet.
  private func startsPacket() -> Bool {
    while packetOfPlace + 1 < packets.count && packets[packetOfPlace + 1].start <= place {
      packetOfPlace += 1
    }
    return packetOfPlace < packets.count && packets[packetOfPlace].start == place
  }

  private var positionOfPlace: StreamPosition {
    let packet = packets[packetOfPlace]
    return packet.position.advanced(by: place - packet.start)
  }

  /// The packet of the place, counted from 0 since the gap.
  private var packetNumber: Int { packetsGivenUp + packetOfPlace }

  /// Bits that the number of places tried so far costs. Senders mostly begin a frame with a packet.
  private func cost(startsPacket: Bool) -> Double {
    startsPacket ? 1 + 1.3 * roughLog2(packetNumber + 1) : 6 + roughLog2(place + 2)
  }

  /// If either mask bit may be right, that of the first header proves nothing.
  private func costOfMask(_ header: FrameHeader) -> Double {
    guard let side = evidence.side, evidence.mask == nil else { return 0 }
    return header.masked == (side == .client) ? 1 : 1 + costOfWrongMask
  }

  /// Whether one more chain can wait.
  private func hasRoom(startsPacket: Bool) -> Bool {
    let limit = startsPacket ? Self.chainLimit * 2 : Self.chainLimit
    if chains.count >= limit && place >= nextClearing {
      // Chains whose next header turned out not to be one are found only here.
      chains = chains.filter { $0.key > place }
      nextClearing = place + 4096
    }
    return chains.count < limit
  }

  // MARK: Without a side

  /// The best chain with this mask bit so far. A frame that ends with the current packet counts as one that fills it.
  func lead(masked: Bool) -> Lead? {
    let known = masked ? maskedLead : unmaskedLead
    guard let ending = chains[base + held.count], ending.masked == masked, !ending.isCarried,
      ending.lastPacket == packetsGivenUp + packets.count - 1
    else { return known }
    let bits = ending.bits + ending.bitsForFilling
    if let known, known.bits >= bits { return known }
    return Lead(ending, bits: bits)
  }

  /// The last packet is a header, or the start of one, whose payload is still to come.
  func awaitsPayload(masked: Bool) -> Bool {
    let index = place - base
    guard index + 2 <= held.count, packets.last?.start == place else { return false }
    let (first, second) = (held.bytes[index], held.bytes[index + 1])
    return (second & 0x80 != 0) == masked && evidence.isPlausible(first, second)
  }

  private func note(_ chain: FrameChain) {
    let lead = Lead(chain, bits: chain.bits)
    if chain.masked {
      if lead.bits > maskedLead?.bits ?? 0 { maskedLead = lead }
    } else if lead.bits > unmaskedLead?.bits ?? 0 {
      unmaskedLead = lead
    }
  }

  // MARK: Findings

  private func finding(_ chain: FrameChain) -> Finding {
    let packet = packets.last { $0.start <= chain.start }
    let start =
      packet.map { reachesBack && leads(from: $0.start, to: chain.start) ? $0.start : chain.start }
      ?? chain.start
    let position = packet?.position.advanced(by: start - (packet?.start ?? 0))
    let frames = chain.headers == 1 ? "1 frame header" : "\(chain.headers) frame headers in a row"
    return Finding(
      position: position ?? StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0)),
      passedOver: start,
      reason: "\(frames) (other bytes look like this once in 2^\(Int(chain.bits)) times)",
      unexplained: UInt64(start - base), evidenceEnd: lookedUpTo)
  }

  /// The same with the frames before it that lead to it, if the search is to reach back; without control frames at its start that
  /// do not begin a packet, because bytes of other frames look like them, and one that is made up does the most harm.
  func reachedBack(_ finding: Finding) -> Finding {
    guard reachesBack else { return finding }
    let known = seesWholePackets ? held.count : finding.evidenceEnd - base
    let end = pastControls(finding.passedOver - base, before: known)
    let start = pastRest(
      held.framesBefore(end, from: 0, like: 0, evidence) { beginsPacket(at: $0) || $0 == swappedEnd },
      before: known)
    guard base + start != finding.passedOver, let index = packetIndex(of: base + start) else {
      return finding
    }
    let packet = packets[index]
    var earlier = finding
    earlier.position = packet.position.advanced(by: base + start - packet.start)
    earlier.passedOver = base + start
    earlier.unexplained = UInt64(start)
    return earlier
  }

  /// The first place from this one on, of frames that follow one another, at which a packet begins or there is no control frame.
  private func pastControls(_ place: Int, before end: Int) -> Int {
    var place = place
    while !beginsPacket(at: place), let header = header(at: place), header.isControl,
      let next = endOfFrame(at: place), next + 2 <= end
    {
      place = next
    }
    return place
  }

  /// What follows a frame that was written into the open one is the rest of that, even if it looks like a control frame.
  private func pastRest(_ start: Int, before end: Int) -> Int {
    guard let frameEnd, start < frameEnd, let rest = endOfFrame(at: start), !startsPacket(at: rest),
      header(at: rest)?.isControl ?? false, let next = endOfFrame(at: rest), next - rest == frameEnd - start,
      next + 2 <= end
    else { return start }
    return next
  }

  /// Whether frames lead from the start of a packet to a place in it.
  private func leads(from start: Int, to end: Int) -> Bool {
    var place = start - base
    while place < end - base {
      guard let next = endOfFrame(at: place) else { return false }
      place = next
    }
    return place == end - base
  }
}

extension FrameSearch.Lead {
  fileprivate init(_ chain: FrameChain, bits: Double) {
    self.init(
      bits: bits, headers: chain.headers, first: chain.first, last: chain.last,
      beginsWithAll: chain.beginsWithAll, startsPacket: chain.startsPacket,
      lastFirstByte: chain.lastFirstByte, end: chain.last.offset &+ chain.lastBytes)
  }
}

extension PayloadBuffer {
  fileprivate func header(at place: Int) -> FrameHeader? { FrameHeader(parsing: bytes.dropping(place)) }

  fileprivate func bits(for header: FrameHeader, payload: Range<Int>, _ evidence: FrameEvidence) -> Double? {
    evidence.bits(for: header, sample: bytes.extracting(payload))
  }

  fileprivate func framesBefore(
    _ end: Int, from first: Int, like firstByte: UInt8, _ evidence: FrameEvidence, startsPacket: (Int) -> Bool
  ) -> Int {
    FramesBefore(
      before: end, from: first, in: bytes, like: firstByte, evidence, startsPacket: startsPacket
    ).start
  }

  fileprivate func beginsLikeFrame(at place: Int, left: UInt64, packetEnd: Int, _ evidence: FrameEvidence)
    -> Bool
  {
    evidence.beginsLikeFrame(bytes.dropping(place), left: left, packetEnd: packetEnd &- place)
  }
}
