import WireBytes

/// Bytes of one direction, from a place on at which it looks as if the decoder was out of step without a byte missing: a header
/// that breaks rules, a text that is not UTF-8, a packet within a frame that begins like a frame.
///
/// Two readings are followed. `FrameWalk` goes on as if all was well; `FrameSearch` looks for frames at any other place. Until one
/// of them is believed nobody hears of what is held: a Close that is made up of somebody's payload would be believed by everyone.
///
/// What is decided depends on the bytes and their packets, and not on how they are cut into calls, unless it is known where
/// packets end (`endOfPacket`).
final class StepDoubt {
  /// Why it was asked.
  enum Reason {
    /// A header that does this wrong; the first place that is held.
    case header(HeaderFaults)
    /// The same, and it is the beginning of an HTTP response.
    case http
    /// The text in the open frame is not UTF-8 from this byte of its payload on, which is the first one that is held.
    case text(byte: UInt64)
    /// A packet within the open frame, the one with this number, begins like a frame, at this byte of its payload.
    case packet(byte: UInt64, number: UInt64)
    /// The open frame ends within a packet, and what follows is a header that does this wrong.
    case end(HeaderFaults)
  }

  /// What came of it.
  enum Decision: Equatable {
    /// The decoder was in step. `isSure`: evidence says so, and not only that there is none of anything else.
    case inStep(isSure: Bool)
    /// It was not.
    case outOfStep
    /// There is no reason to ask: with more bytes the packet does not begin like a frame any more.
    case unfounded
  }

  /// Bytes and packets that are held at most.
  static let heldLimit = 64 << 10
  static let packetLimit = 16
  /// Bits from which the decoder is believed to be in step, and below which it is not.
  private static let bitsInStep = 5.0
  private static let bitsOutOfStep = -15.0
  /// The same where all ways of reading meet again, at the end of a packet: for a control frame, and for others.
  private static let bitsOfControl = -5.5
  private static let bitsWhereOthersMeet = -7.5
  /// The same for a packet that ends with a frame behind the suspect header: other bytes do that once in a hundred times.
  private static let bitsOfWholePacket = -8.0
  /// What a frame says that has the right length.
  private static let bitsOfFrame = 12.0
  private static let mostFramesByChance = 16
  /// It is asked whenever so many more bytes are held.
  static let step = 256

  let reason: Reason
  /// The first byte of the frame in question, and the first one that is held.
  let frame: StreamPosition
  let start: StreamPosition
  /// Bytes of what is held that come before the suspect one: they were read without a doubt, and are searched, too.
  private let lead: Int
  /// Bytes of what is held that the decoder has read already.
  let read: Int
  /// What the sender knew of its peer when it sent them.
  let peer: PeerState
  let search: FrameSearch
  private(set) var walk: FrameWalk
  private(set) var finding: FrameSearch.Finding?

  private let evidence: FrameEvidence
  /// What frames of the side begin with, as the last one did.
  private let likelyFirst: UInt8
  /// The first byte of the packet that begins with, or holds, the first byte that is held.
  let packetStart: UInt64
  private let startsPacket: Bool
  private let frameEnd: Int

  init(
    _ reason: Reason, frame: StreamPosition, start: StreamPosition, lead: Int, read: Int, peer: PeerState,
    packetStart: UInt64, startsPacket: Bool, _ search: FrameSearch, _ walk: FrameWalk,
    _ evidence: FrameEvidence, likelyFirst: UInt8
  ) {
    self.likelyFirst = likelyFirst
    (self.reason, self.frame, self.start, self.lead, self.read) = (reason, frame, start, lead, read)
    self.peer = peer
    (self.search, self.walk, self.evidence) = (search, walk, evidence)
    (self.packetStart, self.startsPacket, frameEnd) = (packetStart, startsPacket, walk.place)
    if isWithinFrame { search.frameEnd = frameEnd }
    search.beginsWithPacket = startsPacket && lead == 0
  }

  /// Whether a frame is open, in the middle of which the held bytes begin.
  var isWithinFrame: Bool {
    switch reason {
    case .header, .http: false
    case .text, .packet, .end: true
    }
  }

  /// What a side does wrong that is in step after all.
  var faults: HeaderFaults {
    switch reason {
    case .header(let faults), .end(let faults): faults
    case .text: .text
    case .http, .packet: []
    }
  }

  /// Takes bytes until there is a decision. `endsPacket`: the last of them is the last one of its packet.
  ///
  /// It is asked whenever so many bytes are held, and at the end of a packet. So the answer does not depend on the calls.
  func receive(_ bytes: Span<UInt8>, at position: StreamPosition, peer: PeerState, endsPacket: Bool)
    -> (Int, Decision?)
  {
    if search.heldBytes > lead, search.isNewPacket(position) {
      if let decision = endOfPacket { return (0, decision) }
      if search.heldPackets == Self.packetLimit { return (0, atLimit) }
    }
    var taken = 0
    while taken < bytes.count {
      let count = min(bytes.count - taken, Self.step - search.heldBytes % Self.step)
      hold(bytes.extracting(taken..<taken + count), at: position.advanced(by: taken), peer: peer)
      taken += count
      guard search.heldBytes % Self.step == 0 else { continue }
      if let decision = examine(isEnd: false) { return (taken, decision) }
      if search.heldBytes == Self.heldLimit { return (taken, atLimit) }
    }
    return (taken, endsPacket ? endOfPacket : nil)
  }

  /// The stream offset of the suspect byte.
  var suspect: UInt64 { start.offset &+ UInt64(lead) }

  /// Payload of the open frame that is searched, too, in the packet that it ends in.
  static let searchedPayload = 16 << 10
  /// The same before a byte that is no text.
  static let bytesLikeText = 64

  /// Takes bytes that the decoder has read already.
  func hold(read bytes: Span<UInt8>, at position: StreamPosition, peer: PeerState) {
    var taken = 0
    while taken < bytes.count {
      let count = min(bytes.count - taken, Self.step)
      hold(bytes.extracting(taken..<taken + count), at: position.advanced(by: taken), peer: peer)
      taken += count
    }
  }

  /// Takes at most as many bytes as a search does at once.
  private func hold(_ bytes: Span<UInt8>, at position: StreamPosition, peer: PeerState) {
    if finding == nil {
      finding = search.receive(bytes, at: position, peer: peer).found
    } else {
      search.hold(bytes, at: position, peer: peer)
    }
  }

  /// What is held ends with a packet. A frame that begins and ends with packets is one, whatever else is wrong with it.
  var endOfPacket: Decision? {
    if let decision = examine(isEnd: false) { return decision }
    guard !isHTTP, walk.place == search.heldBytes else { return nil }
    if walk.hasFaults, walk.isMetByFrames(in: search) { return .outOfStep }
    if hasLoneControl || (fillsPacketWithText && !walk.wentOn) || (otherReading && prefersOther) {
      return nil
    }
    if walk.beginsInside {
      // Whether the next packet begins with a frame says something of a control frame that breaks a rule, too.
      return walk.suspectsControl && !walk.wentOn ? nil : decisionWhereOthersMeet(walk.bitsIfFilling)
    }
    guard isHeader else {
      return walk.bitsIfFilling >= 0 ? .inStep(isSure: true) : nil
    }
    let isWhole = !walk.wentOn && startsPacket
    return isWhole || walk.bitsIfFilling >= Self.bitsOfWholePacket ? .inStep(isSure: true) : nil
  }

  /// No more bytes will come, or some are missing.
  var atEnd: Decision {
    if finding == nil { finding = search.lastLook() }
    if let decision = examine(isEnd: true) { return decision }
    if hasLoneControl { return .outOfStep }
    let endsThere = walk.place == search.heldBytes
    if walk.beginsInside, endsThere { return decisionWhereOthersMeet(walk.bitsIfFilling) }
    if otherReading, isHTTP || !endsThere || walk.bitsIfFilling < 0 { return .outOfStep }
    if isHTTP || endsThere || walk.bits > -10 { return .inStep(isSure: endsThere) }
    if isHeader, !walk.wentOn, startsPacket { return .inStep(isSure: false) }
    return .outOfStep
  }

  private var atLimit: Decision {
    // In packets of a few bytes each place is the start of one, and that proves nothing.
    if case .packet = reason, search.heldBytes &- lead <= packetsInDoubt * 4 { return .inStep(isSure: false) }
    return otherReading || hasLoneControl ? .outOfStep : .inStep(isSure: false)
  }

  private var isText: Bool {
    if case .text = reason { true } else { false }
  }

  private var isHTTP: Bool {
    if case .http = reason { true } else { false }
  }

  /// The first look at a packet, which needs no doubt where all of its bytes come at once.
  var isFirstLook: Bool { packetsInDoubt == 1 && search.heldBytes &- lead <= Self.step }

  /// The packets of the suspect bytes.
  private var packetsInDoubt: Int {
    guard case .packet = reason, lead > 0 else { return search.heldPackets }
    return search.heldPackets - 1
  }

  /// A header that breaks rules is the reason.
  private var isHeader: Bool {
    switch reason {
    case .header, .end: true
    case .http, .text, .packet: false
    }
  }

  private func examine(isEnd: Bool) -> Decision? {
    if isHTTP { return nil }
    if isPremiseWrong { return .unfounded }
    while walk.step(in: search, isEnd: isEnd) {
      if walk.meetsFrames, isText || walk.hasFaults { return .outOfStep }
      guard walk.wentOn else { continue }
      if walk.hasLikeControl { return .inStep(isSure: true) }
      if hasLoneControl {
        if walk.bits <= Self.bitsOutOfStep { return .outOfStep }
        continue
      }
      if let bits = walk.bitsWhereOthersMeet {
        return walk.suspectsControl && walk.bits < bits ? .outOfStep : decisionWhereOthersMeet(bits)
      }
      if walk.bits <= Self.bitsOutOfStep { return .outOfStep }
      if walk.bits >= Self.bitsInStep {
        // Both readings may meet again behind a frame that swallowed others.
        let isKnown = finding.map { $0.evidenceEnd <= walk.examined } ?? false
        return isKnown && otherReading && prefersOther ? .outOfStep : .inStep(isSure: true)
      }
    }
    return nil
  }

  /// The suspect frame, or those that follow it, end where a packet ends. Hardly any other bytes lead there: if nothing better is
  /// known of them, it is a frame that breaks a rule.
  private func decisionWhereOthersMeet(_ bits: Double) -> Decision {
    let header = search.header(at: lead)
    // The end of a long length looks like a header that leads there, too. A control frame with a short one may be made up of the end
    // of a frame that one before it swallowed.
    let mayBeRest = walk.suspectsControl && header?.lengthBytes == 0
    let hasOthers = search.framesLead(
      to: walk.endOfSuspect, from: mayBeRest ? 0 : lead + Int(header?.headerBytes ?? 1), like: likelyFirst)
    let needed = walk.suspectsControl ? Self.bitsOfControl : Self.bitsWhereOthersMeet
    return bits >= (hasOthers ? Self.bitsInStep : needed) ? .inStep(isSure: true) : .outOfStep
  }

  /// The decoder met a control frame that breaks a rule which no other frame breaks. If the only reason for the doubt is a packet that
  /// begins like a frame, that counts only once frames were found elsewhere.
  private var hasLoneControl: Bool {
    guard walk.hasLoneControl else { return false }
    if case .packet = reason { return otherReading }
    return true
  }

  /// Frames were found at a place that the decoder would not come to.
  private var otherReading: Bool { finding.map { !walk.meets($0.passedOver) && !isChance($0) } ?? false }

  /// A packet that begins like a frame is all that speaks against the decoder. Where both ways of reading meet again, what follows
  /// proves nothing: the frames before that have to be more than chance makes of payload, and more than those that the decoder met.
  private func isChance(_ finding: FrameSearch.Finding) -> Bool {
    guard case .packet = reason else { return false }
    var (place, bits, frames) = (finding.passedOver, 0.0, 0)
    while !walk.meets(place) {
      // Chance makes no more, and a hostile stream could hold many.
      guard frames < Self.mostFramesByChance, let header = search.header(at: place),
        let next = search.endOfFrame(at: place)
      else { return false }
      let payload = place + Int(header.headerBytes)
      bits += FramesBefore.bits(of: header, like: likelyFirst, evidence)
      bits += min(
        search.bits(
          for: header, payload: payload..<min(payload + evidence.sampleSize(of: header), next), evidence)
          ?? 0,
        16)
      (place, frames) = (next, frames + 1)
    }
    return bits < FrameSearch.requiredBits + Self.bitsOfFrame * Double(walk.headers(before: place))
  }

  /// Whether frames at another place say more than that the decoder's reading leads to a frame again: among short frames one
  /// wrong length in ten does.
  private var prefersOther: Bool {
    guard let finding else { return false }
    switch reason {
    case .end: return finding.passedOver >= frameEnd || walk.bits < Self.bitsInStep
    case .header(let faults):
      return !startsPacket || (faults.count > 1 && search.startsPacket(at: finding.passedOver))
    case .http, .text: return true
    case .packet: return finding.passedOver <= lead
    }
  }

  private var isPremiseWrong: Bool {
    guard case .packet = reason else { return false }
    return !search.beginsLikeFrame(at: lead, left: UInt64(frameEnd &- lead), evidence) && !fillsPacketWithText
  }

  /// The packet within the open frame has the form of exactly one text frame. Only what follows the packet tells whether it is one.
  private var fillsPacketWithText: Bool {
    guard case .packet = reason, let end = search.endOfFrame(at: lead),
      end == search.heldBytes || search.startsPacket(at: end)
    else { return false }
    return isText(at: lead, before: end)
  }

  /// Whether a frame with a text, and nothing but one, is at a place in what is held.
  private func isText(at place: Int, before end: Int) -> Bool {
    guard let header = search.header(at: place), header.opcode == .text, header.fin,
      evidence.isPlausible(header), header.payloadBytes >= 8
    else { return false }
    let payload = place + Int(header.headerBytes)
    guard header.payloadBytes <= UInt64(max(0, end - payload)) else { return false }
    let sample = payload..<payload + min(Int(header.payloadBytes), evidence.sampleSize(of: header))
    return search.bits(for: header, payload: sample, evidence).map { $0 >= (header.masked ? 8 : 2) } ?? false
  }

  /// Notes where the frame in question would end if its length was in the wrong byte order. `before`: its bytes that are not held.
  func noteSwappedEnd(of open: FrameHeader, before: UInt64) {
    guard let header = isWithinFrame ? open : search.header(at: lead), header.lengthBytes > 0 else { return }
    let length =
      header.lengthBytes == 2
      ? UInt64(UInt16(truncatingIfNeeded: header.payloadBytes).byteSwapped) : header.payloadBytes.byteSwapped
    guard length < 1 << 32, before < 1 << 40 else { return }
    let end = Int(length) + Int(header.headerBytes) - Int(before)
    if end > 0, end < search.heldBytes { search.swappedEnd = end }
  }

  // MARK: Words

  /// Payload bytes that a report quotes.
  private static let quoted = 64

  /// What it looks like. `open`: the header of the frame in question, if one is open; `other`: what may have been written into it.
  func description(of open: FrameHeader, other: String?) -> String {
    switch reason {
    case .http: return "an HTTP response begins here"
    case .header:
      let bytes = search.bytes(0..<2).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      return "no frame begins with \(bytes.joined(separator: " ")), and none follows where it would end"
    case .end:
      if let (place, what) = frameWithin {
        let byte = open.payloadBytes &- UInt64(read &- place)
        return "another frame begins at byte \(byte) of its \(open.payloadBytes) bytes of payload: \(what)"
      }
      return other
        ?? "its \(open.payloadBytes) bytes of payload end within packet \(start.packet), and no frame begins after them"
    case .packet(let byte, let number):
      let words = Self.words(ofOtherIn: open, at: byte, packet: number)
      return earlierFrame(than: byte) ?? other ?? otherFrame.map { "\(words): \($0)" } ?? words
    case .text(let byte):
      let known =
        otherFrame.map { "another frame begins at byte \(byte) of its payload: \($0)" }
        ?? earlierFrame(than: byte)
      return known ?? other
        ?? "its \(open.payloadBytes) bytes of payload are text up to byte \(byte), and no frame follows them"
    }
  }

  private static func words(ofOtherIn open: FrameHeader, at byte: UInt64, packet: UInt64) -> String {
    "another frame begins with packet \(packet) at byte \(byte) of its \(open.payloadBytes) bytes of payload"
  }

  /// The same for a packet that begins like a frame and ends with it, where that alone is no reason to believe it.
  func otherInPacket(of open: FrameHeader) -> String? {
    guard case .packet(let byte, let number) = reason, let end = search.endOfFrame(at: lead),
      end == search.heldBytes || search.startsPacket(at: end), let what = otherFrame
    else { return nil }
    return "\(Self.words(ofOtherIn: open, at: byte, packet: number)): \(what)"
  }

  /// Of the payload of the open frame, the place of a frame with a text that is all there.
  private var frameWithin: (place: Int, what: String)? {
    for place in 0..<min(read, Self.searched) where isText(at: place, before: read) {
      guard let header = search.header(at: place), let what = description(of: header, at: place) else {
        continue
      }
      return (place, what)
    }
    return nil
  }
  private static let searched = 4096

  /// The first of the frames that were found before the suspect byte, which is the one at index `byte` of the payload.
  private func earlierFrame(than byte: UInt64) -> String? {
    guard let place = finding.map({ search.reachedBack($0).passedOver }), place < lead,
      let header = search.header(at: place), let what = description(of: header, at: place)
    else { return nil }
    return "another frame begins at byte \(byte &- UInt64(lead - place)) of its payload: \(what)"
  }

  /// The frame that begins with the suspect byte, within the open one.
  private var otherFrame: String? {
    guard let header = search.header(at: lead), evidence.isPlausible(header) else { return nil }
    let payload = lead + Int(header.headerBytes)
    let (end, size) = (frameEnd.subtractingReportingOverflow(payload), header.payloadBytes)
    guard !end.overflow, size <= UInt64(max(0, end.partialValue)) else { return nil }
    return description(of: header, at: lead)
  }

  /// What a frame at a place in what is held is.
  private func description(of header: FrameHeader, at place: Int) -> String? {
    let (payload, size) = (place + Int(header.headerBytes), header.payloadBytes)
    var text = search.bytes(payload..<payload + min(Int(size), Self.quoted))
    for index in text.indices { text[index] ^= header.maskingKeyByte(at: index) }
    let what = "\(header.opcode.name), \(size) B"
    guard header.opcode == .text, !header.rsv1, let quote = String(validating: text, as: UTF8.self) else {
      return what
    }
    return "\(what) \(quote)"
  }
}
