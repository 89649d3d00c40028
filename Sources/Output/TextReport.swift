import HTTP1
import PacketLayers
import SessionTimeline
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// The default in a terminal: one line an event, aligned, what a person needs and nothing twice.
///
///     packet  since the request  session  direction  kind  size  payload
///          8  +0.012911          #1       ▶          text  8 B   nick 999
///
/// Everything that a peer sent goes through `append(terminal:)`: no byte of it reaches a terminal as itself
/// unless it is printable.
package final class TextReport: TimelineReport, WritingReport {
  @exclusivity(unchecked) private var uncheckedLines: TextLines
  private var lines: TextLines {
    @inline(__always) _read { yield unsafe uncheckedLines }
    @inline(__always) _modify { yield unsafe &uncheckedLines }
  }

  /// What is to be said of the input before the next event: inputs that overlap take turns with every packet.
  private var change: InputChange?
  /// What TCP did to the message that comes next.
  private var transport: MessageTransport?
  private let showsTransport: Bool

  @inline(__always)
  private func announceInput() {
    guard let event = change else { return }
    change = nil
    lines.write(event)
  }

  /// A report that writes to `out`. `width` is that of the terminal in columns, nil where lines may be long.
  /// `showsTransport`: say of messages and sessions what TCP did to them.
  package init(
    _ out: consuming OutputBuffer, style: Style, width: Int?, flushesLines: Bool = false,
    showsTransport: Bool = false
  ) {
    self.showsTransport = showsTransport
    unsafe uncheckedLines = TextLines(out: out, style: style, width: width, flushesLines: flushesLines)
  }

  package var takesMore: Bool { lines.out.takesMore }
  package var failure: OutputFailure? { lines.out.failure }

  package func sessionOpened(_ event: SessionOpen) {
    announceInput()
    lines.write(event)
  }
  package func message(
    _ message: borrowing Message, in session: SessionReference, missing: [MissingRange], payload: Span<UInt8>
  ) {
    announceInput()
    lines.write(message, in: session, missing: missing, payload: payload)
    if transport != nil { writeTransport() }
  }

  package func transport(_ transport: MessageTransport, in session: SessionReference) {
    if showsTransport { self.transport = transport }
  }

  @inline(never)
  private func writeTransport() {
    guard let transport else { return }
    self.transport = nil
    lines.write(transport)
  }

  package func retransmission(_ event: Retransmission, in session: SessionReference) {
    guard showsTransport else { return }
    announceInput()
    lines.write(event, in: session)
  }
  package func control(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    announceInput()
    lines.write(event, in: session, payload: payload)
  }
  package func frame(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    announceInput()
    lines.write(frame, in: session)
  }
  package func gap(_ gap: Gap, in session: SessionReference) {
    announceInput()
    lines.write(gap, in: session)
  }
  package func anomaly(_ anomaly: Anomaly, in session: SessionReference) {
    announceInput()
    lines.write(anomaly, in: session)
  }
  package func inputChanged(_ event: InputChange) { change = event }
  package func sessionClosed(_ event: SessionClose) {
    announceInput()
    lines.write(event)
    if showsTransport { lines.writeTransport(of: event) }
  }
  package func captureEnded(_ summary: CaptureSummary) { lines.write(summary) }
}

/// The lines of the text report.
struct TextLines: ~Copyable {
  var out: OutputBuffer
  let style: Style
  let width: Int?
  let flushesLines: Bool
  private var hasLines = false
  private var openSessions = 0

  init(out: consuming OutputBuffer, style: Style, width: Int?, flushesLines: Bool) {
    self.out = out
    self.style = style
    self.width = width
    self.flushesLines = flushesLines
  }

  mutating func write(_ event: InputChange) {
    out.append(style.on(.dim))
    out.append("── ")
    out.append(terminal: event.file)
    out.append(", from its packet ")
    out.append(decimal: event.filePacket)
    out.append(", which is ")
    out.append(decimal: event.packet)
    out.append(style.off)
    endLine()
  }

  // MARK: Sessions

  mutating func write(_ event: SessionOpen) {
    // A line between conversations, but not in the middle of one that goes on.
    if hasLines && openSessions == 0 { out.append("\n") }
    openSessions += 1
    let tag = sessionTag(event.session)
    out.append(style.on(.heading))
    out.append(utf8: tag)
    out.append("  ")
    out.append(
      terminal: event.url
        ?? (event.handshake == nil
          ? "WebSocket (handshake not captured)" : "WebSocket (handshake not captured whole)"))
    out.append(style.off)
    out.append("   ")
    writeEndpoint(event.client)
    out.append(" → ")
    writeEndpoint(event.server)
    endLine()
    if let reconnect = event.reconnect {
      let delay = String(writing: { $0.append(duration: reconnect.delay) })
      let pattern = reconnect.backOff.map { "; " + words($0, reconnect.delays) } ?? ""
      writeIndented(
        "reconnect \(reconnect.count), \(delay) after the end of #\(reconnect.after)\(pattern)", .dim)
    }
    if let leg = event.leg {
      let delay = String(writing: { $0.append(duration: leg.delay) })
      let place = leg.isFront ? "between the client and a proxy" : "between a proxy and the server"
      writeIndented("the leg of #\(leg.of) \(place), by its key; the request took \(delay) through it", .dim)
    }
    if let request = event.handshake?.request { writeRequest(request, event) }
    if let response = event.handshake?.response { writeResponse(response, event) }
  }

  /// `it waited 200 ms, 400 ms, 800 ms: perhaps an exponential back-off, ×2.00`
  private func words(_ backOff: BackOff, _ delays: [Int64]) -> String {
    let waited = delays.suffix(5).map { duration($0) }.joined(separator: ", ")
    let shape =
      switch backOff.shape {
      case .fixed: "a fixed pause"
      case .linear: "a linear back-off"
      case .exponential: "an exponential back-off"
      case .growing: "a growing back-off, with jitter"
      case .jittered: "a pause with jitter"
      }
    let factor = backOff.factorHundredths.map { ", ×\($0 / 100).\($0 / 10 % 10)" } ?? ""
    let limit = backOff.limit.map { ", up to \(duration($0))" } ?? ""
    let more = delays.count > 5 ? "… " : ""
    return "it waited \(more)\(waited): perhaps \(shape)\(factor)\(limit)"
  }

  private mutating func writeEndpoint(_ end: Endpoint) {
    let address = end.address.description
    out.append(utf8: end.address.isIPv4 ? address : "[\(address)]")
    out.append(UInt8(ascii: ":"))
    out.append(decimal: end.port)
  }

  private mutating func writeRequest(_ request: HTTPHead, _ event: SessionOpen) {
    let columns = begin(request.start, event.session, .client)
    var details = "\(request.method) \(event.target(of: request))"
    if request.isCut { details += request.version == nil ? "…   cut" : "   cut" }
    if let origin = event.handshake?.origin {
      details += "   Origin \(event.shown(header: "Origin", origin))"
    }
    if let offered = event.handshake?.subprotocolsOffered, !offered.isEmpty {
      details += "   subprotocol \(event.shown(subprotocols: offered).joined(separator: ", "))"
    }
    if let offered = event.handshake?.extensionsOffered, !offered.isEmpty {
      details += "   offers \(offered.joined(separator: ", "))"
    }
    writeRest(details, from: columns)
  }

  private mutating func writeResponse(_ response: HTTPHead, _ event: SessionOpen) {
    let columns = begin(response.end, event.session, .server)
    var details = "\(response.status)" + (response.reason.isEmpty ? "" : " \(response.reason)")
    if response.isCut { details += "   cut" }
    if let valid = event.handshake?.acceptValid { details += valid ? "   accept ✓" : "   accept ✗" }
    if response.status == 101, let handshake = event.handshake {
      let protocols = event.shown(subprotocols: handshake.subprotocolsSelected).joined(separator: ", ")
      if !protocols.isEmpty { details += "   subprotocol \(protocols)" }
      let extensions = handshake.extensionsSelected.joined(separator: ", ")
      if !extensions.isEmpty {
        details += "   \(extensions)"
      } else if !response.isCut {
        details += "   no extensions"
      }
    } else {
      let shown: [StaticString] = ["Location", "Sec-WebSocket-Version", "WWW-Authenticate"]
      for name in shown {
        if let value = response[name] {
          details += "   \(name): \(event.shown(header: "\(name)", value))"
        }
      }
    }
    writeRest(details, from: columns)
  }

  mutating func write(_ event: SessionClose) {
    openSessions -= 1
    out.append("  ")
    out.append(style.on(event.verdict.how == .closeHandshake ? .good : .warning))
    out.append(utf8: sessionTag(event.session))
    out.append(" ")
    out.append(terminal: event.verdict.ending.sentence)
    out.append(style.off)
    if event.outcome != .rejected && event.outcome != .incomplete {
      out.append(" after ")
      out.append(duration: event.duration)
      out.append(", ")
      out.append(decimal: event.client.messages)
      out.append(" ▶ ")
      out.append(decimal: event.server.messages)
      out.append(" ◀ messages")
    }
    if event.clientCompression.messages &+ event.serverCompression.messages > 0 { out.append(", deflate") }
    writeCompression(event.clientCompression, " ▶")
    writeCompression(event.serverCompression, " ◀")
    writeAmount(event.client.lostBytes &+ event.server.lostBytes, " not in the capture")
    writeAmount(event.client.unexplainedBytes &+ event.server.unexplainedBytes, " that belong to no frame")
    endLine()
    for beat in event.heartbeats where beat.count > 1 { writeIndented(words(beat), .dim) }
    if let cause = event.verdict.cause { writeIndented(cause.phrase, .warning) }
    for leg in event.legs { write(leg, of: event.session) }
    if event.verdict.how != .closeHandshake && event.outcome != .rejected { writeEvidence(event.verdict) }
    for (rule, side, count) in event.suppressed {
      out.append("     … ")
      out.append(utf8: "\(rule.name) by the \(side.name): \(count) times in all")
      endLine()
    }
  }

  /// ` 3.4× ▶`
  private mutating func writeCompression(_ counts: CompressionCounts, _ direction: StaticString) {
    guard counts.messages > 0 else { return }
    out.append(" ")
    out.append(ratio: counts.bytes, counts.compressedBytes)
    out.append(direction)
  }

  /// A session that did not end as it should: what the verdict rests on, a line each.
  private mutating func writeEvidence(_ verdict: Verdict) {
    for line in verdict.evidenceLines { writeIndented(line, .dim) }
  }

  /// `heartbeat: 12 ping by the server every 25 s (± 1.2 ms), answered after 0.7 ms (95 %: 1.2 ms, longest 3.0 ms)`
  private func words(_ beat: Heartbeat) -> String {
    var words = "heartbeat: \(beat.count) × \(beat.kind.name) by the \(beat.side.name)"
    if beat.intervals.count > 0 {
      words += " every \(duration(beat.intervals.average)) (± \(duration(beat.intervals.deviation)))"
    }
    if let median = beat.roundTrips.quantile(perMille: 500),
      let late = beat.roundTrips.quantile(perMille: 950)
    {
      words += ", answered after \(duration(median)) (95 %: \(duration(late)), "
      words += "longest \(duration(beat.roundTrips.maximum)))"
    }
    if let unanswered = beat.unanswered, unanswered > 0 { words += ", \(unanswered) not answered" }
    return words
  }

  /// `leg of #2 around a proxy, inferred from 12 of 12 messages; it adds 0.3 ms to the server (95 %: 1 ms, longest 2 ms)`
  private mutating func write(_ leg: LegComparison, of session: SessionReference) {
    var words = "the leg of #\(leg.of) "
    words += leg.isFront ? "between the client and a proxy" : "between a proxy and the server"
    switch leg.basis {
    case .key: words += ", by its key"
    case .content(let equal, let of, let alternatives):
      words += ", inferred from \(equal) equal messages of \(of)"
      if alternatives > 0 { words += " (\(alternatives) other sessions would fit as well)" }
    }
    // The leg that ends last tells the rest.
    guard leg.isFinal else { return writeIndented(words, .dim) }
    words += "; \(leg.matched) messages on both"
    if leg.notCompared > 0 { words += ", \(leg.notCompared) not compared" }
    writeIndented(words, .dim)
    for (delays, direction) in [(leg.toServer, "server"), (leg.toClient, "client")] {
      guard let median = delays.quantile(perMille: 500), let late = delays.quantile(perMille: 950) else {
        continue
      }
      writeIndented(
        "the proxy adds \(duration(median)) to the \(direction) (shortest \(duration(delays.minimum)), "
          + "95 %: \(duration(late)), longest \(duration(delays.maximum)))", .dim)
    }
    let (front, back) = leg.sessions(for: session.number)
    for difference in leg.differences {
      writeIndented(difference.phrase(front: front, back: back), .warning)
    }
    let listed = UInt64(leg.differences.count)
    if leg.differenceCount > listed {
      writeIndented("… \(leg.differenceCount) differences in all", .warning)
    }
    if leg.differenceCount > 0 && leg.lostBytes > 0 {
      writeIndented("perhaps for want of \(leg.lostBytes) bytes that the capture does not hold", .dim)
    }
  }

  private func duration(_ value: Int64) -> String { String(writing: { $0.append(duration: value) }) }

  mutating func writeIndented(_ line: String, _ role: Style.Role) {
    out.append("     ")
    out.append(style.on(role))
    out.append(terminal: line.utf8.span, width: width.map { max(8, $0 - 5) } ?? .max)
    out.append(style.off)
    endLine()
  }

  private mutating func writeAmount(_ bytes: UInt64, _ words: StaticString) {
    guard bytes > 0 else { return }
    out.append(", ")
    out.append(style.on(.warning))
    out.append(size: bytes)
    out.append(words)
    out.append(style.off)
  }

  mutating func write(_ summary: CaptureSummary) {
    if hasLines { out.append("\n") }
    out.append(style.on(.dim))
    out.append(count: summary.packets, "packet")
    if let first = summary.firstTime, let last = summary.lastTime {
      out.append(" in ")
      out.append(duration: last.nanoseconds(since: first))
    }
    out.append(", ")
    out.append(count: summary.connections, "TCP connection")
    out.append(", ")
    out.append(count: summary.sessions, "WebSocket session")
    if summary.tlsConnections > 0 {
      out.append(", ")
      out.append(count: summary.tlsConnections, "TLS connection")
      out.append(" not decrypted")
    }
    for (reason, packets) in summary.undecodable {
      out.append(", ")
      out.append(count: packets, "packet")
      out.append(" not understood (")
      out.append(utf8: reason)
      out.append(")")
    }
    for words in summary.letGo {
      out.append(", ")
      out.append(utf8: words)
    }
    out.append(style.off)
    endLine()
    out.flush()
  }

  // MARK: Messages and frames

  mutating func write(
    _ message: borrowing Message, in session: SessionReference, missing: [MissingRange], payload: Span<UInt8>
  ) {
    let columns = begin(message.last, session, message.side) + 19
    switch message.opcode {
    case .text: out.append("text   ")
    case .binary: out.append("binary ")
    default: out.append("cont.  ")
    }
    out.append(size: message.bytes, width: 10)
    let isComplete = message.complete
    if payload.count == 0 && isComplete { return endLine() }
    out.append("  ")
    let marks = writeRatio(message) + writeMarks(message)
    let room = width.map { max(8, $0 - columns - marks) } ?? .max
    // What fills a hole was never sent: the line shows the first part without one.
    let known = Self.knownRange(missing, within: payload.count)
    let shown = payload.extracting(known)
    let isShortened = UInt64(known.upperBound) < message.bytes
    let isReadable = message.inflated
    if message.opcode == .binary || !isReadable {
      out.append(hexPreview: shown, width: min(room, 101), isShortened: isShortened)
    } else {
      out.append(terminal: shown, width: room, isShortened: isShortened)
    }
    endLine()
  }

  /// The first bytes of a payload in which no hole stands.
  private static func knownRange(_ missing: [MissingRange], within count: Int) -> Range<Int> {
    var start = 0
    for hole in missing {
      let begin = Int(clamping: hole.offset)
      if begin > start { return min(start, count)..<min(begin, count) }
      start = begin.addingReportingOverflow(Int(clamping: hole.bytes)).partialValue
      if start < begin { return count..<count }
    }
    return min(start, count)..<count
  }

  /// `[412 B, 3.0×] `: what was sent of a message that was compressed. Returns its columns.
  private mutating func writeRatio(_ message: borrowing Message) -> Int {
    let (bytes, compressedBytes) = (message.bytes, message.compressedBytes)
    guard compressedBytes > 0 else { return 0 }
    let words = String(writing: { $0.append(size: compressedBytes) })
    let ratio = String(writing: { $0.append(ratio: bytes, compressedBytes) })
    out.append(style.on(.dim))
    out.append(utf8: "[\(words), \(ratio)] ")
    out.append(style.off)
    return words.count + ratio.count + 5
  }

  /// What a reader must know before the payload. Returns its columns.
  private mutating func writeMarks(_ message: borrowing Message) -> Int {
    let (missing, isComplete) = (message.missingBytes, message.complete)
    var mark = message.inflated ? "" : "[not inflated] "
    if missing > 0 { mark += "[\(missing) B missing] " }
    if message.opcode == .continuation {
      mark += "[start not seen] "
    } else if !isComplete && missing == 0 {
      mark += "[unfinished] "
    }
    guard !mark.isEmpty else { return 0 }
    out.append(style.on(.warning))
    out.append(utf8: mark)
    out.append(style.off)
    return mark.utf8.count
  }

  mutating func write(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    let frame = event.frame
    let columns = begin(frame.first, session, frame.side) + 19
    switch frame.opcode {
    case .ping: out.append("ping   ")
    case .pong: out.append("pong   ")
    default: out.append("close  ")
    }
    out.append(size: frame.bytes, width: 10)
    if payload.count == 0 && event.answers == nil && frame.opcode != .close { return endLine() }
    out.append("  ")
    let room = width.map { max(8, $0 - columns) } ?? .max
    if frame.opcode == .close {
      writeRest(closeWords(event, payload), from: columns)
      return
    }
    let isShortened = UInt64(payload.count) < frame.bytes
    var words = ""
    if let answers = event.answers, let roundTrip = event.roundTrip {
      words = "answers \(answers.packet) after " + String(writing: { $0.append(duration: roundTrip) })
    }
    let gap = words.isEmpty || payload.count == 0 ? 0 : 3
    let used = writePreview(
      payload, width: max(8, room == .max ? 160 : room - words.utf8.count - gap), isShortened)
    if !words.isEmpty {
      out.append(style.on(.dim))
      out.append(repeating: UInt8(ascii: " "), count: used > 0 ? 3 : 0)
      out.append(utf8: words)
      out.append(style.off)
    }
    endLine()
  }

  private mutating func writePreview(_ payload: Span<UInt8>, width: Int, _ isShortened: Bool) -> Int {
    let hasControls = (0..<payload.count).contains { payload[$0] < 0x20 && payload[$0] != 0x0A }
    return payload.isValidUTF8 && !hasControls
      ? out.append(terminal: payload, width: width, isShortened: isShortened)
      : out.append(hexPreview: payload, width: width, isShortened: isShortened)
  }

  private func closeWords(_ event: ControlEvent, _ payload: Span<UInt8>) -> String {
    guard let code = event.closeCode else { return "no status code" }
    let name = CloseCode.name(code).map { " " + $0.split(separator: "_").joined(separator: " ") } ?? ""
    let reason = String(decoding: payload.dropping(2).toArray(), as: UTF8.self)
    return "\(code)\(name)" + (reason.isEmpty ? "" : " \"\(reason)\"")
  }

  mutating func write(_ frame: borrowing Frame, in session: SessionReference) {
    let columns = begin(frame.first, session, frame.side)
    let header = frame.header
    let flags = [(header.fin, "FIN"), (header.rsv1, "RSV1"), (header.rsv2, "RSV2"), (header.rsv3, "RSV3")]
      .filter { $0.0 }.map { $0.1 }.joined(separator: " ")
    let mask =
      header.masked
      ? "mask " + header.maskingKeyBytes.map { decimalHex($0) }.joined() : "no mask"
    out.append(style.on(.dim))
    writeRest(
      "frame  \(header.opcode.name) \(flags)  \(header.headerBytes) + \(header.payloadBytes) B  \(mask)",
      from: columns)
    out.append(style.off)
  }

  private func decimalHex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  // MARK: What went wrong

  mutating func write(_ gap: Gap, in session: SessionReference) {
    let columns = begin(gap.position, session, gap.side)
    out.append(style.on(.warning))
    writeRest("gap    \(gap.bytes) bytes of the stream are not in the capture", from: columns)
    out.append(style.off)
  }

  mutating func write(_ anomaly: Anomaly, in session: SessionReference) {
    // The status line and the verdict, or the end of the session, say it.
    if anomaly.rule == HandshakeRule.rejected || anomaly.rule == SessionRule.legsDiffer { return }
    let columns = begin(anomaly.position, session, anomaly.side)
    switch anomaly.rule.severity {
    case .violation: out.append("✗ ", as: .violation, style)
    case .warning: out.append("! ", as: .warning, style)
    case .note: out.append("· ", as: .dim, style)
    }
    let reference = anomaly.rule.reference.isEmpty ? "" : " (\(anomaly.rule.reference))"
    writeRest("\(anomaly.rule.name): \(anomaly.detail)\(reference)", from: columns + 2)
  }

  // MARK: Parts

  /// The columns that every line of a session begins with. Returns how many there are.
  mutating func begin(_ position: StreamPosition, _ session: SessionReference, _ side: Side?) -> Int {
    out.append(style.on(.dim))
    out.append(decimal: position.packet, width: 6)
    out.append("  ")
    out.append(relative: position.time.nanoseconds(since: session.start), width: 11)
    out.append("  ")
    out.append(style.off)
    let tag = sessionTag(session)
    out.append(utf8: tag)
    out.append(" ")
    switch side {
    case .client: out.append("▶ ", as: .client, style)
    case .server: out.append("◀ ", as: .server, style)
    case nil: out.append("  ")
    }
    return 6 + 2 + 11 + 2 + tag.utf8.count + 3
  }

  private func sessionTag(_ session: SessionReference) -> String {
    "#\(session.number)"
  }

  mutating func writeRest(_ text: String, from columns: Int) {
    let room = width.map { max(8, $0 - columns) } ?? .max
    out.append(terminal: text.utf8.span, width: room)
    endLine()
  }

  private mutating func endLine() {
    out.append("\n")
    hasLines = true
    if flushesLines { out.flush() }
  }
}
