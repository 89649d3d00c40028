import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// The lines with which a session ends: how and why, what was sent, and what the verdict rests on.
struct SessionCloseText {
  let event: SessionClose
  let showsTransport: Bool

  func write(to lines: inout TextLines) {
    lines.line.append("  ")
    lines.write(ending + totals, after: 2)
    for beat in event.heartbeats where beat.count > 1 { lines.writeDetail(beat.phrase, .dim) }
    if let body = event.refusalBody { lines.writeDetail(body.phrase, isCauseInBody ? .warning : .dim) }
    if let cause = event.causePhrase, !isCauseInBody { lines.writeDetail(cause, .warning) }
    for leg in event.legs { write(leg, to: &lines) }
    // A session that ended as it should needs no proof.
    if event.verdict.how != .closeHandshake && event.outcome != .rejected {
      for line in event.evidenceLines { lines.writeDetail(line, .dim) }
    } else {
      for evidence in event.verdict.evidence where evidence.isReset { lines.writeDetail(evidence.line, .dim) }
    }
    for (rule, side, count) in event.suppressed {
      lines.line.append(repeating: UInt8(ascii: " "), count: TextLines.indent)
      lines.write(
        [TextRun("… \(rule.name) by the \(side.name): \(count) times in all")], after: TextLines.indent)
    }
    if showsTransport { writeTransport(to: &lines) }
  }

  /// The line of the body says why.
  private var isCauseInBody: Bool { if case .refusalBody? = event.cause { true } else { false } }

  private var ending: [TextRun] {
    let role: Style.Role = event.verdict.how == .closeHandshake ? .good : .warning
    return [TextRun("\(TextLines.tag(event.session)) \(event.endingSentence)", role)]
  }

  private var totals: [TextRun] {
    var runs: [TextRun] = []
    var plain = ""
    if event.outcome != .rejected && event.outcome != .incomplete {
      plain +=
        event.isToldOfLegs || event.verdict.how == .closeUnanswered ? "; the session lasted " : " after "
      plain += "\(TimeSpan(event.duration).text), "
      plain += "\(event.client.messages) ▶ \(event.server.messages) ◀ messages"
    }
    if event.clientCompression.messages &+ event.serverCompression.messages > 0 { plain += ", deflate" }
    plain += compression(event.clientCompression, "▶") + compression(event.serverCompression, "◀")
    let amounts = [
      (event.client.lostBytes &+ event.server.lostBytes, "not in the capture"),
      (event.client.unexplainedBytes &+ event.server.unexplainedBytes, "that belong to no frame"),
    ]
    for (bytes, words) in amounts where bytes > 0 {
      runs.append(TextRun(plain + ", ", isOurs: true))
      runs.append(TextRun(String(writing: { ByteSize(bytes).write(to: &$0) }) + " " + words, .warning))
      plain = ""
    }
    return plain.isEmpty ? runs : runs + [TextRun(plain, isOurs: true)]
  }

  /// ` 3.4× ▶`
  private func compression(_ counts: CompressionCounts, _ direction: String) -> String {
    guard counts.messages > 0 else { return "" }
    let ratio = CompressionRatio(counts.bytes, counts.compressedBytes)
    return " \(String(writing: { ratio.write(to: &$0) })) \(direction)"
  }

  private func write(_ leg: LegComparison, to lines: inout TextLines) {
    let role: Style.Role = leg.ending?.closedBy == .proxy ? .warning : .dim
    for phrase in leg.endingPhrases(seenFrom: event.session.number) { lines.writeDetail(phrase, role) }
    for phrase in leg.phrases { lines.writeDetail(phrase, .dim) }
    if leg.isFinal {
      for difference in leg.handshakeDifferences {
        lines.writeDetail(difference.phrase, difference.breaksUpgrade ? .warning : .dim)
      }
    }
    for phrase in leg.differencePhrases(seenFrom: event.session.number) {
      lines.writeDetail(phrase, .warning)
    }
    if let phrase = leg.lossPhrase { lines.writeDetail(phrase, .dim) }
  }

  private func writeTransport(to lines: inout TextLines) {
    guard let transport = event.transport else { return }
    for side in Side.allCases {
      let found = transport.summary(of: side)
      if found.isEmpty { continue }
      lines.writeDetail(
        "tcp \(side == .client ? "▶" : "◀"): " + found.phrases.joined(separator: ", "), .dim,
        isOurs: true)
    }
  }
}
