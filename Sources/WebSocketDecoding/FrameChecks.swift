import WireBytes

/// The rules that a frame header shows, and those of Close frames (RFC 6455 §5, §7; RFC 7692 §6).
extension WebSocketDecoder {
  @inline(never)
  mutating func checkRules(
    _ header: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput
  ) {
    if header.payloadBytes >> 63 != 0 {
      let rest = header.withoutTopBit.payloadBytes
      let isReadable = rest <= Self.readableTopBitLength
      report(.lengthTopBit, at: start, output) {
        "length 0x\(String(header.payloadBytes, radix: 16))" + (isReadable ? ", read on as \(rest)" : "")
      }
      guard isReadable else {
        slow.state.counts.unexplainedBytes &+= UInt64(header.headerBytes)
        abandonMessage(at: start, output)
        return loseSync(at: start, "a frame of 2⁶³ bytes or more cannot be", output)
      }
    }
    if header.masked != (side == .client) {
      if side == .client {
        report(.unmaskedClientFrame, at: start, output) { "MASK is 0 in a frame from the client" }
      } else {
        report(.maskedServerFrame, at: start, output) { "MASK is 1 in a frame from the server" }
      }
    }
    let opcode = header.opcode
    if !opcode.isKnown {
      report(.reservedOpcode, at: start, output) { "opcode \(opcode.rawValue)" }
    }
    checkReservedBits(header, at: start, output)
    if header.lengthIsNotMinimal {
      let bytes = header.headerBytes - (header.masked ? 4 : 0) == 4 ? 2 : 8
      let length = header.payloadBytes
      report(.nonMinimalLength, at: start, output) { "length \(length) written in \(bytes) bytes" }
    }
    if header.isControl {
      if sawClose && opcode == .close {
        report(.repeatedClose, at: start, output) { "another Close frame" }
      }
      if !header.fin {
        report(.fragmentedControlFrame, at: start, output) { "\(opcode.name) with FIN 0" }
      }
      if header.payloadBytes > 125 {
        let length = header.payloadBytes
        report(.longControlFrame, at: start, output) { "\(opcode.name) of \(length) bytes" }
      }
    } else {
      if sawClose {
        report(.frameAfterClose, at: start, output) { "\(opcode.name) frame after Close" }
      }
      if opcode == .continuation && !hasOpenMessage && !startMayBeLost {
        report(.continuationWithoutStart, at: start, output) { "no message is open" }
      } else if opcode != .continuation && hasOpenMessage && opcode.carriesMessage
        && assembly.message.opcode != .continuation
      {
        // A message without its start was no message to begin with.
        let open = assembly.message.first.packet
        abandonMessage(at: start, output)
        report(.messageInsideMessage, at: start, output) {
          "\(opcode.name) frame while the message begun in packet \(open) is not finished"
        }
      }
    }
    checkMaskingKey(header, at: start, output)
  }

  /// Nothing in the header forbids that it is one: what is judged after a Close, where bytes of another protocol
  /// may stand.
  func mayBeFrame(_ header: FrameHeader) -> Bool {
    guard header.opcode.isKnown, !header.rsv2, !header.rsv3, header.payloadBytes >> 63 == 0,
      header.masked == (side == .client), !header.rsv1 || (compression.isAllowed && !header.isControl)
    else { return false }
    return !header.isControl || (header.fin && header.payloadBytes <= 125)
  }

  /// A length with its top bit set is read as if it were not, as far as this: the rest of the length is one then,
  /// and not arbitrary bytes.
  private static let readableTopBitLength: UInt64 = 1 << 20

  mutating func checkReservedBits(
    _ header: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput
  ) {
    if header.rsv1 {
      if header.isControl {
        report(.rsv1OnControlFrame, at: start, output) { "RSV1 on a \(header.opcode.name) frame" }
      } else if !compression.isAllowed {
        report(.rsv1WithoutExtension, at: start, output) { "RSV1 set, no compression was negotiated" }
      } else if header.opcode == .continuation && !compression.isPerFrame {
        report(.rsv1OnContinuation, at: start, output) { "RSV1 on a continuation frame" }
      }
    }
    if header.rsv2 || header.rsv3 {
      report(.reservedBit, at: start, output) {
        header.rsv2 && header.rsv3 ? "RSV2 and RSV3 are set" : header.rsv2 ? "RSV2 is set" : "RSV3 is set"
      }
    }
  }

  mutating func checkMaskingKey(
    _ header: FrameHeader, at start: StreamPosition, _ output: WebSocketOutput
  ) {
    guard header.masked, counts.frames > 0 || header.maskingKey == 0 else { return }
    if header.maskingKey == 0 {
      reportOnce(.zeroMaskingKey, at: start, output) { "masking key 00000000" }
    } else if header.maskingKey == lastMaskingKey {
      // Two equal keys in a row can be chance (1 in 2³²); three are a constant.
      sameKeyFrames = min(sameKeyFrames &+ 1, 2)
      if sameKeyFrames == 2 {
        reportOnce(.constantMaskingKey, at: start, output) { "three frames in a row with the same key" }
      }
    }
  }

  mutating func checkClose(_ output: WebSocketOutput) {
    let size = slow.state.controlPayload.count
    if size == 1 {
      report(.closePayloadOneByte, at: slow.state.frameStart, output) { "the payload is one byte" }
    }
    guard size >= 2 else { return }
    let code = slow.state.controlPayload.bytes.uint16(at: 0)
    if let objection = CloseCode.objection(to: code) {
      report(.invalidCloseCode, at: slow.state.frameStart, output) { "code \(code): \(objection)" }
    }
    var utf8 = UTF8Validator()
    utf8.receive(slow.state.controlPayload.bytes.dropping(2))
    if !utf8.isValidAtEnd {
      let offset = utf8.validBytes
      report(.invalidUTF8CloseReason, at: slow.state.frameStart, output) {
        "not UTF-8 from byte \(offset) of the reason"
      }
    }
  }

  /// What the compressed bytes of the open message showed.
  mutating func checkInflation(_ failure: String?, hadLostContext: Bool, _ output: WebSocketOutput) {
    guard assembly.message.compressed else { return }
    let first = assembly.message.first
    let agreed = 1 << Int(compression.windowBits)
    let farthest = assembly.farthestDistance
    if farthest > agreed {
      let bits = compression.windowBits
      reportOnce(.windowExceeded, at: first, output) {
        "refers \(farthest) bytes back; max_window_bits=\(bits) was agreed on, which is \(agreed)"
      }
    }
    if let failure, assembly.message.complete, !assembly.beyondLimit {
      let isTooFar = failure == Inflater.refersTooFarBack || failure == Inflater.refersToUnknown
      let breaksAgreement = isTooFar && compression.forgetsContext
      report(isTooFar && hadLostContext ? .contextLost : .inflationFailed, at: first, output) {
        failure + (breaksAgreement ? ": before its start, though no context takeover was agreed on" : "")
      }
    }
    if failure == nil && assembly.hasWrongTail {
      report(.deflateTail, at: first, output) { "the compressed bytes do not end within an empty block" }
    }
    if assembly.beyondLimit {
      let limit = output.options.inflatedBytes
      report(.inflationTooLarge, at: first, output) { "more than \(limit) bytes, which is the limit" }
    }
  }

  mutating func reportInvalidUTF8(_ offset: UInt64, at position: StreamPosition, _ output: WebSocketOutput) {
    report(.invalidUTF8, at: position, output) { "not UTF-8 from byte \(offset) of the message" }
  }

  // MARK: Reports

  /// A hostile stream can break a rule in every frame: after `reportLimit` reports a rule is only counted.
  private static let reportLimit: UInt32 = 64

  /// Rules that were broken more often than reported, with how often.
  public var suppressedReports: [(rule: Rule, count: Int)] {
    let reports = slow.reports
    return FramingRule.allCases.compactMap { rule in
      let count = reports.isEmpty ? 0 : reports[Int(rule.rawValue)]
      return count > Self.reportLimit ? (rule.rule, Int(count)) : nil
    }
  }

  mutating func report(
    _ rule: FramingRule, at position: StreamPosition, _ output: WebSocketOutput, detail: () -> String
  ) {
    if count(rule) <= Self.reportLimit {
      output.sink.anomaly(Anomaly(rule.rule, by: side, at: position, detail()))
    }
  }

  mutating func reportOnce(
    _ rule: FramingRule, at position: StreamPosition, _ output: WebSocketOutput, detail: () -> String
  ) {
    if count(rule) == 1 { output.sink.anomaly(Anomaly(rule.rule, by: side, at: position, detail())) }
  }

  /// Frames of this side had the wrong mask bit, and not just one that a damaged stream made look so: most of them.
  var hasMaskedWrongly: Bool {
    let reports = slow.reports
    guard !reports.isEmpty else { return false }
    let rule = side == .client ? FramingRule.unmaskedClientFrame : .maskedServerFrame
    let wrong = UInt64(reports[Int(rule.rawValue)])
    return wrong > 0 && wrong &* 2 >= counts.frames
  }

  /// How often the rule was broken, this time included.
  mutating func count(_ rule: FramingRule) -> UInt32 {
    if slow.state.reports.isEmpty {
      slow.state.reports = Array(repeating: 0, count: FramingRule.allCases.count)
    }
    let index = Int(rule.rawValue)
    if slow.state.reports[index] < .max { slow.state.reports[index] &+= 1 }
    return slow.state.reports[index]
  }
}
