import WireBytes

/// Frames that are complete in one segment and break no rule, as nearly all are: nothing has to be kept of them between two calls.
extension WebSocketDecoder {
  /// Takes plain messages (`FrameHeader.isPlainMessage`) that are complete. Returns the index of the first frame that is not one.
  /// `arePrescanned`: `SegmentPrescan` has seen them, and nobody wants their payloads.
  @inline(__always)
  mutating func receiveWholeMessages(
    _ bytes: Span<UInt8>, arePrescanned: Bool = false, from start: Int, at position: StreamPosition,
    _ output: WebSocketOutput
  ) -> Int {
    guard state == .awaitingHeader, !hasOpenMessage, !sawClose, !output.options.reportsFrames
    else { return start }
    var index = start
    while let header = FrameHeader(parsing: bytes.dropping(index)), header.isPlainMessage,
      header.masked == (side == .client)
    {
      // Below 64 KiB, as it is a plain message.
      let (headerBytes, size) = (Int(header.headerBytes), Int(truncatingIfNeeded: header.payloadBytes))
      let next = index &+ headerBytes &+ size
      // What is not followed by a frame may not be one either.
      guard bytes.count >= next,
        arePrescanned || bytes.count == next || nextMayBegin(bytes.dropping(next), inMessage: false)
      else { break }
      if side == .client {
        guard header.maskingKey != maskingKeys.last else { break }
        maskingKeys.noteFresh(header.maskingKey)
      }
      startMayBeMissing = false
      tally.frames &+= 1
      tally.messages &+= 1
      tally.bytes &+= UInt64(size)
      tally.wireBytes &+= UInt64(headerBytes &+ size)
      lastFirstByte = header.firstByte
      noteSize(UInt32(truncatingIfNeeded: size), in: position.packet)
      let frame = bytes.extracting(index..<next)
      if arePrescanned {
        // Valid, and nobody wants its payload.
        if output.options.reportsMessages {
          report(prescanned: frame, header, at: position.advanced(by: index), output)
        }
      } else if !report(frame, header, at: position.advanced(by: index), output) {
        // It is read again, piece by piece, by what can stop within it.
        takeBack(header, size)
        break
      }
      index = next
    }
    return index
  }

  /// The counts as they were before a frame, for which nothing else happened.
  @inline(never)
  private mutating func takeBack(_ header: FrameHeader, _ size: Int) {
    tally.frames &-= 1
    tally.messages &-= 1
    tally.bytes &-= UInt64(size)
    tally.wireBytes &-= UInt64(header.headerBytes) &+ UInt64(size)
    // The key before it was another one.
    maskingKeys = MaskingKeyHistory()
  }

  /// Reports a message that came in one frame. False, and nothing is done, if it makes doubtful whether frames are where they
  /// are expected.
  @inline(__always)
  private mutating func report(
    _ frame: Span<UInt8>, _ header: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput
  ) -> Bool {
    let payload = frame.dropping(Int(header.headerBytes))
    var message = Message(
      side: side, opcode: header.opcode, first: start, wireBytes: frame.count, bytes: payload.count)
    let key = header.maskingKey
    if key == 0 { return report(&message, payload, key: 0, isASCII: false, output) }
    var isASCII = false
    let unmasked = output.unmask(payload, key: key, isASCII: &isASCII)
    return report(&message, unmasked, key: key, isASCII: isASCII, output)
  }

  /// Reports a message that `SegmentPrescan` has seen.
  private func report(
    prescanned frame: Span<UInt8>, _ header: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput
  ) {
    var message = Message(
      side: side, opcode: header.opcode, first: start, wireBytes: frame.count,
      bytes: frame.count &- Int(header.headerBytes))
    message.isValidUTF8 = header.opcode == .text
    output.message(message, missing: [], payload: frame.extracting(0..<0))
  }

  @inline(__always)
  private mutating func report(
    _ message: inout Message, _ payload: Span<UInt8>, key: UInt32, isASCII: Bool, _ output: WebSocketOutput
  ) -> Bool {
    var utf8 = UTF8Validator()
    let isText = message.opcode == .text
    if isText && isASCII {
      message.isValidUTF8 = true
    } else if isText {
      utf8.receive(payload)
      message.isValidUTF8 = utf8.isValidAtEnd
    }
    if isText && !message.isValidUTF8 {
      if utf8.foundInvalid, maySuspectText(at: message.last, counted: message.wireBytes) { return false }
      // The frame is in one packet, and ends with its payload.
      let place = min(Int(clamping: utf8.validBytes), payload.count &- 1)
      reportInvalidUTF8(
        utf8.validBytes, at: message.last.advanced(by: 1 &+ place &- payload.count),
        isReadableAsSent: TextAsSent.isReadable(payload, key: key), output)
    }
    let shown = payload.extracting(0..<min(payload.count, output.options.keptPayload))
    output.message(message, missing: [], payload: shown)
    return true
  }

  /// Takes a Ping or Pong that is complete and breaks no rule. Returns false, and does nothing, if the frame is not one.
  @inline(__always)
  mutating func receiveWholeControl(
    _ header: FrameHeader, _ frame: Span<UInt8>, at start: StreamPosition, _ output: WebSocketOutput
  ) -> Bool {
    guard header.firstByte == 0x80 | Opcode.ping.rawValue || header.firstByte == 0x80 | Opcode.pong.rawValue,
      header.masked == (side == .client), header.lengthBytes == 0, !sawClose, !output.options.reportsFrames
    else { return false }
    if header.masked {
      guard header.maskingKey != 0, header.maskingKey != maskingKeys.last else { return false }
    }
    let (begin, size) = (Int(header.headerBytes), Int(header.payloadBytes))
    let next = begin &+ size
    guard frame.count >= next, frame.count == next || framesMayFollow(frame.dropping(next)) else {
      return false
    }
    receive(control: header, frame.window(at: begin, length: size), at: start, output)
    return true
  }

  @inline(never)
  private mutating func receive(
    control header: FrameHeader, _ payload: Span<UInt8>, at start: StreamPosition, _ output: WebSocketOutput
  ) {
    if header.masked { maskingKeys.noteFresh(header.maskingKey) }
    let wireBytes = UInt64(header.headerBytes) &+ header.payloadBytes
    tally.frames &+= 1
    tally.wireBytes &+= wireBytes
    if header.opcode == .ping { cold.state.counts.pings &+= 1 } else { cold.state.counts.pongs &+= 1 }
    let control = ControlFrame(
      side: side, opcode: header.opcode, first: start, last: start.advanced(by: Int(wireBytes) &- 1),
      bytes: header.payloadBytes, wireBytes: wireBytes, missingBytes: 0)
    let shown = payload.extracting(0..<min(payload.count, output.options.keptControlPayload))
    if header.masked {
      output.control(control, payload: output.unmask(shown, key: header.maskingKey))
    } else {
      output.control(control, payload: shown)
    }
  }

  /// Whether the header may break a rule. Cheap, because nearly all frames are unremarkable.
  @inline(__always)
  func isRemarkable(_ header: FrameHeader) -> Bool {
    let isCompressed = header.rsv1 && compression.isAllowed
    // All that says whether it is compressed is RSV1.
    let first = header.firstByte & (isCompressed ? 0xBF : 0xFF)
    if FrameHeader.mayBeginPlainMessage(first) && header.masked == (side == .client) && !hasOpenMessage
      && !sawClose && !header.lengthIsNotMinimal && header.payloadBytes >> 63 == 0
    {
      return header.masked && (header.maskingKey == 0 || header.maskingKey == maskingKeys.last)
    }
    return true
  }
}
