import WireBytes

/// Decodes the frames of one direction after the upgrade (RFC 6455 §5), message by message.
///
/// It observes and never fails the connection: a broken rule is reported with its place, then reading goes on
/// as the bytes allow.
public struct WebSocketDecoder: ~Copyable, StreamDecoder {
  /// Takes messages, control frames and anomalies.
  public typealias Sink = WebSocketOutput

  // What a frame in one piece touches is all that stands here: it fits a cache line. The rest is `SlowPath`'s.

  /// Of `counts`, what every frame adds to.
  var tally = Tally()
  /// A Close frame was seen.
  public internal(set) var sawClose = false

  let side: Side
  let compression: SideCompression
  var state = State.awaitingHeader
  var sameKeyFrames: UInt8 = 0
  /// No data frame was seen since bytes were lost: the next may continue a message whose start is among them.
  var startMayBeLost = false
  var lastMaskingKey: UInt32 = 0
  /// A message waits for its next fragment.
  private(set) var hasOpenMessage = false
  /// Bytes of a header that the previous segment cut.
  var heldBytes: UInt8 = 0
  var slow = SlowPathBox()

  struct Tally {
    var messages: UInt64 = 0
    var frames: UInt64 = 0
    var bytes: UInt64 = 0
    var wireBytes: UInt64 = 0
  }

  /// What was seen so far.
  public var counts: SideCounts {
    var counts = slow.counts
    counts.messages = tally.messages
    counts.frames = tally.frames
    counts.bytes = tally.bytes
    counts.wireBytes = tally.wireBytes
    return counts
  }

  enum State: UInt8 {
    case awaitingHeader
    case dataPayload
    case controlPayload
    case reservedPayload
    case lost
    /// Behind a Close stand bytes that are no frames: nothing more is read.
    case over
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
      side: side, allowsCompression: compression.isAllowed, afterHole: false, masks: .unseen)
  }

  /// The next byte begins a frame, but not the first one of the stream.
  package mutating func startInTheMiddle() {
    startMayBeLost = true
    loseContext()
  }

  /// Bytes before the first frame that were not captured.
  package mutating func countLost(_ bytes: UInt64) { slow.state.counts.lostBytes &+= bytes }

  /// Captured bytes that are not there any more belong to no frame that is read.
  package mutating func passOver(_ bytes: UInt64, into output: WebSocketOutput) {
    endSearch(output)
    slow.state.counts.unexplainedBytes &+= bytes
  }

  /// What compression came to so far.
  public var compressionCounts: CompressionCounts { slow.compression }

  private var header: FrameHeader {
    mutating get { slow.state.header }
    set { slow.state.header = newValue }
  }

  private var search: FrameSearch? {
    mutating get { slow.state.search }
    set { slow.state.search = newValue }
  }

  /// The last message that did not come as one plain frame in one segment; it may still be open.
  public var lastMessageInPieces: Message? {
    guard let message = slow.message, message.frames > 0 else { return nil }
    return message
  }

  var assembly: MessageAssembly {
    mutating _read { yield slow.state.assembly }
    _modify { yield &slow.state.assembly }
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
        state != .lost ? receiveInStep(rest, at: start, output) : searchFrame(in: rest, at: start, output)
    }
    return index
  }

  /// The same for a segment's payload of which `PlainMessages` said that it is made of them. In step that says all; else it
  /// says nothing. Only where no payload is kept.
  package mutating func receive(
    plainMessages bytes: Span<UInt8>, at position: StreamPosition, into output: WebSocketOutput
  ) {
    let read = receiveWholeMessages(bytes, areJudged: true, from: 0, at: position, output)
    if read < bytes.count { _ = receive(bytes.dropping(read), at: position.advanced(by: read), into: output) }
  }

  /// A hole in the payload leaves the frames in step: the header said how long the frame is. A hole over a
  /// header starts a search for the next frame.
  public mutating func skip(_ lost: UInt64, at position: StreamPosition, into output: WebSocketOutput) {
    guard lost > 0 else { return }
    slow.state.counts.lostBytes &+= lost
    endSearch(output)
    switch state {
    case .lost, .over:
      break
    case .awaitingHeader:
      if heldBytes > 0 { slow.state.counts.unexplainedBytes &+= UInt64(heldBytes) }
      heldBytes = 0
      abandonMessage(at: position, output)
      loseSync(at: position, "\(lost) bytes were not captured where a frame header was due", output)
    case .dataPayload, .controlPayload, .reservedPayload:
      let inFrame = min(lost, slow.state.payloadLeft)
      slow.state.frameMissing &+= inFrame
      slow.state.payloadLeft &-= inFrame
      if state == .dataPayload { assembly.skip(inFrame, output: output) }
      if state == .controlPayload {
        let room = max(0, output.options.keptControlPayload - slow.state.controlPayload.count)
        slow.state.controlPayload.appendZeros(min(inFrame, UInt64(room)))
      }
      if output.options.reportsFrames {
        slow.state.framePayload.appendZeros(min(inFrame, roomInFrame(output)))
      }
      if slow.state.payloadLeft == 0 { endFrame(at: slow.state.lastCaptured, output) }
      if lost > inFrame {
        abandonMessage(at: position, output)
        loseSync(at: position, "\(lost - inFrame) bytes after a frame were not captured", output)
      }
    }
  }

  /// Reports what is unfinished.
  public mutating func finish(at position: StreamPosition, into output: WebSocketOutput) {
    endSearch(output)
    search = nil
    switch state {
    case .lost, .over:
      break
    case .awaitingHeader:
      if heldBytes > 0 {
        let bytes = heldBytes
        heldBytes = 0
        slow.state.counts.unexplainedBytes &+= UInt64(bytes)
        report(.truncatedFrame, at: slow.state.frameStart, output) { "only \(bytes) bytes of a frame header" }
      }
    case .dataPayload, .controlPayload, .reservedPayload:
      let (left, whole) = (slow.state.payloadLeft, header.payloadBytes)
      report(.truncatedFrame, at: slow.state.frameStart, output) {
        "\(left) of \(whole) payload bytes never came"
      }
      slow.state.frameMissing &+= left
      if state == .dataPayload { assembly.endEarly(missing: left) }
      slow.state.payloadLeft = 0
      endFrame(at: slow.state.lastCaptured, output)
    }
    abandonMessage(at: position, output)
    state = .awaitingHeader
  }

  // MARK: Frames

  /// Returns how many bytes were taken: not all when a header shows that what was taken for frames is none.
  private mutating func receiveInStep(
    _ bytes: Span<UInt8>, at position: StreamPosition, _ output: WebSocketOutput
  ) -> Int {
    var index = 0
    while index < bytes.count {
      switch state {
      case .awaitingHeader:
        index = receiveWholeMessages(bytes, from: index, at: position, output)
        if index == bytes.count { return index }
        if heldBytes == 0, let header = FrameHeader(parsing: bytes.dropping(index)) {
          let start = position.advanced(by: index)
          if receiveWholeControl(header, bytes.dropping(index), at: start, output) {
            index &+= Int(header.headerBytes) &+ Int(header.payloadBytes)
            continue
          }
          index &+= Int(header.headerBytes)
          begin(header, at: start, output)
        } else {
          index &+= holdHeader(bytes.dropping(index), at: position.advanced(by: index), output)
        }
        // An empty frame ends with its header.
        if state != .awaitingHeader && state != .lost && state != .over && slow.state.payloadLeft == 0 {
          endFrame(at: position.advanced(by: index &- 1), output)
        }
      case .dataPayload, .controlPayload, .reservedPayload:
        let count = Int(min(slow.state.payloadLeft, UInt64(bytes.count &- index)))
        receivePayload(bytes.extracting(index..<index &+ count), at: position.advanced(by: index), output)
        index &+= count
        if slow.state.payloadLeft == 0 { endFrame(at: position.advanced(by: index &- 1), output) }
      case .lost:
        return index
      case .over:
        slow.state.counts.unexplainedBytes &+= UInt64(bytes.count &- index)
        return bytes.count
      }
    }
    if state != .awaitingHeader { slow.state.lastCaptured = position.advanced(by: index &- 1) }
    return index
  }

  /// Collects a header that does not lie in one piece. Returns the bytes taken.
  private mutating func holdHeader(
    _ bytes: Span<UInt8>, at position: StreamPosition, _ output: WebSocketOutput
  ) -> Int {
    if heldBytes == 0 { slow.state.frameStart = position }
    for index in bytes.indices {
      slow.state.heldHeader[Int(heldBytes)] = bytes[index]
      heldBytes &+= 1
      let held = slow.state.heldHeader
      if let header = FrameHeader(parsing: held.span.extracting(0..<Int(heldBytes))) {
        heldBytes = 0
        begin(header, at: slow.state.frameStart, output)
        return index &+ 1
      }
    }
    return bytes.count
  }

  /// A header was read: the rules that it alone can break, then what its payload goes to.
  @inline(__always)
  private mutating func begin(
    _ found: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput
  ) {
    var header = found
    slow.state.frameStart = start
    slow.state.frameMissing = 0
    if isRemarkable(header) {
      if sawClose && !mayBeFrame(header) || side == .server && header.beginsHTTP {
        return endFrames(header, at: start, output)
      }
      checkRules(header, at: start, output)
      if state == .lost { return }
      header = header.withoutTopBit
    }
    self.header = header
    slow.state.payloadLeft = header.payloadBytes
    noteMaskingKey(header)
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
        if header.rsv1 { slow.state.needInflater(output) }
      }
      startMayBeLost = false
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
    assembly.open(header, side: side, at: start, compression, inflates: output.options.inflates)
    hasOpenMessage = true
    if assembly.isInflating, slow.state.needInflater(output), slow.state.contextIsLost {
      slow.state.inflater?.loseWindow()
    }
  }

  /// Payload bytes of the open frame, masked as they were sent.
  private mutating func receivePayload(
    _ bytes: Span<UInt8>, at position: StreamPosition, _ output: WebSocketOutput
  ) {
    let phase = header.payloadBytes &- slow.state.payloadLeft
    slow.state.payloadLeft &-= UInt64(bytes.count)
    tally.wireBytes &+= UInt64(bytes.count)
    let key = header.masked ? Masking.key(header.maskingKey, atPhase: phase) : 0
    let isText = state == .dataPayload && !assembly.isInflating
    defer { if isText { assembly.noteText(bytes.count, at: position) } }
    if state == .dataPayload && assembly.takesPlain && header.masked && !output.options.reportsFrames {
      return assembly.receive(masked: bytes, key: key, output: output)
    }
    receivePieces(bytes, key: key, output)
  }

  private mutating func receivePieces(_ bytes: Span<UInt8>, key: UInt32, _ output: WebSocketOutput) {
    var index = 0
    while index < bytes.count {
      // A piece is a multiple of four bytes, so that the key's phase is the same for each.
      let piece = bytes.extracting(index..<min(index + WebSocketOutput.scratchBytes, bytes.count))
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
      slow.state.framePayload.append(bytes.extracting(0..<Int(min(UInt64(bytes.count), roomInFrame(output)))))
    }
    switch state {
    case .dataPayload:
      slow.state.receive(bytes, output)
    case .controlPayload:
      let room = max(0, output.options.keptControlPayload - slow.state.controlPayload.count)
      slow.state.controlPayload.append(bytes.extracting(0..<min(room, bytes.count)))
    case .awaitingHeader, .reservedPayload, .lost, .over:
      break
    }
  }

  private mutating func roomInFrame(_ output: WebSocketOutput) -> UInt64 {
    UInt64(max(0, output.options.keptPayload - slow.state.framePayload.count))
  }

  private mutating func endFrame(at last: StreamPosition, _ output: WebSocketOutput) {
    if output.options.reportsFrames {
      let frame = Frame(
        side: side, header: header, first: slow.state.frameStart, last: last,
        missingBytes: slow.state.frameMissing)
      output.sink.frame(frame, payload: slow.state.framePayload.bytes)
      slow.state.framePayload.clear(keeping: 4096)
    }
    let ended = state
    state = .awaitingHeader
    switch ended {
    case .dataPayload:
      assembly.message.last = last
      if compression.isPerFrame && slow.state.frameMissing == 0 {
        slow.state.endFrame(output)
      }
      if header.fin { endMessage(output) }
    case .controlPayload:
      endControl(at: last, output)
    case .awaitingHeader, .reservedPayload, .lost, .over:
      break
    }
  }

  private mutating func endMessage(_ output: WebSocketOutput) {
    let hadLostContext = slow.state.contextIsLost
    let failure = slow.state.endMessage(output)
    if failure == nil {
      slow.state.contextIsLost = slow.state.contextIsLost && slow.state.inflater?.isInDoubt ?? true
    } else if failure != Inflater.refersToUnknown {
      loseContext()
    }
    tally.messages &+= 1
    tally.bytes &+= assembly.message.bytes
    checkInflation(failure, hadLostContext: hadLostContext, output)
    if let (offset, position) = assembly.invalidText { reportInvalidUTF8(offset, at: position, output) }
    assembly.deliver(to: output)
    hasOpenMessage = false
    if compression.forgetsContext, let spare = slow.state.inflater.take() { output.keep(spare) }
  }

  /// The window lacks output: what comes next may refer to it.
  private mutating func loseContext() {
    slow.state.contextIsLost = !compression.forgetsContext
    if slow.state.contextIsLost {
      slow.state.inflater?.loseWindow()
    } else {
      slow.state.inflater?.forgetContext()
    }
  }

  /// The open message will get no more fragments: it is reported as far as it came.
  mutating func abandonMessage(at position: StreamPosition, _ output: WebSocketOutput) {
    guard hasOpenMessage else { return }
    let (first, frames) = (assembly.message.first, assembly.message.frames)
    report(.unfinishedMessage, at: first, output) { "\(frames) frames of it, none with FIN" }
    assembly.message.complete = false
    endMessage(output)
  }

  private mutating func endControl(at last: StreamPosition, _ output: WebSocketOutput) {
    let control = ControlFrame(
      side: side, opcode: header.opcode, first: slow.state.frameStart, last: last, bytes: header.payloadBytes,
      wireBytes: header.payloadBytes &+ UInt64(header.headerBytes), missingBytes: slow.state.frameMissing)
    switch header.opcode {
    case .ping: slow.state.counts.pings &+= 1
    case .pong: slow.state.counts.pongs &+= 1
    default: break
    }
    if header.opcode == .close {
      sawClose = true
      if slow.state.frameMissing == 0 { checkClose(output) }
    }
    output.sink.control(control, payload: slow.state.controlPayload.bytes)
    slow.state.controlPayload.clear(keeping: 128)
  }

  /// What stands here breaks the grammar of frames: an application wrote on behind its Close, or a framework that
  /// believes the request is still to be answered sends an HTTP response.
  private mutating func endFrames(
    _ header: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput
  ) {
    slow.state.counts.unexplainedBytes &+= UInt64(header.headerBytes)
    abandonMessage(at: start, output)
    state = .over
    report(.notAFrame, at: start, output) {
      header.beginsHTTP
        ? "here begins an HTTP response; the rest of the stream is not read"
        : "what follows the Close begins with 0x\(String(header.firstByte, radix: 16)); the rest is not read"
    }
  }

  // MARK: Out of step

  private mutating func loseSync() {
    state = .lost
    startMayBeLost = true
    loseContext()
    search = FrameSearch(
      side: side, allowsCompression: compression.isAllowed, masks: hasMaskedWrongly ? .breakRule : .keepRule)
  }

  mutating func loseSync(at position: StreamPosition, _ why: String, _ output: WebSocketOutput) {
    loseSync()
    report(.lostFrameSync, at: position, output) { why }
  }

  /// Returns how many bytes were taken: not all when frames were found.
  private mutating func searchFrame(
    in bytes: Span<UInt8>, at position: StreamPosition, _ output: WebSocketOutput
  ) -> Int {
    guard let search else { return 0 }
    let (taken, finding) = search.receive(bytes, at: position)
    if let finding {
      resume(finding, output)
    } else {
      slow.state.counts.unexplainedBytes &+= search.takeGivenUp()
    }
    return taken
  }

  /// The packets held so far are the last before a hole, or before the end.
  private mutating func endSearch(_ output: WebSocketOutput) {
    while let search {
      guard let finding = search.endOfPackets() else {
        slow.state.counts.unexplainedBytes &+= search.takeGivenUp()
        return
      }
      resume(finding, output)
    }
  }

  /// Back in step: what the search held is read as frames.
  private mutating func resume(_ finding: FrameSearch.Finding, _ output: WebSocketOutput) {
    guard let search else { return }
    self.search = nil
    state = .awaitingHeader
    slow.state.counts.unexplainedBytes &+= search.takeGivenUp() &+ finding.unexplained
    report(.resynchronised, at: finding.position, output) {
      "\(finding.passedOver) bytes passed over, then \(finding.reason)"
    }
    search.replay(from: finding) { _ = receive($0, at: $1, into: output) }
  }

  // MARK: Rules

  @inline(__always)
  private mutating func noteMaskingKey(_ header: FrameHeader) {
    if header.maskingKey != lastMaskingKey {
      sameKeyFrames = 0
      lastMaskingKey = header.maskingKey
    }
  }

  /// Cheap: nearly all frames are unremarkable.
  @inline(__always)
  private func isRemarkable(_ header: FrameHeader) -> Bool {
    let first = header.firstByte
    let plain = first == 0x81 || first == 0x82
    if plain && header.masked == (side == .client) && !hasOpenMessage && !sawClose
      && !header.lengthIsNotMinimal && header.payloadBytes >> 63 == 0
    {
      return header.masked && (header.maskingKey == 0 || header.maskingKey == lastMaskingKey)
    }
    return true
  }
}
