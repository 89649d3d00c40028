import WireBytes

/// Goes from header to header as a decoder does that is in step, over bytes that are held, and weighs what it meets, in bits.
///
/// A peer that breaks a rule is in step all the same: its headers follow one another, they are mostly where segments begin, and
/// they break the same rule or none. Bytes that are not headers lead to other places, and break other rules.
struct FrameWalk {
  /// The place of the next header, in bytes of what is held.
  private(set) var place: Int
  /// What speaks for the decoder's being in step, in bits.
  private(set) var bits: Double
  /// Headers that it met.
  private(set) var headers = 0
  /// Bytes of what is held that the latest header and the sample of its payload need.
  private(set) var examined = 0

  /// What spoke for it when the suspect frames ended where a packet ends, if they begin within a packet. From there on all ways of
  /// reading are one, and what follows proves nothing about the frames before.
  private(set) var bitsWhereOthersMeet: Double?

  /// It went over the start of a packet, and frames lead from there to the same place: they explain the bytes, too.
  private(set) var meetsFrames = false
  /// Where those frames lead to so far, and the start of the packet that they begin with.
  private var otherPlace: Int?
  private var otherStart: Int
  /// A header that it met broke a rule.
  private(set) var hasFaults = false

  /// What a Ping, Pong or Close within a packet does wrong, if that is all there is of it: it follows a message that failed, or it
  /// is a few bytes at the end of the packet.
  private var faultsOfControl: HeaderFaults = []
  /// The walk has come to the start of a packet after that one.
  private var wentPastControl = false
  /// A frame from there on does the same thing wrong.
  private(set) var hasLikeControl = false

  private let rules: HeaderRules
  private let evidence: FrameEvidence
  /// What the suspect header, or the side in general, does wrong.
  private var expected: HeaderFaults
  /// What the side does wrong although it is in step.
  private let habits: HeaderFaults
  private let isFirstSuspect: Bool
  /// It is known where packets begin, so that it can be told what is alone in one.
  private let judgesControls: Bool
  /// It begins with a suspect header within a packet.
  let beginsInside: Bool
  private var last: FrameHeader?
  private var messageIsOpen: Bool
  private var places: [Int] = []
  /// What the frames behind a suspect header within a packet may still add.
  private var gainLeft: Double

  /// What each fault of a header costs, and how much one header can cost that is not the suspect one within a packet.
  private static let bitsOfFault = 6.0
  private static let mostBitsOfFaults = 12.0
  /// What a suspect control frame costs within a packet: what is made up of one does the most harm.
  private static let bitsOfControl = 4.0
  /// Frames behind a suspect header within a packet say that its length leads to one of them, which chance explains now and then.
  private static let bitsOfFollowing = 11.0
  /// What a header costs that is within a segment.
  private static let bitsOfInside = 1.0

  /// A walk that begins with the suspect header at `place`, which does `faults` wrong. `beginsInside`: within a packet.
  init(
    from faults: HeaderFaults, at place: Int, beginsInside: Bool, _ rules: HeaderRules, habits: HeaderFaults,
    messageIsOpen: Bool
  ) {
    (self.place, bits, isFirstSuspect, self.beginsInside) = (place, 0, true, beginsInside)
    judgesControls = beginsInside
    (otherStart, gainLeft) = (place, beginsInside ? Self.bitsOfFollowing : .infinity)
    (self.rules, expected, self.messageIsOpen) = (rules, faults.subtracting(habits), messageIsOpen)
    self.habits = habits
    evidence = FrameEvidence(side: rules.side, allowsCompression: rules.compression.isAllowed)
  }

  /// A walk that begins where the suspect frame ends, which has `left` more bytes from `place` on. `knowsPackets`: it is known where
  /// packets begin.
  init(
    behind frame: FrameHeader, left: UInt64, from place: Int, _ rules: HeaderRules, faults: HeaderFaults,
    messageIsOpen: Bool, knowsPackets: Bool
  ) {
    judgesControls = knowsPackets
    let end = left.addingReportingOverflow(UInt64(place))
    self.place = end.overflow ? .max : Int(clamping: end.partialValue)
    (bits, isFirstSuspect, beginsInside, last) = (-5, false, false, frame)
    // Frames may begin with the suspect byte, as with a packet.
    (otherStart, otherPlace) = (place, left > 0 ? place : nil)
    (self.rules, expected, self.messageIsOpen) = (rules, faults, messageIsOpen)
    (habits, gainLeft) = ([], .infinity)
    evidence = FrameEvidence(side: rules.side, allowsCompression: rules.compression.isAllowed)
  }

  /// Whether it met a header behind the suspect frame.
  var wentOn: Bool { headers > (isFirstSuspect ? 1 : 0) }

  /// Where the suspect frame, with whose header it begins, ends.
  var endOfSuspect: Int { places.count > 1 ? places[1] : place }
  /// That one is a control frame.
  private(set) var suspectsControl = false

  /// A control frame that it met is wrong in a way in which no other frame is. One byte in ten begins like one, and one length in
  /// 128 ends exactly where the packet ends, so frames in later packets say nothing about it. That the side really sends such
  /// frames shows only when it does so again.
  var hasLoneControl: Bool { !faultsOfControl.isEmpty && !hasLikeControl }

  /// Whether a header is, or would be, at this place.
  func meets(_ other: Int) -> Bool { other == place || places.contains(other) }

  /// Headers that it met before this place.
  func headers(before other: Int) -> Int { places.count { $0 < other } }

  /// Bits for the latest frame's ending where a segment ends.
  private var bitsForFilling: Double { last.map { min(evidence.bitsForFilling($0), 9) } ?? 0 }

  /// What speaks for its being in step if the latest frame ends where a segment ends.
  var bitsIfFilling: Double { bits + min(bitsForFilling, gainLeft) }

  /// Goes on to the next header, if enough of it is held. `isEnd`: no more will come.
  mutating func step(in search: FrameSearch, isEnd: Bool) -> Bool {
    guard place < search.heldBytes, let header = search.header(at: place) else { return false }
    let payload = place + Int(header.headerBytes)
    let wanted = payload + evidence.sampleSize(of: header)
    guard isEnd || search.heldBytes >= wanted else { return false }
    examined = wanted
    if !meetsFrames { followOthers(in: search) }
    weigh(header, payloadAt: payload, min(wanted, search.heldBytes), in: search)
    if !header.isControl { messageIsOpen = !header.fin }
    // Such a length ends with what looks like a fragment's header, and that leads to where the frame ends.
    if isFirstSuspect, headers == 0, header.lengthIsNotMinimal { otherStart = payload &- 1 }
    places.append(place)
    (headers, last) = (headers + 1, header)
    let next = UInt64(payload).addingReportingOverflow(header.withoutTopBit.payloadBytes)
    place = Int(clamping: next.overflow ? .max : next.partialValue)
    return true
  }

  /// Whether frames that begin with a packet which the suspect frame covers lead to the place of the next header, too.
  mutating func isMetByFrames(in search: FrameSearch) -> Bool {
    if !meetsFrames { followOthers(in: search) }
    return meetsFrames
  }

  /// Follows the frames that begin with a packet which the last step went over, as far as this walk came.
  private mutating func followOthers(in search: FrameSearch) {
    while true {
      if otherPlace == nil {
        otherStart = max(otherStart, places.last ?? otherStart)
        guard let next = search.packetStart(after: otherStart), next < place else { return }
        (otherStart, otherPlace) = (next, next)
      }
      while let other = otherPlace, other < place { otherPlace = search.endOfFrame(at: other) }
      guard let otherPlace else { continue }
      meetsFrames = otherPlace == place
      return
    }
  }

  private mutating func weigh(_ header: FrameHeader, payloadAt start: Int, _ end: Int, in search: FrameSearch)
  {
    let startsPacket = search.startsPacket(at: place)
    if startsPacket {
      gain(bitsForFilling)
      if beginsInside, headers > 0, bitsWhereOthersMeet == nil { bitsWhereOthersMeet = bits }
    } else {
      bits -= Self.bitsOfInside
    }
    var faults = rules.faults(of: header)
    if !header.isControl, messageIsOpen != (header.opcode == .continuation) { faults.insert(.order) }
    faults.subtract(habits)
    noteControl(header, faults, startsPacket: startsPacket)
    let sample = search.bits(for: header, payload: start..<end, evidence)
    if isFirstSuspect, headers == 0 {
      weighSuspect(header, faults.union(expected), sample)
    } else if !faults.isEmpty, faults == expected.subtracting([.text, .inflation]), isAlike(header) {
      bits += 2
    } else if !faults.isEmpty {
      charge(faults)
    } else if header.fin || header.payloadBytes > 0 {
      let isLikely = last.map { $0.firstByte == header.firstByte && $0.lengthBytes == header.lengthBytes }
      gain(evidence.bits(for: header, isLikely: false) - (isLikely == true ? 1 : 0))
      if let sample { gain(max(-4, min(sample, 8))) } else if !expected.contains(.text) { charge(.text) }
    }
  }

  /// `faults`: what the header does wrong that the side does not always do.
  private mutating func noteControl(_ header: FrameHeader, _ faults: HeaderFaults, startsPacket: Bool) {
    guard judgesControls else { return }
    if !faultsOfControl.isEmpty {
      if startsPacket { wentPastControl = true }
      if !wentPastControl, followsNothing {
        // What follows it in its packet speaks for it.
        faultsOfControl = []
      } else if wentPastControl, faults == faultsOfControl {
        hasLikeControl = true
      }
    } else if !startsPacket, header.isControl, header.opcode.isKnown, !followsNothing || isRest(header) {
      faultsOfControl = faults
    }
  }

  /// All that is doubtful is the header that it begins with.
  private var followsNothing: Bool { isFirstSuspect && expected.isDisjoint(with: [.text, .inflation]) }

  /// It is no longer than what lengths are wrong by that are not right by a little.
  private func isRest(_ header: FrameHeader) -> Bool {
    !header.lengthIsNotMinimal && UInt64(header.headerBytes) &+ header.payloadBytes <= Self.bytesOfRest
  }
  private static let bytesOfRest: UInt64 = 4

  /// `sample`: the bits of its payload.
  private mutating func weighSuspect(_ header: FrameHeader, _ faults: HeaderFaults, _ sample: Double?) {
    suspectsControl = header.isControl
    charge(faults)
    if beginsInside, header.isControl, !expected.isEmpty { bits -= Self.bitsOfControl }
    if header.opcode == .text, !header.rsv1 {
      if let sample { bits += max(0, min(sample, 8)) } else { charge(.text) }
    } else if header.opcode == .close, sample == nil {
      charge(.text)
    }
  }

  private mutating func gain(_ more: Double) {
    let added = min(more, gainLeft)
    bits += added
    gainLeft -= max(0, added)
  }

  /// Whether a header that does the same things wrong does them in the same way.
  private func isAlike(_ header: FrameHeader) -> Bool {
    expected.isDisjoint(with: [.opcode, .reservedBits, .compressedBit])
      || last.map { ($0.firstByte ^ header.firstByte) & 0x70 == 0 } ?? true
  }

  private mutating func charge(_ faults: HeaderFaults) {
    if !faults.isEmpty { hasFaults = true }
    // Who sets reserved bits may well set all of them.
    let bits = HeaderFaults([.reservedBits, .compressedBit])
    let count = faults.count - (faults.isSuperset(of: bits) ? 1 : 0)
    let cost = Self.bitsOfFault * Double(count)
    self.bits -= beginsInside && headers == 0 ? cost : min(cost, Self.mostBitsOfFaults)
  }
}
