import WireBytes

/// The rules that the decoder checks, and how it reports them.
extension WebSocketDecoder {
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

  mutating func reportInvalidUTF8(_ offset: UInt64, at position: StreamPosition, _ output: WebSocketOutput) {
    report(.invalidUTF8, at: position, output) { "not UTF-8 from byte \(offset) of the message" }
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
