import WireBytes

/// What a decoder does when it is out of step, or when it looks so although no byte is missing.
extension WebSocketDecoder {
  private var evidence: FrameEvidence {
    mutating get {
      FrameEvidence(side: side, allowsCompression: compression.isAllowed, keepsMaskRule: masksRight)
    }
  }

  /// What was held is read within the call that decided on it. How deep that may go is limited by the stack.
  private static var replayLimit: Int { 32 }

  private var masksRight: Bool { mutating get { !cold.state.doubts.habits.contains(.mask) } }

  /// `counted`: bytes of the frame in question that were counted already.
  private mutating func maySuspect(at offset: UInt64, counted: UInt64 = 0) -> Bool {
    !sawClose && cold.state.replays < Self.replayLimit
      && cold.state.doubts.allows(at: offset, after: tally.wireBytes &- counted)
  }

  /// Bytes of the open frame that were read.
  private var bytesOfFrame: UInt64 {
    mutating get {
      let frame = cold.state.frame
      return UInt64(frame.header.headerBytes) &+ frame.header.payloadBytes &- frame.payloadLeft
    }
  }

  // MARK: Reasons

  /// Whether a text that is not UTF-8 from `place` on, in a frame of which so many bytes were counted, is a reason.
  mutating func maySuspectText(at place: StreamPosition, counted: UInt64) -> Bool {
    !cold.state.doubts.habits.contains(.text) && maySuspect(at: place.offset, counted: counted)
  }

  /// A header may be none. Returns whether that is asked from now on; then it was not taken.
  @inline(never)
  mutating func suspects(_ header: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput) -> Bool {
    var faults = headerRules.faults(of: header)
    if isOutOfOrder(header) { faults.insert(.order) }
    let isHTTP = side == .server && header.beginsHTTP
    // Nearly always. What decides otherwise is seldom in the processor's cache.
    if faults.isEmpty, !isHTTP { return false }
    // A length alone proves nothing: nobody goes on after a frame that has no end.
    let reasons = faults.subtracting(cold.state.doubts.habits.union(.length))
    guard isHTTP || !reasons.isEmpty, maySuspect(at: start.offset) else { return false }
    if cold.state.doubts.followsFailure(at: start.offset) { faults.insert(.inflation) }
    if header.payloadBytes >> 63 != 0, header.withoutTopBit.payloadBytes > HeaderRules.readableTopBitLength {
      return false
    }
    let startsPacket = start.offset == output.packetStart || tally.frames == 0
    let walk = FrameWalk(
      from: faults, at: 0, beginsInside: output.knowsPackets && !startsPacket, headerRules,
      habits: cold.state.doubts.habits, messageIsOpen: hasOpenMessage && header.opcode == .continuation)
    beginDoubt(
      isHTTP ? .http : .header(faults), frame: start, start: start, lead: 0, read: 0,
      startsPacket: startsPacket,
      walk, output)
    return true
  }

  private mutating func isOutOfOrder(_ header: FrameHeader) -> Bool {
    switch header.opcode {
    case .continuation: !hasOpenMessage && !startMayBeMissing
    case .text, .binary: hasOpenMessage && assembly.message.opcode != .continuation
    default: false
    }
  }

  /// The text of the open frame is not UTF-8 from byte `valid` of `bytes` on, which were read.
  mutating func suspectText(
    _ bytes: Span<UInt8>, from valid: Int, at position: StreamPosition, _ output: WebSocketOutput
  ) {
    let frame = cold.state.frame
    let (rest, place) = (bytes.dropping(valid), position.advanced(by: valid))
    // A masked header may look like text for some bytes. Without packets it depends on the calls what is still there.
    let lead = output.knowsPackets ? min(valid, StepDoubt.bytesLikeText) : 0
    guard maySuspectText(at: place, counted: bytesOfFrame), frame.missing == 0, assembly.message.complete
    else { return }
    cold.state.frame.lastCaptured = position.advanced(by: bytes.count &- 1)
    let left = frame.payloadLeft &+ UInt64(rest.count)
    beginDoubt(
      .text(byte: frame.header.payloadBytes &- left), frame: frame.start,
      start: position.advanced(by: valid &- lead),
      lead: lead, read: lead &+ rest.count, startsPacket: false,
      walk(behind: frame.header, left: left, lead: lead, .text, output), output)
    guard let doubt = cold.state.doubt else { return }
    doubt.hold(
      read: bytes.extracting(valid &- lead..<valid), at: position.advanced(by: valid &- lead),
      peer: output.peer)
    let taken = hold(rest, at: place, doubt, output, mayEnd: false)
    // Only so large a piece is not held as a whole. A decoder that is in step has read all of it.
    if taken < rest.count, state == .outOfStep {
      _ = receive(rest.dropping(taken), at: place.advanced(by: taken), into: output)
    }
  }

  /// A packet begins within the open frame. Returns whether it is held because it looks as if another frame began with it.
  @inline(__always)
  mutating func beginsOtherFrame(
    _ bytes: Span<UInt8>, at position: StreamPosition, _ output: WebSocketOutput
  ) -> Bool {
    guard FrameHeader.mayBegin(bytes[0]) else { return false }
    return suspectsPacket(bytes, at: position, output)
  }

  @inline(never)
  private mutating func suspectsPacket(
    _ bytes: Span<UInt8>, at position: StreamPosition, _ output: WebSocketOutput
  ) -> Bool {
    let (frame, evidence) = (cold.state.frame, self.evidence)
    guard maySuspect(at: position.offset, counted: bytesOfFrame), frame.missing == 0,
      evidence.beginsLikeFrame(bytes.extracting(..<min(bytes.count, StepDoubt.step)), left: frame.payloadLeft)
    else { return false }
    let lead = cold.state.tail.bytes(before: position.offset).count
    let start = lead > 0 ? cold.state.tail.start : position
    let packetStart = lead > 0 ? cold.state.tail.packetStart : output.packetStart
    beginDoubt(
      .packet(byte: frame.header.payloadBytes &- frame.payloadLeft, number: position.packet),
      frame: frame.start, start: start, lead: lead, read: lead, startsPacket: true,
      walk(behind: frame.header, left: frame.payloadLeft, lead: lead, [], output), packetStart: packetStart,
      output)
    let peer = cold.state.tail.peer
    guard let doubt = cold.state.doubt else { return true }
    doubt.hold(read: cold.state.tail.bytes(before: position.offset), at: start, peer: peer)
    return true
  }

  /// The call ends within a frame: keeps what a doubt about the next packet may need.
  @inline(__always)
  mutating func keepTail(of bytes: Span<UInt8>, at position: StreamPosition, _ output: WebSocketOutput) {
    let end = position.offset &+ UInt64(bytes.count)
    guard output.endsPacket else { return }
    let frame = cold.state.frame
    guard
      cold.state.tail.hasRoom(end &- output.packetStart)
        || frame.start.offset >= output.packetStart && frame.header.lengthBytes == 2
          && mayEndEarlier(bytes, frame)
    else { return }
    let count = Int(min(UInt64(bytes.count), frame.header.payloadBytes &- frame.payloadLeft))
    let skipped = bytes.count &- count
    cold.state.tail.keep(
      bytes.dropping(skipped), at: position.advanced(by: skipped), packetStart: output.packetStart,
      peer: output.peer)
  }

  /// Whether it looks as if the open frame, which begins in a full packet, ended in it, and its length was in the wrong byte order.
  @inline(never)
  private func mayEndEarlier(_ bytes: Span<UInt8>, _ frame: OpenFrame) -> Bool {
    let read = Int(clamping: frame.header.payloadBytes &- frame.payloadLeft)
    let length = Int(UInt16(truncatingIfNeeded: frame.header.payloadBytes).byteSwapped)
    guard length < read, read <= bytes.count else { return false }
    return nextMayBegin(bytes.dropping(bytes.count &- read &+ length), inMessage: nil)
  }

  /// The open frame ends before index `end` of `bytes`, with payload from `start` on, and its packet does not end there. Returns whether
  /// it is held because it looks as if the frame did not end there either.
  @inline(__always)
  mutating func endsWrongly(
    _ bytes: Span<UInt8>, payload start: Int, _ end: Int, at position: StreamPosition,
    _ output: WebSocketOutput
  ) -> Bool {
    let rest = bytes.dropping(end)
    if !output.knowsPackets
      || (state == .controlPayload
        ? framesMayFollow(rest) : nextMayBegin(rest, inMessage: !header.fin) && !failsToInflate)
    {
      return false
    }
    return suspectsEnd(bytes, payload: start, end, at: position, output)
  }

  /// The open frame ends here, and with it a message that cannot be inflated.
  private var failsToInflate: Bool {
    mutating get { state == .dataPayload && header.fin && cold.state.failsToInflate() }
  }

  /// Whether bytes begin like a frame that breaks no rule. `inMessage`: a message is open; nil if that is not known.
  @inline(__always)
  func nextMayBegin(_ bytes: Span<UInt8>, inMessage: Bool?) -> Bool {
    let first = bytes[0]
    // A control frame has FIN, RSV1 is for compression, and only an open message is continued.
    return FrameHeader.mayBegin(first) && first & 0x88 != 0x08
      && (first & 0x40 == 0 || compression.isAllowed)
      && (first & 0x08 != 0 || inMessage.map { $0 == (first & 0x0F == 0) } ?? true)
      && (bytes.count == 1 || (bytes[1] & 0x80 != 0) == (side == .client))
  }

  /// The same for some more frames: a control frame that is made up does more harm than a message.
  @inline(never)
  func framesMayFollow(_ bytes: Span<UInt8>) -> Bool {
    var start = 0
    var isOpen = startMayBeMissing ? nil : hasOpenMessage
    for _ in 0..<Self.framesThatFollow where start < bytes.count {
      let rest = bytes.dropping(start)
      guard nextMayBegin(rest, inMessage: isOpen) else { return false }
      guard let header = FrameHeader(parsing: rest) else { return true }
      guard headerRules.faults(of: header).isEmpty else { return false }
      let left = UInt64(rest.count - Int(header.headerBytes))
      guard header.payloadBytes < left else { return true }
      if !header.isControl { isOpen = !header.fin }
      start += Int(header.headerBytes) + Int(header.payloadBytes)
    }
    return true
  }
  private static var framesThatFollow: Int { 4 }

  @inline(never)
  private mutating func suspectsEnd(
    _ bytes: Span<UInt8>, payload start: Int, _ end: Int, at position: StreamPosition,
    _ output: WebSocketOutput
  ) -> Bool {
    let rest = bytes.dropping(end)
    let isOpen = header.isControl ? hasOpenMessage : !header.fin
    var faults = headerRules.faults(ofStart: rest)
    let isData = rest[0] & 0x08 == 0
    if isData, !startMayBeMissing, isOpen != (rest[0] & 0x0F == 0) { faults.insert(.order) }
    if failsToInflate { faults.insert(.inflation) }
    let habits = cold.state.doubts.habits
    let isBroken = state == .controlPayload && habits.isEmpty && !framesMayFollow(rest)
    // A page of a proxy or an application was written where a frame should be: the one before it is as it should be.
    let isPage = side == .server && beginsPage(rest)
    guard !isPage, isBroken || !faults.subtracting(habits.union(.length)).isEmpty,
      maySuspect(at: position.offset &+ UInt64(end), counted: bytesOfFrame), cold.state.frame.missing == 0,
      state != .dataPayload || assembly.message.complete
    else { return false }
    cold.state.frame.lastCaptured = position.advanced(by: end &- 1)
    let read = min(end &- start, StepDoubt.searchedPayload)
    let start = end &- read
    beginDoubt(
      .end(faults), frame: cold.state.frame.start, start: position.advanced(by: start), lead: read,
      read: read, startsPacket: false,
      FrameWalk(
        from: faults, at: read, beginsInside: true, headerRules, habits: habits, messageIsOpen: isOpen),
      output)
    guard let doubt = cold.state.doubt else { return false }
    // What was read is held for the search, which may find frames in it; none is decided on before the next byte.
    doubt.hold(read: bytes.extracting(start..<end), at: position.advanced(by: start), peer: output.peer)
    return true
  }

  /// Whether bytes begin like an HTTP response, or like HTML or XML.
  private func beginsPage(_ bytes: Span<UInt8>) -> Bool {
    let second = bytes.count > 1 ? bytes[1] : UInt8(ascii: "T")
    switch bytes[0] {
    case UInt8(ascii: "H"): return second == UInt8(ascii: "T")
    case UInt8(ascii: "<"):
      return second == UInt8(ascii: "!") || second == UInt8(ascii: "?")
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(second | 0x20)
    default: return false
    }
  }

  private mutating func walk(
    behind frame: FrameHeader, left: UInt64, lead: Int, _ faults: HeaderFaults, _ output: WebSocketOutput
  ) -> FrameWalk {
    let isOpen = frame.isControl ? hasOpenMessage : !frame.fin
    return FrameWalk(
      behind: frame, left: left, from: lead, headerRules,
      faults: cold.state.doubts.habits.union(faults), messageIsOpen: isOpen,
      knowsPackets: output.knowsPackets)
  }

  private mutating func beginDoubt(
    _ reason: StepDoubt.Reason, frame: StreamPosition, start: StreamPosition, lead: Int, read: Int,
    startsPacket: Bool, _ walk: FrameWalk, packetStart: UInt64? = nil, _ output: WebSocketOutput
  ) {
    // A packet may begin with payload that looks like a frame; the other reasons are reasons by themselves.
    let isWeak = if case .packet = reason { true } else { false }
    let search = FrameSearch(
      side: side, allowsCompression: compression.isAllowed, afterGap: isWeak,
      masks: masksRight ? .keepRule : .breakRule, reachesBack: true)
    search.seesWholePackets = output.knowsPackets
    cold.state.doubt = StepDoubt(
      reason, frame: frame, start: start, lead: lead, read: read, peer: output.peer,
      packetStart: packetStart ?? output.packetStart, startsPacket: startsPacket, search, walk, evidence,
      likelyFirst: compression.isAllowed ? header.firstByte : 0x80 | lastFirstByte & 0x0F)
    state = .outOfStep
  }

  // MARK: Bytes

  /// Holds bytes until it is decided what they are. Returns how many were taken.
  mutating func hold(
    _ bytes: Span<UInt8>, at position: StreamPosition, _ doubt: StepDoubt, _ output: WebSocketOutput,
    mayEnd: Bool = true
  ) -> Int {
    let (taken, decision) = doubt.receive(
      bytes, at: position, peer: output.peer, endsPacket: mayEnd && output.endsPacket)
    if let decision { decide(decision, doubt, allTaken: taken == bytes.count, output) }
    return taken
  }

  /// The suspect header came in pieces: they are held like what follows them.
  mutating func holdPartialHeader(_ output: WebSocketOutput) {
    let partial = cold.state.partialHeader
    guard let doubt = cold.state.doubt else { return }
    partial.forEachPacket { bytes, position in
      // No decision can be made within a header.
      _ = doubt.receive(bytes, at: position, peer: output.peer, endsPacket: false)
    }
  }

  /// Ends the doubt. `allTaken`: all bytes of the call are held.
  mutating func decide(
    _ decision: StepDoubt.Decision, _ doubt: StepDoubt, allTaken: Bool, _ output: WebSocketOutput
  ) {
    cold.state.doubt = nil
    let (start, held) = (doubt.start.offset, doubt.search.heldBytes)
    let suspect = doubt.suspect
    if decision != .outOfStep, let words = doubt.otherInPacket(of: cold.state.frame.header) {
      cold.state.doubts.note(other: words, in: doubt.frame.offset)
    }
    switch decision {
    case .inStep(let isSure):
      if isSure { cold.state.doubts.note(habits: doubt.faults) }
      let next = start &+ UInt64(max(0, min(doubt.walk.place, held)))
      cold.state.doubts.settle(before: max(suspect &+ 1, next), held: held)
      readOn(doubt, allTaken: allTaken, output)
    case .unfounded:
      // Where all bytes of the packet come at once there was no doubt.
      if !doubt.isFirstLook { cold.state.doubts.settle(before: suspect &+ 1, held: held) }
      readOn(doubt, allTaken: allTaken, output)
    case .outOfStep:
      cold.state.doubts.settle(before: suspect &+ 1, held: held)
      leaveStep(doubt, output)
    }
  }

  /// Reads what was held as it would have been read without the doubt.
  private mutating func readOn(_ doubt: StepDoubt, allTaken: Bool, _ output: WebSocketOutput) {
    state = doubt.isWithinFrame ? stateInFrame : .awaitingHeader
    if isInFrame, cold.state.frame.payloadLeft == 0 {
      endFrame(
        at: cold.state.frame.lastCaptured,
        output.with(doubt.peer, packetStart: doubt.packetStart, endsPacket: false))
    }
    let endsPacket = output.endsPacket && allTaken
    cold.state.replays += 1
    doubt.search.replay(from: doubt.read, packetStart: doubt.packetStart) {
      _ = receive($0, at: $1.position, into: output.with($1, endsPacket: endsPacket))
    }
    cold.state.replays -= 1
  }

  /// A call ends here, at which nothing was decided yet.
  mutating func endPacketInDoubt(_ output: WebSocketOutput) {
    guard output.endsPacket, let doubt = cold.state.doubt, let decision = doubt.endOfPacket else { return }
    decide(decision, doubt, allTaken: true, output)
  }

  private var stateInFrame: State {
    mutating get {
      let opcode = header.opcode
      if opcode.carriesMessage { return .dataPayload }
      return opcode.isControl && opcode.isKnown ? .controlPayload : .reservedPayload
    }
  }

  /// The decoder is out of step since the frame in question, which is no event.
  private mutating func leaveStep(_ doubt: StepDoubt, _ output: WebSocketOutput) {
    let before = doubt.start.offset &- doubt.frame.offset
    doubt.noteSwappedEnd(of: cold.state.frame.header, before: before)
    let detail = doubt.description(
      of: cold.state.frame.header, other: cold.state.doubts.other(in: doubt.frame.offset))
    if doubt.isWithinFrame {
      tally.frames &-= 1
      tally.wireBytes &-= before &+ UInt64(doubt.read)
      cold.state.counts.unexplainedBytes &+= before
      cold.state.controlPayload.clear(keeping: 128)
      cold.state.framePayload.clear(keeping: 4096)
      if stateInFrame == .dataPayload {
        assembly.discard(output)
        hasOpenMessage = false
      }
    } else {
      abandonMessage(at: doubt.start, output)
    }
    report(.outOfStep, at: doubt.frame, output) { detail }
    (state, startMayBeMissing) = (.outOfStep, true)
    loseContext()
    cold.state.passedBeforeSearch = before
    search = doubt.search
    if let finding = doubt.finding { resume(finding, output) }
  }

  /// These bytes break the grammar of frames: an application went on writing after its Close, or a framework that
  /// believes the request still has to be answered sends an HTTP response.
  mutating func endFrames(
    _ header: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput
  ) {
    cold.state.counts.unexplainedBytes &+= UInt64(header.headerBytes)
    abandonMessage(at: start, output)
    state = .ended
    report(.notAFrame, at: start, output) {
      header.beginsHTTP
        ? "an HTTP response begins here; the rest of the stream is not read"
        : "what follows the Close begins with 0x\(String(header.firstByte, radix: 16)); the rest is not read"
    }
  }

  // MARK: Search

  mutating func loseSync() {
    state = .outOfStep
    startMayBeMissing = true
    loseContext()
    search = FrameSearch(
      side: side, allowsCompression: compression.isAllowed, masks: hasMaskedWrongly ? .breakRule : .keepRule)
  }

  mutating func loseSync(at position: StreamPosition, _ why: String, _ output: WebSocketOutput) {
    loseSync()
    report(.lostFrameSync, at: position, output) { why }
  }

  /// Returns how many bytes were taken: not all if frames were found.
  mutating func searchFrame(
    in bytes: Span<UInt8>, at position: StreamPosition, _ output: WebSocketOutput
  ) -> Int {
    if let doubt = cold.state.doubt { return hold(bytes, at: position, doubt, output) }
    guard let search else { return 0 }
    let (taken, finding) = search.receive(bytes, at: position, peer: output.peer)
    if let finding {
      resume(finding, output)
    } else {
      cold.state.counts.unexplainedBytes &+= search.takeGivenUp()
    }
    return taken
  }

  /// The packets held so far are the last ones before a gap, or before the end.
  mutating func endSearch(_ output: WebSocketOutput, lost: UInt64 = 0) {
    // What is read on then may end in a doubt or a search again.
    while true {
      if let doubt = cold.state.doubt {
        decide(doubt.atEnd, doubt, allTaken: true, output)
        continue
      }
      guard let search else { return }
      guard let finding = search.endOfPackets(lost: lost) else {
        cold.state.counts.unexplainedBytes &+= search.takeGivenUp()
        return
      }
      resume(finding, output)
    }
  }

  /// Back in step: reads what the search held as frames.
  mutating func resume(_ found: FrameSearch.Finding, _ output: WebSocketOutput) {
    guard let search else { return }
    self.search = nil
    let finding = search.reachedBack(found)
    cold.state.doubts.resume(at: finding.position.offset)
    state = .awaitingHeader
    cold.state.counts.unexplainedBytes &+= search.takeGivenUp() &+ finding.unexplained
    let passedOver = UInt64(finding.passedOver) &+ cold.state.passedBeforeSearch
    cold.state.passedBeforeSearch = 0
    report(.resynchronised, at: finding.position, output) {
      "\(Counted.text(passedOver, "byte")) passed over, then \(finding.reason)"
    }
    cold.state.replays += 1
    defer { cold.state.replays -= 1 }
    search.replay(from: finding) {
      _ = receive($0, at: $1.position, into: output.with($1, endsPacket: false))
    }
  }

  // MARK: Cut

  /// A client's Close whose masking key was cut is a Close: its first two bytes say so, and where it ends. What it says is not known.
  /// False, and nothing is changed, if it is something else, or more of the frame is to come.
  @inline(never)
  mutating func endCutClose(_ lost: UInt64, _ output: WebSocketOutput) -> Bool {
    let start = cold.state.partialHeader.start
    guard side == .client, let header = cold.state.partialHeader.ofMaskedClose else { return false }
    let (captured, whole) = (UInt64(header.headerBytes), header.payloadBytes &+ 6)
    guard lost == whole &- captured else { return false }
    let last = start.advanced(by: Int(captured) &- 1)
    tally.frames &+= 1
    tally.wireBytes &+= captured
    sawClose = true
    state = .awaitingHeader
    if output.options.reportsFrames {
      output.frame(
        Frame(side: side, header: header, first: start, last: last, missingBytes: header.payloadBytes),
        payload: Span<UInt8>())
    }
    output.control(
      ControlFrame(
        side: side, opcode: .close, first: start, last: last, bytes: header.payloadBytes, wireBytes: whole,
        missingBytes: header.payloadBytes), payload: Span<UInt8>())
    return true
  }
}
