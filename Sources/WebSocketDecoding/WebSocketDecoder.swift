import WireBytes

/// Decodes the frames of one direction after the upgrade (RFC 6455 §5), message by message.
///
/// It observes and never fails the connection: a broken rule is reported with its position, then reading goes on
/// as far as the bytes allow.
public struct WebSocketDecoder: ~Copyable, StreamDecoder {
  /// Takes messages, control frames and anomalies.
  public typealias Sink = WebSocketOutput

  // Only what a frame in one piece touches is stored here, so that it fits a cache line. The rest is in `cold`.

  /// Of `counts`, what every frame adds to.
  var tally = Tally()
  /// A Close frame was seen.
  public internal(set) var sawClose = false

  let side: Side
  let compression: SideCompression
  package internal(set) var state = State.awaitingHeader
  /// No data frame was seen since a gap: the next one may continue a message whose start is missing.
  var startMayBeMissing = false
  var maskingKeys = MaskingKeyHistory()
  /// A message waits for its next fragment.
  var hasOpenMessage = false
  var cold = DecoderColdStateBox()

  /// Payload bytes of the largest message so far, as they were sent, and the first byte of the last one; 0 before the first.
  var largest: UInt32 = 0
  var lastFirstByte: UInt8 = 0

  /// The packet in which the first of the largest messages begins; 0 before the first message. Behind the cache line: it
  /// seldom changes.
  public internal(set) var packetOfLargest: UInt64 = 0

  struct Tally {
    var messages: UInt64 = 0
    var frames: UInt64 = 0
    var bytes: UInt64 = 0
    var wireBytes: UInt64 = 0
  }

  /// What was seen so far.
  public var counts: SideCounts {
    var counts = cold.counts
    counts.messages = tally.messages
    counts.frames = tally.frames
    counts.bytes = tally.bytes
    counts.wireBytes = tally.wireBytes
    return counts
  }

  /// What the next byte is.
  package enum State: UInt8 {
    case awaitingHeader
    /// A header began with the previous call and is not complete.
    case awaitingRestOfHeader
    case dataPayload
    case controlPayload
    case reservedPayload
    /// Where the next frame begins is not known.
    case outOfStep
    /// What follows are not frames: nothing more is read.
    case ended
  }

  /// A decoder for what `side` sends, in step at the first byte after the upgrade.
  public init(side: Side, compression: SideCompression) {
    self.side = side
    self.compression = compression
  }

  /// Makes the decoder look for the first frame instead of expecting it at the next byte.
  public mutating func startOutOfStep() {
    loseSync()
    search = FrameSearch(
      side: side, allowsCompression: compression.isAllowed, afterGap: false, masks: .unseen)
  }

  /// Makes the decoder expect a frame at the next byte that is not the first one of the stream.
  package mutating func startInTheMiddle() {
    startMayBeMissing = true
    loseContext()
  }

  /// Counts bytes before the first frame that were not captured.
  package mutating func countLost(_ bytes: UInt64) { cold.state.counts.lostBytes &+= bytes }

  /// Counts captured bytes that are not read, because they precede the first frame or were dropped.
  package mutating func passOver(_ bytes: UInt64, into output: WebSocketOutput) {
    endSearch(output)
    cold.state.counts.unexplainedBytes &+= bytes
  }

  /// What compression came to so far.
  public var compressionCounts: CompressionCounts { cold.compression }

  /// The header of the frame whose payload is being read.
  var header: FrameHeader { mutating get { cold.state.frame.header } }

  var search: FrameSearch? {
    mutating get { cold.state.search }
    set { cold.state.search = newValue }
  }

  var assembly: MessageAssembly {
    mutating _read { yield cold.state.assembly }
    _modify { yield &cold.state.assembly }
  }

  // MARK: StreamDecoder

  /// Takes all of `bytes`.
  public mutating func receive(
    _ bytes: Span<UInt8>, at position: StreamPosition, into output: WebSocketOutput
  )
    -> Int
  {
    var index = receiveWholeMessages(bytes, from: 0, at: position, output)
    while index < bytes.count {
      let (rest, start) = (bytes.dropping(index), position.advanced(by: index))
      index &+=
        state != .outOfStep
        ? receiveInStep(rest, at: start, output) : searchFrame(in: rest, at: start, output)
      if state == .outOfStep || cold.state.charged > 0 { cold.state.charge(output) }
    }
    return index
  }

  /// The same for a segment that `SegmentPrescan` found to be made of plain messages; only where no payload is kept. That is
  /// used while the decoder is in step, and otherwise ignored.
  package mutating func receive(
    plainMessages bytes: Span<UInt8>, at position: StreamPosition, into output: WebSocketOutput
  ) {
    let read = receiveWholeMessages(bytes, arePrescanned: true, from: 0, at: position, output)
    if read < bytes.count { _ = receive(bytes.dropping(read), at: position.advanced(by: read), into: output) }
  }

  /// A gap in a payload leaves the frames in step, for the header said how long the frame is. A gap over a header starts a search
  /// for the next frame.
  public mutating func skip(_ lost: UInt64, at position: StreamPosition, into output: WebSocketOutput) {
    guard lost > 0 else { return }
    cold.state.counts.lostBytes &+= lost
    endSearch(output, lost: lost)
    switch state {
    case .outOfStep, .ended: break
    case .awaitingRestOfHeader where endCutClose(lost, output): break
    case .awaitingHeader, .awaitingRestOfHeader:
      if state == .awaitingRestOfHeader {
        cold.state.counts.unexplainedBytes &+= UInt64(cold.state.partialHeader.count)
      }
      abandonMessage(at: position, output)
      loseSync(at: position, "\(lost) bytes were not captured where a frame header was due", output)
    case .dataPayload, .controlPayload, .reservedPayload:
      let inFrame = cold.state.frame.skip(lost)
      skipPayload(inFrame, output)
      if cold.state.frame.payloadLeft == 0 { endFrame(at: cold.state.frame.lastCaptured, output) }
      if lost > inFrame {
        abandonMessage(at: position, output)
        loseSync(at: position, "\(lost - inFrame) bytes after a frame were not captured", output)
      }
    }
  }

  /// Payload bytes of the open frame that were not captured.
  private mutating func skipPayload(_ bytes: UInt64, _ output: WebSocketOutput) {
    if state == .dataPayload { assembly.skip(bytes, output: output) }
    if output.options.reportsFrames {
      cold.state.framePayload.appendZeros(min(bytes, roomInFrame(output)))
    }
  }

  /// Reports what is unfinished.
  public mutating func finish(at position: StreamPosition, into output: WebSocketOutput) {
    endSearch(output)
    search = nil
    switch state {
    case .outOfStep, .ended, .awaitingHeader: break
    case .awaitingRestOfHeader:
      let (bytes, start) = (cold.state.partialHeader.count, cold.state.partialHeader.start)
      cold.state.counts.unexplainedBytes &+= UInt64(bytes)
      report(.truncatedFrame, at: start, output) { "only \(bytes) bytes of a frame header" }
    case .dataPayload, .controlPayload, .reservedPayload:
      let (left, whole) = (cold.state.frame.payloadLeft, header.payloadBytes)
      report(.truncatedFrame, at: cold.state.frame.start, output) {
        "\(left) of \(whole) payload bytes never came"
      }
      _ = cold.state.frame.skip(left)
      if state == .dataPayload { assembly.endEarly(missing: left) }
      endFrame(at: cold.state.frame.lastCaptured, output)
    }
    abandonMessage(at: position, output)
    state = .awaitingHeader
    cold.release(output)
  }

  // MARK: Frames

  /// Returns how many bytes were taken: not all if a header shows that what was taken for frames was something else.
  private mutating func receiveInStep(
    _ bytes: Span<UInt8>, at position: StreamPosition, _ output: WebSocketOutput
  ) -> Int {
    var index = 0
    while index < bytes.count {
      switch state {
      case .awaitingHeader:
        index = receiveWholeMessages(bytes, from: index, at: position, output)
        if index == bytes.count { return index }
        index = beginFrame(bytes, from: index, at: position, output)
      case .awaitingRestOfHeader:
        let header = cold.state.partialHeader.append(bytes[index], at: position.advanced(by: index))
        index &+= 1
        if let header {
          begin(header, at: cold.state.partialHeader.start, output)
          endIfEmpty(at: position.advanced(by: index &- 1), output)
          if cold.state.doubt != nil { holdPartialHeader(output) }
        }
      case .dataPayload, .controlPayload, .reservedPayload:
        if index == 0, position.packet != cold.state.frame.lastCaptured.packet,
          beginsOtherFrame(bytes, at: position, output)
        {
          return 0
        }
        let count = Int(min(cold.state.frame.payloadLeft, UInt64(bytes.count &- index)))
        receivePayload(bytes.extracting(index..<index &+ count), at: position.advanced(by: index), output)
        index &+= count
        if isInFrame, cold.state.frame.payloadLeft == 0 {
          endFrame(bytes, payload: index &- count, index, position, output)
        }
      case .outOfStep:
        return index
      case .ended:
        cold.state.counts.unexplainedBytes &+= UInt64(bytes.count &- index)
        return bytes.count
      }
    }
    if isInFrame {
      cold.state.frame.lastCaptured = position.advanced(by: index &- 1)
      keepTail(of: bytes, at: position, output)
    } else if state == .outOfStep {
      endPacketInDoubt(output)
    }
    return index
  }

  /// A frame begins at `start` that is not a whole plain message. Returns the index of the first byte that was not taken.
  private mutating func beginFrame(
    _ bytes: Span<UInt8>, from start: Int, at position: StreamPosition, _ output: WebSocketOutput
  ) -> Int {
    let frame = bytes.dropping(start)
    let place = position.advanced(by: start)
    guard let header = FrameHeader(parsing: frame) else {
      cold.state.partialHeader.begin(at: place)
      for index in frame.indices {
        _ = cold.state.partialHeader.append(frame[index], at: place.advanced(by: index))
      }
      state = .awaitingRestOfHeader
      return bytes.count
    }
    if receiveWholeControl(header, frame, at: place, output) {
      return start &+ Int(header.headerBytes) &+ Int(header.payloadBytes)
    }
    begin(header, at: place, output)
    if state == .outOfStep, cold.state.doubt != nil { return start }
    let end = start &+ Int(header.headerBytes)
    if isInFrame, header.payloadBytes == 0 { endFrame(bytes, payload: end, end, position, output) }
    return end
  }

  var isInFrame: Bool {
    switch state {
    case .dataPayload, .controlPayload, .reservedPayload: true
    case .awaitingHeader, .awaitingRestOfHeader, .outOfStep, .ended: false
    }
  }

  /// Ends the open frame, whose payload is in `bytes` from `start` up to `end`, unless it looks as if it did not end there.
  @inline(__always)
  private mutating func endFrame(
    _ bytes: Span<UInt8>, payload start: Int, _ end: Int, _ position: StreamPosition,
    _ output: WebSocketOutput
  ) {
    if end < bytes.count, endsWrongly(bytes, payload: start, end, at: position, output) { return }
    endFrame(at: position.advanced(by: end &- 1), output)
  }

  /// Ends the open frame, if there is one, when no payload is left of it; an empty frame ends with its header.
  @inline(__always)
  private mutating func endIfEmpty(at last: StreamPosition, _ output: WebSocketOutput) {
    if isInFrame, cold.state.frame.payloadLeft == 0 { endFrame(at: last, output) }
  }

  /// A header was read: checks the rules that it can break, then decides where its payload goes.
  @inline(__always)
  private mutating func begin(
    _ found: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput
  ) {
    var header = found
    if isRemarkable(header) {
      if suspects(header, at: start, output) { return }
      if sawClose && !headerRules.mayBeFrame(header) || side == .server && header.beginsHTTP {
        return endFrames(header, at: start, output)
      }
      checkRules(header, at: start, output)
      if state == .outOfStep { return }
      header = header.withoutTopBit
    }
    cold.state.frame.begin(header, at: start)
    maskingKeys.note(header.maskingKey)
    tally.frames &+= 1
    tally.wireBytes &+= UInt64(header.headerBytes)
    if header.isControl {
      state = header.opcode.isKnown ? .controlPayload : .reservedPayload
    } else if header.opcode.carriesMessage {
      state = .dataPayload
      if header.opcode != .continuation || !hasOpenMessage {
        openMessage(header, at: start, output)
      } else if compression.isPerFrame {
        assembly.beginFrame(header, inflates: output.options.inflates)
        if header.rsv1 { cold.state.needInflater(output) }
      }
      startMayBeMissing = false
      assembly.count(header, keptPayload: output.options.keptPayload)
    } else {
      state = .reservedPayload
    }
  }

  @inline(__always)
  private mutating func openMessage(
    _ header: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput
  ) {
    if hasOpenMessage { abandonMessage(at: start, output) }
    assembly.open(header, side: side, at: start, compression, output.options)
    hasOpenMessage = true
    if assembly.isInflating, cold.state.needInflater(output), cold.state.contextIsLost {
      cold.state.inflater?.loseWindow()
    }
  }

  /// Payload bytes of the open frame, masked as they were sent.
  private mutating func receivePayload(
    _ bytes: Span<UInt8>, at position: StreamPosition, _ output: WebSocketOutput
  ) {
    tally.wireBytes &+= UInt64(bytes.count)
    if state == .dataPayload { assembly.note(packet: position.packet) }
    let key = cold.state.frame.take(bytes.count)
    let isText = state == .dataPayload && !assembly.isInflating
    if state == .dataPayload && assembly.takesPlain && header.masked && !output.options.reportsFrames {
      assembly.receive(masked: bytes, key: key, output: output)
    } else {
      receivePieces(bytes, key: key, output)
    }
    if isText, let valid = assembly.noteText(bytes.count, at: position) {
      suspectText(bytes, from: valid, at: position, output)
    }
  }

  private mutating func receivePieces(_ bytes: Span<UInt8>, key: UInt32, _ output: WebSocketOutput) {
    var index = 0
    while index < bytes.count {
      // Pieces are a multiple of four bytes long, so that the key's phase is the same for each.
      let piece = bytes.extracting(index..<min(index + DecodingContext.scratchBytes, bytes.count))
      index += piece.count
      if header.masked {
        deliver(output.unmask(piece, key: key), output)
      } else {
        deliver(piece, output)
      }
    }
  }

  /// Unmasked payload bytes of the open frame.
  private mutating func deliver(_ bytes: Span<UInt8>, _ output: WebSocketOutput) {
    if output.options.reportsFrames {
      cold.state.framePayload.append(bytes.extracting(0..<Int(min(UInt64(bytes.count), roomInFrame(output)))))
    }
    switch state {
    case .dataPayload:
      cold.state.receive(bytes, output)
    case .controlPayload:
      // Only what precedes the first missing byte has its place.
      guard cold.state.frame.missing == 0 else { break }
      let room = max(0, output.options.keptControlPayload - cold.state.controlPayload.count)
      cold.state.controlPayload.append(bytes.extracting(0..<min(room, bytes.count)))
    case .awaitingHeader, .awaitingRestOfHeader, .reservedPayload, .outOfStep, .ended:
      break
    }
  }

  private mutating func roomInFrame(_ output: WebSocketOutput) -> UInt64 {
    let (count, capacity) = (cold.state.framePayload.count, cold.state.framePayload.capacity)
    let room = max(0, output.options.keptPayload - count)
    // It is not known how many bytes come: more than there is memory for has to be affordable.
    guard count == capacity, capacity > 0 else { return UInt64(room) }
    return output.context.budget.allows(capacity * 2, holding: capacity) ? UInt64(room) : 0
  }

  mutating func endFrame(at last: StreamPosition, _ output: WebSocketOutput) {
    if output.options.reportsFrames {
      let frame = Frame(
        side: side, header: header, first: cold.state.frame.start, last: last,
        missingBytes: cold.state.frame.missing)
      output.frame(frame, payload: cold.state.framePayload.bytes)
      cold.state.framePayload.clear(keeping: 4096)
    }
    let ended = state
    state = .awaitingHeader
    switch ended {
    case .dataPayload:
      assembly.message.last = last
      if compression.isPerFrame && cold.state.frame.missing == 0 {
        cold.state.endFrame(output)
      }
      if header.fin { endMessage(output) }
    case .controlPayload:
      endControl(at: last, output)
    case .awaitingHeader, .awaitingRestOfHeader, .reservedPayload, .outOfStep, .ended:
      break
    }
  }

  private mutating func endMessage(_ output: WebSocketOutput) {
    let hadLostContext = cold.state.contextIsLost
    let failure = cold.state.endMessage(output)
    if failure == nil {
      cold.state.contextIsLost = cold.state.contextIsLost && cold.state.inflater?.isInDoubt ?? true
    } else if failure != Inflater.refersToUnknown {
      loseContext()
      cold.state.doubts.noteFailure(before: assembly.message.last.offset &+ 1)
    }
    tally.messages &+= 1
    tally.bytes &+= assembly.message.bytes
    lastFirstByte = assembly.message.opcode.rawValue
    let compressed = assembly.message.compressedBytes
    noteSize(
      UInt32(clamping: compressed > 0 ? compressed : assembly.message.bytes),
      in: assembly.message.first.packet
    )
    checkInflation(failure, hadLostContext: hadLostContext, output)
    if let (offset, position) = assembly.invalidText {
      let isReadable = assembly.isReadableAsSent(with: header.maskingKey)
      reportInvalidUTF8(offset, at: position, isReadableAsSent: isReadable, output)
    }
    assembly.deliver(to: output)
    hasOpenMessage = false
    if compression.forgetsContext, let spare = cold.state.inflater.take() { output.context.keep(spare) }
  }

  /// The window lacks output that the next messages may refer to.
  mutating func loseContext() {
    cold.state.contextIsLost = !compression.forgetsContext
    if cold.state.contextIsLost {
      cold.state.inflater?.loseWindow()
    } else {
      cold.state.inflater?.forgetContext()
    }
  }

  /// The open message will get no more fragments: it is reported as far as it came.
  mutating func abandonMessage(at position: StreamPosition, _ output: WebSocketOutput) {
    guard hasOpenMessage else { return }
    let (first, frames) = (assembly.message.first, assembly.message.frames)
    report(.unfinishedMessage, at: first, output) {
      "\(Counted.text(frames, "frame")) of it, \(frames == 1 ? "without" : "none with") FIN"
    }
    assembly.message.complete = false
    endMessage(output)
  }

  private mutating func endControl(at last: StreamPosition, _ output: WebSocketOutput) {
    let control = ControlFrame(
      side: side, opcode: header.opcode, first: cold.state.frame.start, last: last,
      bytes: header.payloadBytes,
      wireBytes: header.payloadBytes &+ UInt64(header.headerBytes), missingBytes: cold.state.frame.missing)
    switch header.opcode {
    case .ping: cold.state.counts.pings &+= 1
    case .pong: cold.state.counts.pongs &+= 1
    default: break
    }
    if header.opcode == .close {
      sawClose = true
      if cold.state.frame.missing == 0 { checkClose(output) }
    }
    output.control(control, payload: cold.state.controlPayload.bytes)
    cold.state.controlPayload.clear(keeping: 128)
  }

  // MARK: Rules

  var headerRules: HeaderRules {
    HeaderRules(side: side, compression: compression, sawClose: sawClose)
  }

  @inline(never)
  mutating func checkRules(
    _ header: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput
  ) {
    if header.payloadBytes >> 63 != 0 {
      let rest = header.withoutTopBit.payloadBytes
      let isReadable = rest <= HeaderRules.readableTopBitLength
      report(.lengthTopBit, at: start, output) {
        "length 0x\(String(header.payloadBytes, radix: 16))" + (isReadable ? ", read on as \(rest)" : "")
      }
      guard isReadable else {
        cold.state.counts.unexplainedBytes &+= UInt64(header.headerBytes)
        abandonMessage(at: start, output)
        return loseSync(at: start, "a frame cannot have 2⁶³ bytes or more", output)
      }
    }
    headerRules.check(header) { rule, detail in report(rule, at: start, output, detail: detail) }
    checkOrder(header, at: start, output)
    guard header.masked, let rule = maskingKeys.rule(brokenBy: header.maskingKey) else { return }
    reportOnce(rule, at: start, output) {
      rule == .zeroMaskingKey ? "masking key 00000000" : "three frames in a row with the same key"
    }
  }

  /// The fragments of one message follow one another (RFC 6455 §5.4).
  private mutating func checkOrder(
    _ header: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput
  ) {
    let opcode = header.opcode
    if opcode == .continuation && !hasOpenMessage && !startMayBeMissing {
      report(.continuationWithoutStart, at: start, output) { "no message is open" }
    } else if opcode == .text || opcode == .binary, hasOpenMessage, assembly.message.opcode != .continuation {
      // A message whose start is missing is abandoned without a word: whether it was complete is not known.
      let open = assembly.message.first.packet
      abandonMessage(at: start, output)
      report(.messageInsideMessage, at: start, output) {
        "\(opcode.name) frame while the message begun in packet \(open) is not finished"
      }
    }
  }

  mutating func checkClose(_ output: WebSocketOutput) {
    // Taken out for the call, so that the decoder can report meanwhile.
    var payload = PayloadBuffer()
    swap(&payload, &cold.state.controlPayload)
    let start = cold.state.frame.start
    CloseRules.check(payload.bytes) { rule, detail in report(rule, at: start, output, detail: detail) }
    swap(&payload, &cold.state.controlPayload)
  }

  /// What the compressed bytes of the open message showed.
  mutating func checkInflation(
    _ failure: String?, hadLostContext: Bool, _ output: WebSocketOutput
  ) {
    guard assembly.message.compressed else { return }
    let first = assembly.message.first
    assembly.result(failure).check(
      compression, hadLostContext: hadLostContext, limit: output.options.inflatedBytes
    ) { rule, detail in
      if rule == .windowExceeded {
        reportOnce(rule, at: first, output, detail: detail)
      } else {
        report(rule, at: first, output, detail: detail)
      }
    }
  }

  mutating func reportInvalidUTF8(
    _ offset: UInt64, at position: StreamPosition, isReadableAsSent: Bool, _ output: WebSocketOutput
  ) {
    report(.invalidUTF8, at: position, output) {
      "not UTF-8 from byte \(offset) of the message" + (isReadableAsSent ? TextAsSent.words : "")
    }
  }

  // MARK: Reports

  /// Rules that were broken more often than reported, with how often.
  public var suppressedReports: [(rule: Rule, count: Int)] { cold.rules.suppressed }

  /// The same rules, with where each was broken last.
  public var lastSuppressedReports: [(rule: Rule, position: StreamPosition)] { cold.rules.lastUnreported }

  mutating func report(
    _ rule: FramingRule, at position: StreamPosition, _ output: WebSocketOutput, detail: () -> String
  ) {
    if cold.state.rules.count(rule) <= RuleCounts.reportLimit {
      output.anomaly(Anomaly(rule.rule, by: side, at: position, detail()))
    } else {
      cold.state.rules.noteUnreported(rule, at: position)
    }
  }

  private mutating func reportOnce(
    _ rule: FramingRule, at position: StreamPosition, _ output: WebSocketOutput, detail: () -> String
  ) {
    if cold.state.rules.count(rule) == 1 {
      output.anomaly(Anomaly(rule.rule, by: side, at: position, detail()))
    }
  }

  /// Most frames of this side had the wrong mask bit; not just one that damage to the stream made look so.
  var hasMaskedWrongly: Bool {
    let wrong = UInt64(cold.rules[side == .client ? .unmaskedClientFrame : .maskedServerFrame])
    return wrong > 0 && wrong &* 2 >= tally.frames
  }
}
