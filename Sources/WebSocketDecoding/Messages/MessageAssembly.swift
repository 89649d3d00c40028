import WireBytes

/// The message that is open on one side: its fragments joined, inflated and validated as they come.
///
/// It is kept in the `DecoderColdState`, so that a decoder whose messages all come in one piece does not carry it.
struct MessageAssembly: ~Copyable {
  /// What is known of it so far.
  var message: Message
  /// Packets that brought bytes of it, and the last of them.
  private(set) var packets = 0
  private var lastPacket: UInt64 = 0
  private var utf8 = UTF8Validator()
  private var invalidPosition: StreamPosition?
  /// The payload as reports show it, up to the limit.
  private var kept = PayloadBuffer()
  /// Bytes that `kept` will hold when the open frame is complete, as its header says; 0 if that is not known.
  private var expected = 0
  /// Payload bytes that may be kept: those of the options, or fewer from where the memory of all did not suffice.
  private var limit = 0
  /// What the budget knows to be held.
  private var charged = 0
  /// The compressed bytes, kept until it is certain that they can be inflated.
  private var asSent = PayloadBuffer()
  private var asSentBytes: UInt64 = 0
  private var missing: [MissingRange] = []
  /// Missing ranges that are listed; further ones only count as missing bytes.
  static let missingLimit = 1024
  /// Why it could not be inflated.
  private var inflationError: String?
  /// The message is compressed, or its frames can be.
  private var mayInflate = false
  /// The payload of the open frame is compressed and is inflated.
  private var inflating = false
  /// The agreed window is 2 to this power, in bytes.
  private var windowBits = 15
  /// Compressed bytes since the message began, or since the frame began if each frame is compressed by itself.
  private var unitBytes: UInt64 = 0
  /// The message inflates to more than `DecodingOptions.inflatedBytes`.
  private(set) var beyondLimit = false
  /// Compressed bytes did not end as RFC 7692 §7.2.1 requires.
  private(set) var hasWrongTail = false
  /// How well this side's messages were compressed so far.
  private(set) var compression = CompressionCounts()
  /// The largest distance in the message that refers beyond the agreed window; 0 if none does.
  private(set) var farthestDistance = 0

  init() {
    message = Message(
      side: .client, opcode: .continuation,
      first: StreamPosition(offset: 0, packet: 0, time: CaptureTime(nanoseconds: 0)),
      compressed: false)
  }

  /// A message begins with the frame that has this header.
  mutating func open(
    _ header: FrameHeader, side: Side, at position: StreamPosition, _ compression: SideCompression,
    _ options: DecodingOptions
  ) {
    let inflates = options.inflates
    limit = options.keptPayload
    let isStart = header.opcode != .continuation
    message = Message(side: side, opcode: header.opcode, first: position, compressed: header.rsv1 && isStart)
    (packets, lastPacket) = (1, position.packet)
    // A continuation whose start is missing is the rest of a message at best.
    message.complete = isStart
    inflating = message.compressed && inflates && compression.isAllowed
    mayInflate = inflating || (compression.isPerFrame && inflates)
    message.inflated = !message.compressed || inflating
    utf8 = UTF8Validator()
    invalidPosition = nil
    (asSentBytes, unitBytes) = (0, 0)
    inflationError = nil
    (beyondLimit, hasWrongTail) = (false, false)
    farthestDistance = 0
    windowBits = Int(compression.windowBits)
  }

  /// Notes that a packet brings bytes of it.
  mutating func note(packet: UInt64) {
    if packet != lastPacket { (packets, lastPacket) = (packets &+ 1, packet) }
  }

  /// The payload of the open frame is compressed and is inflated.
  var isInflating: Bool { inflating }

  /// Every payload byte is kept as it is, apart from the mask.
  var takesPlain: Bool { !mayInflate }

  /// A further frame of the message begins; called if each frame is compressed by itself.
  mutating func beginFrame(_ header: FrameHeader, inflates: Bool) {
    inflating = header.rsv1 && inflates
    if header.rsv1 { message.compressed = true }
    if header.rsv1 && !inflates { message.inflated = false }
    unitBytes = 0
  }

  /// Whether the message, if it ends with the bytes so far, is one that cannot be inflated. `mayEnd`: DEFLATE allows that it ends there.
  func failsToInflate(mayEnd: Bool) -> Bool {
    guard inflating, unitBytes > 0, !beyondLimit else { return false }
    return inflationError != nil || !mayEnd
  }

  /// Counts a frame of the message that begins.
  mutating func count(_ header: FrameHeader, keptPayload: Int) {
    message.frames &+= 1
    message.wireBytes &+= header.payloadBytes.addingReportingOverflow(UInt64(header.headerBytes)).partialValue
    let announced = header.payloadBytes.addingReportingOverflow(UInt64(kept.count))
    expected =
      mayInflate ? 0 : Int(min(announced.overflow ? .max : announced.partialValue, UInt64(keptPayload)))
  }

  /// The open frame is complete; called if each frame is compressed by itself.
  mutating func endFrame(inflater: inout Inflater?, output: WebSocketOutput) {
    if inflating { endInflation(&inflater, output) }
    inflating = false
  }

  /// Payload bytes of the open frame, unmasked.
  mutating func receive(_ bytes: Span<UInt8>, inflater: inout Inflater?, output: WebSocketOutput) {
    guard mayInflate else { return take(bytes, output) }
    keepAsSent(bytes, output)
    asSentBytes &+= UInt64(bytes.count)
    if inflating {
      if unitBytes == 0 { inflater?.beginUnit(windowBits: windowBits) }
      unitBytes &+= UInt64(bytes.count)
      inflate(bytes, with: &inflater, output: output)
    } else {
      take(bytes, output)
    }
  }

  /// Masked payload bytes of an uncompressed message: they are unmasked straight to where they are kept.
  mutating func receive(masked bytes: Span<UInt8>, key: UInt32, output: WebSocketOutput) {
    let room = makeRoom(for: bytes.count, output)
    if room > 0 {
      let before = kept.count
      var isASCII = false
      unsafe kept.append(room) { tail in
        isASCII = unsafe bytes.extracting(0..<room).withUnsafeBytes {
          unsafe Masking.apply(key, from: $0, to: tail)
        }
      }
      if message.opcode == .text {
        var validator = utf8
        validator.receive(kept.bytes.extracting(before..<before + room), isASCII: isASCII)
        utf8 = validator
      }
    }
    var index = room
    let keyThere = Masking.key(key, atPhase: UInt64(room))
    while index < bytes.count {
      // Beyond the limit nothing is kept, but everything is checked. The scratch size keeps the key's phase.
      let piece = bytes.extracting(index..<min(index + DecodingContext.scratchBytes, bytes.count))
      check(output.unmask(piece, key: keyThere))
      index += piece.count
    }
    message.bytes &+= UInt64(bytes.count)
  }

  /// `lost` payload bytes were not captured.
  mutating func skip(_ lost: UInt64, output: WebSocketOutput) {
    message.complete = false
    message.missingBytes &+= lost
    noteMissing(at: mayInflate ? asSentBytes : message.bytes, lost)
    let count = Int(clamping: lost)
    if mayInflate {
      asSentBytes &+= lost
      asSent.appendZeros(UInt64(makeRoomAsSent(for: count, output)))
      inflationError = inflationError ?? "\(lost) bytes of it were not captured"
    } else {
      message.bytes &+= lost
      kept.appendZeros(UInt64(makeRoom(for: count, output)))
    }
  }

  private mutating func noteMissing(at offset: UInt64, _ lost: UInt64) {
    if let last = missing.last, last.offset &+ last.bytes == offset {
      missing[missing.count - 1].bytes &+= lost
    } else if missing.count < Self.missingLimit {
      missing.append(MissingRange(offset: offset, bytes: lost))
    }
  }

  /// The last `missing` bytes of the open frame never came, because the stream ended: unlike a gap that ends the message.
  mutating func endEarly(missing: UInt64) {
    message.complete = false
    message.missingBytes &+= missing
  }

  /// Ends the message. Returns why it could not be inflated, if so.
  mutating func end(inflater: inout Inflater?, output: WebSocketOutput) -> String? {
    if inflating, message.complete { endInflation(&inflater, output) }
    let wasInflated = mayInflate && message.compressed
    if wasInflated, message.complete, inflater?.takeRefersToUnknown() == true {
      inflationError = inflationError ?? Inflater.refersToUnknown
    }
    let failed = wasInflated && (inflationError != nil || !message.complete)
    if failed || (mayInflate && !message.inflated) {
      message.inflated = false
      message.bytes = asSentBytes
    } else if mayInflate && !message.compressed {
      // Its frames could have been compressed, and none was.
      message.bytes = asSentBytes
    } else if wasInflated {
      message.compressedBytes = asSentBytes
      compression.add(message)
    }
    message.isValidUTF8 = isReadableText
    return failed ? (inflationError ?? "the message is not complete") : nil
  }

  /// How inflating it ended; `failure` is what `end` returned.
  func result(_ failure: String?) -> InflationResult {
    InflationResult(
      failure: failure, isComplete: message.complete, farthestDistance: farthestDistance,
      isBeyondLimit: beyondLimit, hasWrongTail: hasWrongTail)
  }

  /// Hands the message to the sink and forgets it.
  mutating func deliver(to output: WebSocketOutput) {
    if mayInflate && !(message.compressed && message.inflated) {
      output.message(message, missing: missing, payload: asSent.bytes)
    } else {
      output.message(message, missing: missing, buffer: &kept)
    }
    release(output)
  }

  /// Gives back the memory that the message held.
  private mutating func release(_ output: WebSocketOutput) {
    output.context.spareBuffers.take(&kept)
    asSent.clear()
    if !missing.isEmpty { missing = [] }
    output.context.budget.update(&charged, to: 0)
  }

  /// Every byte that was seen is text. A message that was cut off may end within a character.
  private var isReadableText: Bool {
    guard message.opcode == .text, message.inflated, missing.isEmpty, !beyondLimit else { return false }
    return message.complete ? utf8.isValidAtEnd : !utf8.foundInvalid
  }

  /// RFC 7692 §7.2.2: the sender removed the last four bytes of the empty block; they are put back. They end a block,
  /// unless the message was cut off in the middle of one.
  private mutating func endInflation(_ inflater: inout Inflater?, _ output: WebSocketOutput) {
    guard inflationError == nil, inflater != nil else { return }
    if unitBytes > 0, inflater?.takeEmptyBlock() == true { return }
    if unitBytes == 0 || inflater?.isAtStreamEnd == true || inflater?.isBetweenBlocks == true {
      // There is no empty block, or it is complete: four more bytes would bring the stream out of step.
      hasWrongTail = true
      return
    }
    let tail: InlineArray<4, UInt8> = [0x00, 0x00, 0xFF, 0xFF]
    inflate(tail.span, with: &inflater, output: output)
    if inflationError == nil && inflater?.isBetweenBlocks == false {
      inflationError = "it ends within a block"
    }
  }

  /// How many bytes of a text are valid before the first invalid one, and the position of that one; nil if none is
  /// invalid. For a compressed message the position is its first byte, for one that ends within a character its last.
  var invalidText: (offset: UInt64, position: StreamPosition)? {
    guard message.opcode == .text, message.inflated, message.complete, !beyondLimit else { return nil }
    if utf8.isValidAtEnd { return nil }
    return (utf8.validBytes, invalidPosition ?? (message.compressed ? message.first : message.last))
  }

  /// Whether the text of a message of one frame, which had this masking key, would be readable without unmasking.
  func isReadableAsSent(with key: UInt32) -> Bool {
    message.frames == 1 && !message.compressed && TextAsSent.isReadable(kept.bytes, key: key)
  }

  /// `count` uncompressed bytes at `position` were taken: notes the position of the first invalid one. Returns how many valid
  /// bytes are before it, if it is among them.
  mutating func noteText(_ count: Int, at position: StreamPosition) -> Int? {
    let before = message.bytes &- UInt64(count)
    // If each frame is compressed by itself, it may be in a compressed one.
    guard utf8.foundInvalid, invalidPosition == nil, utf8.validBytes >= before else { return nil }
    let valid = Int(clamping: utf8.validBytes &- before)
    invalidPosition = position.advanced(by: valid)
    return valid
  }

  /// Forgets the message: its bytes were not what they were taken for.
  mutating func discard(_ output: WebSocketOutput) {
    release(output)
    message.frames = 0
  }

  private mutating func take(_ bytes: Span<UInt8>, _ output: WebSocketOutput) {
    check(bytes)
    message.bytes &+= UInt64(bytes.count)
    let room = makeRoom(for: bytes.count, output)
    if room > 0 { kept.append(bytes.extracting(0..<room)) }
  }

  // MARK: Memory

  /// Makes room for payload. Returns how much of it is kept: what comes after a byte that is not kept is not kept either.
  @inline(__always)
  private mutating func makeRoom(for bytes: Int, _ output: WebSocketOutput) -> Int {
    let room = min(bytes, limit &- min(limit, kept.count))
    guard room > 0, kept.count &+ room > kept.capacity else { return room }
    guard mayHold(kept.capacity(adding: room, expecting: expected) &+ asSent.capacity, output) else {
      limit = kept.count
      return 0
    }
    output.context.spareBuffers.reserve(room, expecting: expected, in: &kept)
    output.context.budget.update(&charged, to: kept.capacity &+ asSent.capacity)
    return room
  }

  /// The same for compressed bytes.
  private mutating func makeRoomAsSent(for bytes: Int, _ output: WebSocketOutput) -> Int {
    let room = min(bytes, limit &- min(limit, asSent.count))
    guard room > 0, asSent.count &+ room > asSent.capacity else { return room }
    guard mayHold(asSent.capacity(adding: room) &+ kept.capacity, output) else {
      // Of both no more than the message is shortened to, if it turns out that it cannot be inflated.
      limit = min(limit, max(asSent.count, kept.count))
      return 0
    }
    asSent.reserve(room)
    output.context.budget.update(&charged, to: kept.capacity &+ asSent.capacity)
    return room
  }

  private mutating func keepAsSent(_ bytes: Span<UInt8>, _ output: WebSocketOutput) {
    let room = makeRoomAsSent(for: bytes.count, output)
    if room > 0 { asSent.append(bytes.extracting(0..<room)) }
  }

  @inline(never)
  private func mayHold(_ bytes: Int, _ output: WebSocketOutput) -> Bool {
    if output.context.budget.allows(bytes, holding: charged) { return true }
    // Once for a message, of which two forms may be held.
    if limit == output.options.keptPayload { output.context.budget.countShortened() }
    return false
  }

  private mutating func check(_ bytes: Span<UInt8>) {
    if message.opcode == .text && !beyondLimit { utf8.receive(bytes) }
  }

  private mutating func inflate(_ bytes: Span<UInt8>, with inflater: inout Inflater?, output: WebSocketOutput)
  {
    guard inflationError == nil, inflater != nil else { return }
    let limit = output.options.inflatedBytes
    // A bomb may inflate to a thousand times its size; at 16 times the limit the window is given up.
    let hardLimit = limit.multipliedReportingOverflow(by: 16)
    let last = hardLimit.overflow ? UInt64.max : hardLimit.partialValue
    inflationError = inflater?.inflate(bytes, sharing: &output.context.spareCodes) { block in
      // Cut exactly at the limit, because where pieces of output end depends on how the bytes came in.
      let room = beyondLimit ? 0 : Int(min(UInt64(block.count), limit &- message.bytes))
      if room > 0 { take(block.extracting(0..<room), output) }
      if room < block.count {
        beyondLimit = true
        message.bytes &+= UInt64(block.count - room)
      }
      return message.bytes <= last
    }
    farthestDistance = max(farthestDistance, inflater?.farthestDistance ?? 0)
  }
}

extension WebSocketOutput {
  /// The bytes combined with the key, in the shared scratch: valid until the next call. At most
  /// `scratchBytes`.
  @_lifetime(borrow self)
  @inline(__always)
  func unmask(_ bytes: Span<UInt8>, key: UInt32) -> Span<UInt8> {
    var isASCII = false
    return unmask(bytes, key: key, isASCII: &isASCII)
  }

  /// The same, and whether all of it is ASCII.
  @_lifetime(borrow self)
  @inline(__always)
  func unmask(_ bytes: Span<UInt8>, key: UInt32, isASCII: inout Bool) -> Span<UInt8> {
    isASCII = unsafe bytes.withUnsafeBytes { unsafe Masking.apply(key, from: $0, to: context.scratch) }
    let filled = unsafe UnsafeRawBufferPointer(start: context.scratch.baseAddress, count: bytes.count)
    let span = unsafe Span<UInt8>(_unsafeBytes: filled)
    // Safe: the scratch lives as long as self, and the copy above checked that the bytes fit.
    return unsafe _overrideLifetime(span, borrowing: self)
  }
}
