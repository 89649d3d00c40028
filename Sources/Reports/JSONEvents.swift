import CaptureInput
import HTTPUpgrade
import PacketLayers
import SessionTimeline
import StreamReassembly
import WebSocketDecoding
import WireBytes

/// Writes each event as one JSON object: the names and shapes of docs/json.md.
///
/// Both JSON reports share it, so that an event looks the same in `--json` and in `export --to json`.
struct JSONEvents: ~Copyable {
  var json: JSONWriter
  /// What TCP did to the message that comes next.
  var transport: MessageTransport?

  init(_ out: consuming OutputBuffer) { json = JSONWriter(out) }

  // MARK: Sessions

  mutating func write(_ event: SessionOpen) {
    begin("session_open", event.session, event.position)
    json.beginObject("client")
    writeEndpoint(event.client)
    json.endObject()
    json.beginObject("server")
    writeEndpoint(event.server)
    json.endObject()
    json.string("url", event.url)
    json.string("http_version", event.handshake?.request?.version)
    json.number("tcp_stream", event.tcpStream)
    json.string("community_id", event.communityID)
    json.null("tls")
    writeRequest(event.handshake?.request, event)
    writeResponse(event.handshake?.response, event)
    writeHandshake(event)
    if !event.hidden.isEmpty { writeStrings("redacted", event.hidden.places) }
    if let reconnect = event.reconnect {
      json.beginObject("reconnect")
      json.number("after", reconnect.after)
      json.number("count", reconnect.count)
      json.seconds("delay", reconnect.delay)
      if let backOff = reconnect.backOff { write(backOff, reconnect.delays) }
      json.endObject()
    }
    if let leg = event.leg {
      json.beginObject("leg")
      json.number("of", leg.of)
      json.string("role", leg.isFront ? "front" : "back")
      json.seconds("delay", leg.delay)
      json.endObject()
    }
    json.endObject()
  }

  private mutating func write(_ backOff: BackOff, _ delays: [Int64]) {
    json.beginArray("delays")
    for delay in delays { json.seconds(delay) }
    json.endArray()
    json.beginObject("back_off")
    json.string("shape", backOff.shape.rawValue)
    json.bool("inferred", true)
    if let factor = backOff.factorHundredths { json.seconds("factor", factor &* 10_000_000) }
    if let limit = backOff.limit { json.seconds("limit", limit) }
    json.endObject()
  }

  private mutating func writeEndpoint(_ end: Endpoint) {
    json.string("ip", end.address.description)
    json.number("port", end.port)
  }

  private mutating func writeRequest(_ head: HTTPHead?, _ event: SessionOpen) {
    guard let head else { return json.null("request") }
    json.beginObject("request")
    json.time("time", head.start.time)
    json.number("packet", head.start.packet)
    json.string("method", head.method)
    json.string("target", event.target(of: head))
    if head.isCut { json.bool("cut", true) }
    writeHeaders(head, event)
    json.endObject()
  }

  private mutating func writeResponse(_ head: HTTPHead?, _ event: SessionOpen) {
    guard let head else { return json.null("response") }
    json.beginObject("response")
    json.time("time", head.end.time)
    json.number("packet", head.end.packet)
    json.number("status", head.status)
    json.string("reason", head.reason)
    if head.isCut { json.bool("cut", true) }
    writeHeaders(head, event)
    json.endObject()
  }

  private mutating func writeHeaders(_ head: HTTPHead, _ event: SessionOpen) {
    json.beginArray("headers")
    head.forEachField { name, value in
      json.beginArray()
      json.repaired(name)
      if event.hidden.isEmpty || !Secrets.mayHoldSecret(name, value) {
        json.repaired(value)
      } else {
        json.string(
          event.shown(
            header: String(decoding: name.toArray(), as: UTF8.self),
            String(decoding: value.toArray(), as: UTF8.self)))
      }
      json.endArray()
    }
    json.endArray()
  }

  private mutating func writeHandshake(_ event: SessionOpen) {
    json.beginObject("handshake")
    json.string("outcome", event.outcome.rawValue)
    if let handshake = event.handshake {
      json.string("key", handshake.key)
      json.string("accept", handshake.accept)
      json.string("expected_accept", handshake.expectedAccept)
      json.bool("accept_valid", handshake.acceptValid)
      json.string("version", handshake.version)
      json.string("origin", handshake.origin.map { event.shown(header: "Origin", $0) })
      json.beginObject("subprotocol")
      writeStrings("offered", event.shown(subprotocols: handshake.subprotocolsOffered))
      let selected = event.shown(subprotocols: handshake.subprotocolsSelected)
      json.string("selected", selected.isEmpty ? nil : selected.joined(separator: ", "))
      json.endObject()
      json.beginObject("extensions")
      writeStrings("offered", handshake.extensionsOffered)
      writeStrings("selected", handshake.extensionsSelected)
      json.endObject()
    }
    json.endObject()
  }

  private mutating func writeStrings(_ key: StaticString, _ values: [String]) {
    json.beginArray(key)
    for value in values { json.string(value) }
    json.endArray()
  }

  mutating func write(_ event: SessionClose) {
    begin("session_close", event.session, event.position)
    json.number("packet", event.position.packet)
    json.seconds("duration", event.duration)
    json.string("closed_by", event.verdict.closedBy?.rawValue)
    json.string("how", event.verdict.how.rawValue)
    json.number("code", event.verdict.code)
    json.string("verdict", event.verdict.sentence)
    writeStrings("evidence", event.verdict.evidence)
    json.string("cause", event.verdict.cause?.name)
    if let idle = event.verdict.idle { json.seconds("idle", idle) }
    writeSide("client", event.client, event.clientCompression, event.clientLast)
    writeSide("server", event.server, event.serverCompression, event.serverLast)
    if let transport = event.transport { write(transport) }
    if !event.heartbeats.isEmpty { writeHeartbeats(event.heartbeats) }
    if !event.legs.isEmpty { writeLegs(event.legs) }
    json.number("lost_bytes", event.client.lostBytes &+ event.server.lostBytes)
    json.number("unexplained_bytes", event.client.unexplainedBytes &+ event.server.unexplainedBytes)
    if !event.suppressed.isEmpty { writeSuppressed(event) }
    json.endObject()
  }

  private mutating func writeSide(
    _ key: StaticString, _ counts: SideCounts, _ compression: CompressionCounts, _ last: StreamPosition?
  ) {
    json.beginObject(key)
    json.number("messages", counts.messages)
    json.number("frames", counts.frames)
    json.number("bytes", counts.bytes)
    json.number("wire_bytes", counts.wireBytes)
    json.number("pings", counts.pings)
    json.number("pongs", counts.pongs)
    json.number("stream_bytes", counts.streamBytes)
    json.number("lost_bytes", counts.lostBytes)
    json.number("unexplained_bytes", counts.unexplainedBytes)
    if let last {
      json.time("last_time", last.time)
      json.number("last_packet", last.packet)
    }
    if compression.messages > 0 {
      json.beginObject("compression")
      json.number("messages", compression.messages)
      json.number("bytes", compression.bytes)
      writeRatio(compression.bytes, compression.compressedBytes)
      json.endObject()
    }
    json.endObject()
  }

  private mutating func writeHeartbeats(_ heartbeats: [Heartbeat]) {
    json.beginArray("heartbeats")
    for beat in heartbeats {
      json.beginObject()
      json.string("kind", beat.kind.name)
      json.string("from", beat.side.name)
      json.number("count", beat.count)
      if let answered = beat.answered {
        json.number("answered", answered)
        json.number("unanswered", beat.unanswered)
      }
      if beat.intervals.count > 0 {
        json.beginObject("interval")
        json.seconds("mean", beat.intervals.average)
        json.seconds("min", beat.intervals.minimum)
        json.seconds("max", beat.intervals.maximum)
        json.seconds("jitter", beat.intervals.deviation)
        json.endObject()
      }
      if beat.roundTrips.count > 0 {
        json.beginObject("rtt")
        json.seconds("min", beat.roundTrips.minimum)
        json.seconds("median", beat.roundTrips.quantile(perMille: 500))
        json.seconds("p95", beat.roundTrips.quantile(perMille: 950))
        json.seconds("max", beat.roundTrips.maximum)
        json.endObject()
      }
      json.endObject()
    }
    json.endArray()
  }

  private mutating func writeLegs(_ legs: [LegComparison]) {
    json.beginArray("legs")
    for leg in legs {
      json.beginObject()
      json.number("of", leg.of)
      json.string("role", leg.isFront ? "front" : "back")
      switch leg.basis {
      case .key: json.string("by", "key")
      case .content(let equal, let of, let alternatives):
        json.string("by", "content")
        json.bool("inferred", true)
        json.seconds("score", Int64(min(equal, of)) &* 100 / Int64(max(of, 1)) &* 10_000_000)
        json.number("compared_at_first", of)
        json.number("alternatives", alternatives)
      }
      json.bool("final", leg.isFinal)
      json.number("matched", leg.matched)
      json.number("not_compared", leg.notCompared)
      json.number("lost_bytes", leg.lostBytes)
      json.beginObject("delay")
      writeDelays("to_server", leg.toServer)
      writeDelays("to_client", leg.toClient)
      json.endObject()
      json.number("difference_count", leg.differenceCount)
      json.beginArray("differences")
      for difference in leg.differences {
        json.beginObject()
        json.string("from", difference.side.name)
        writeLegMessage("front", difference.front)
        writeLegMessage("back", difference.back)
        json.endObject()
      }
      json.endArray()
      json.endObject()
    }
    json.endArray()
  }

  private mutating func writeDelays(_ key: StaticString, _ delays: Distribution) {
    guard delays.count > 0 else { return json.null(key) }
    json.beginObject(key)
    json.seconds("min", delays.minimum)
    json.seconds("median", delays.quantile(perMille: 500))
    json.seconds("p95", delays.quantile(perMille: 950))
    json.seconds("max", delays.maximum)
    json.endObject()
  }

  private mutating func writeLegMessage(_ key: StaticString, _ message: LegMessage?) {
    guard let message else { return json.null(key) }
    json.beginObject(key)
    json.number("message", message.number)
    json.number("packet", message.packet)
    json.number("bytes", message.bytes)
    json.endObject()
  }

  private mutating func writeSuppressed(_ event: SessionClose) {
    json.beginArray("anomalies_not_listed")
    for (rule, side, count) in event.suppressed {
      json.beginObject()
      json.string("rule", rule.name)
      json.string("from", side.name)
      json.number("count", count)
      json.endObject()
    }
    json.endArray()
  }

  // MARK: Messages and frames

  @inline(__always)
  mutating func write(
    _ message: borrowing Message, in session: SessionReference, holes: [Hole], payload: Span<UInt8>
  ) {
    // The one event that comes by the million: whole phrases instead of names and values one by one.
    json.separateElement()
    json.out.append("{\"event\":\"message\",\"session\":")
    json.out.append(decimal: session.number)
    json.out.append(",\"time\":\"")
    json.appendTime(message.last.time)
    json.out.append("\",\"start_time\":\"")
    json.appendTime(message.first.time)
    json.out.append("\",\"first_packet\":")
    json.out.append(decimal: message.first.packet)
    json.out.append(",\"last_packet\":")
    json.out.append(decimal: message.last.packet)
    if message.side == .client {
      json.out.append(",\"from\":\"client\",\"opcode\":\"")
    } else {
      json.out.append(",\"from\":\"server\",\"opcode\":\"")
    }
    switch message.opcode {
    case Opcode.text: json.out.append("text\",\"frames\":")
    case Opcode.binary: json.out.append("binary\",\"frames\":")
    default: json.out.append("continuation\",\"frames\":")
    }
    json.out.append(decimal: message.frames)
    if message.compressed {
      json.out.append(",\"compressed\":true,\"bytes\":")
    } else {
      json.out.append(",\"compressed\":false,\"bytes\":")
    }
    json.out.append(decimal: message.bytes)
    json.out.append(",\"wire_bytes\":")
    json.out.append(decimal: message.wireBytes)
    json.wrote(value: true)
    if message.compressedBytes > 0 { writeRatio(message.bytes, message.compressedBytes) }
    if !message.complete {
      json.bool("complete", false)
      json.number("missing_bytes", message.missingBytes)
      if !holes.isEmpty { writeHoles(holes) }
    }
    if !message.inflated { json.bool("inflated", false) }
    if transport != nil { writeTransport() }
    let (isText, bytes, isComplete) = (message.isValidUTF8, message.bytes, message.complete)
    if message.opcode == Opcode.text, isText {
      // A shortened text may end within a character, and so may one that broke off.
      let isWhole = UInt64(payload.count) == bytes && isComplete
      let shown = isWhole ? payload : payload.extracting(0..<payload.wholeCharacters)
      json.string("text", shown)
      if UInt64(shown.count) < bytes { json.number("shown_bytes", shown.count) }
    } else {
      json.base64("base64", payload)
      if UInt64(payload.count) < bytes { json.number("shown_bytes", payload.count) }
    }
    json.endObject()
  }

  /// What compression made of a payload: its size as sent, and how many times that it is.
  @inline(never)
  private mutating func writeRatio(_ bytes: UInt64, _ compressedBytes: UInt64) {
    json.number("compressed_bytes", compressedBytes)
    let hundredths = CompressionRatio.hundredths(bytes, compressedBytes)
    json.seconds("compression_ratio", Int64(clamping: hundredths) &* 10_000_000)
  }

  private mutating func writeHoles(_ holes: [Hole]) {
    json.beginArray("holes")
    for hole in holes {
      json.beginArray()
      json.number(hole.offset)
      json.number(hole.bytes)
      json.endArray()
    }
    json.endArray()
  }

  mutating func write(_ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>) {
    let frame = event.frame
    switch frame.opcode {
    case Opcode.ping: begin("ping", session, frame.first)
    case Opcode.pong: begin("pong", session, frame.first)
    default: begin("close", session, frame.first)
    }
    json.number("packet", frame.first.packet)
    writeFrom(frame.side)
    if frame.missingBytes > 0 {
      json.bool("complete", false)
      json.number("missing_bytes", frame.missingBytes)
    }
    if frame.opcode == Opcode.close {
      json.number("code", event.closeCode)
      json.string("code_name", event.closeCode.flatMap { CloseCode.name($0) })
      json.repaired("reason", payload.dropping(2))
      if UInt64(payload.count) < frame.bytes { json.number("shown_bytes", max(0, payload.count - 2)) }
    } else {
      json.number("bytes", frame.bytes)
      writePayload(payload)
      if UInt64(payload.count) < frame.bytes { json.number("shown_bytes", payload.count) }
      if let answers = event.answers {
        json.number("answers_packet", answers.packet)
        json.seconds("rtt", event.roundTrip)
      }
    }
    json.endObject()
  }

  mutating func write(_ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>) {
    begin("frame", session, frame.last)
    json.number("packet", frame.first.packet)
    json.number("last_packet", frame.last.packet)
    writeFrom(frame.side)
    json.number("stream_offset", frame.first.offset)
    json.bool("fin", frame.header.fin)
    json.bool("rsv1", frame.header.rsv1)
    json.bool("rsv2", frame.header.rsv2)
    json.bool("rsv3", frame.header.rsv3)
    json.number("opcode", frame.header.opcode)
    json.bool("masked", frame.header.masked)
    if frame.header.masked {
      json.key("masking_key")
      json.beginString()
      for byte in frame.header.maskingKeyBytes { json.out.append(hex: UInt64(byte), digits: 2) }
      json.endString()
    } else {
      json.null("masking_key")
    }
    json.number("payload_bytes", frame.header.payloadBytes)
    json.number("header_bytes", frame.header.headerBytes)
    if frame.missingBytes > 0 { json.number("missing_bytes", frame.missingBytes) }
    json.base64("base64", payload)
    if UInt64(payload.count) < frame.header.payloadBytes { json.number("shown_bytes", payload.count) }
    json.endObject()
  }

  // MARK: What went wrong

  mutating func write(_ gap: Gap, in session: SessionReference) {
    begin("gap", session, gap.position)
    json.number("packet", gap.position.packet)
    writeFrom(gap.side)
    json.number("bytes", gap.bytes)
    json.number("stream_offset", gap.position.offset)
    json.endObject()
  }

  mutating func write(_ anomaly: Anomaly, in session: SessionReference) {
    begin("anomaly", session, anomaly.position)
    json.number("packet", anomaly.position.packet)
    json.string("from", anomaly.side?.name)
    json.string("severity", anomaly.rule.severity.rawValue)
    json.string("rule", anomaly.rule.name)
    json.string("reference", anomaly.rule.reference.isEmpty ? nil : anomaly.rule.reference)
    json.number("stream_offset", anomaly.position.offset)
    json.string("detail", anomaly.detail)
    json.endObject()
  }

  mutating func write(_ event: InputChange) {
    json.beginObject()
    json.literal("event", "file")
    json.time("time", event.time)
    json.string("file", event.file)
    json.number("packet", event.packet)
    json.number("file_packet", event.filePacket)
    json.endObject()
  }

  mutating func write(_ summary: CaptureSummary) {
    json.beginObject()
    json.literal("event", "capture_end")
    writeMembers(of: summary)
    json.endObject()
  }

  mutating func writeMembers(of summary: CaptureSummary) {
    json.number("packets", summary.packets)
    json.number("bytes", summary.bytes)
    json.string("first_time", summary.firstTime?.description)
    json.string("last_time", summary.lastTime?.description)
    json.number("packets_out_of_time_order", summary.timeOrder.packets)
    json.number("connections", summary.connections)
    json.number("sessions", summary.sessions)
    json.number("tls_connections", summary.tlsConnections)
    json.number("not_tcp", summary.notTCP)
    json.beginObject("undecodable")
    for (reason, packets) in summary.undecodable {
      // The reasons are names of ours: `truncated_ip_header`.
      json.dynamicKey(reason)
      json.number(packets)
    }
    json.endObject()
    let tcp = summary.reassembly
    json.beginObject("reassembly")
    json.number("retransmissions", tcp.retransmissions)
    json.number("out_of_order", tcp.outOfOrder)
    json.number("out_of_window", tcp.outOfWindow)
    json.number("after_end", tcp.afterEnd)
    json.number("bytes_before_start", tcp.bytesBeforeStart)
    json.number("invalid_resets", tcp.invalidResets)
    json.number("holes_over_limit", tcp.holesOverLimit)
    json.number("connections_given_up", tcp.connectionsGivenUp)
    json.number("connections_over_limit", tcp.connectionsOverLimit)
    json.number("keep_alives", tcp.keepAlives)
    json.number("captured_twice", tcp.capturedTwice)
    json.number("zero_windows", tcp.zeroWindows)
    json.number("incomplete_datagrams", summary.incompleteDatagrams)
    json.endObject()
    json.number("pick_ups_let_go", summary.pickUpsLetGo)
    json.number("messages_shortened", summary.messagesShortened)
    writeDrops(summary.inputs)
    writeStrings("damage", summary.damage)
    writeInputs(summary.inputs)
  }

  private mutating func writeDrops(_ inputs: [InputEnding]) {
    let interfaces = inputs.flatMap(\.notes.interfaces)
    guard interfaces.contains(where: { $0.droppedByInterface != nil || $0.droppedBySystem != nil }) else {
      return json.null("drops")
    }
    json.beginObject("drops")
    json.number("interface", interfaces.reduce(UInt64(0)) { $0 &+ ($1.droppedByInterface ?? 0) })
    json.number("system", interfaces.reduce(UInt64(0)) { $0 &+ ($1.droppedBySystem ?? 0) })
    json.endObject()
  }

  /// Only what a single classic pcap does not have.
  private mutating func writeInputs(_ inputs: [InputEnding]) {
    guard inputs.count > 1 || inputs.contains(where: \.notes.saysAnything) else { return }
    json.beginArray("inputs")
    for input in inputs {
      json.beginObject()
      json.string("file", input.name)
      json.number("packets", input.packets)
      json.beginArray("interfaces")
      for interface in input.notes.interfaces { write(interface) }
      json.endArray()
      json.beginArray("comments")
      for comment in input.notes.comments {
        json.beginObject()
        json.number("file_packet", comment.packet)
        json.string("text", comment.text)
        json.endObject()
      }
      json.endArray()
      json.number("comments_not_listed", input.notes.commentsLeftOut)
      json.number("decryption_secrets", input.notes.secrets.count)
      json.number("packets_without_time", input.notes.packetsWithoutTime)
      json.endObject()
    }
    json.endArray()
  }

  private mutating func write(_ interface: CaptureInterface) {
    json.beginObject()
    json.string("name", interface.name)
    json.string("description", interface.description)
    json.number("link_type", interface.linkType)
    json.number("packets", interface.packets)
    json.number("received", interface.received)
    json.number("dropped_by_interface", interface.droppedByInterface)
    json.number("dropped_by_system", interface.droppedBySystem)
    json.endObject()
  }

  // MARK: Parts

  @inline(__always)
  private mutating func begin(_ name: StaticString, _ session: SessionReference, _ position: StreamPosition) {
    json.beginObject()
    json.literal("event", name)
    json.number("session", session.number)
    json.time("time", position.time)
  }

  @inline(__always)
  private mutating func writeFrom(_ side: Side) {
    if side == .client { json.literal("from", "client") } else { json.literal("from", "server") }
  }

  private mutating func writePayload(_ payload: Span<UInt8>) {
    var utf8 = UTF8Validator()
    utf8.receive(payload)
    if utf8.isValidAtEnd { json.string("text", payload) } else { json.base64("base64", payload) }
  }
}

extension JSONWriter {
  /// A member's name that is not a literal but needs no escapes either.
  mutating func dynamicKey(_ name: String) {
    string(name)
    out.append(UInt8(ascii: ":"))
    wrote(value: false)
  }
}

extension Span where Element == UInt8 {
  /// The length of valid UTF-8 that was cut anywhere, without the part of a character at its end.
  fileprivate var wholeCharacters: Int {
    var end = count
    while end > 0, count &- end < 3, self[end &- 1] & 0xC0 == 0x80 { end &-= 1 }
    guard end > 0 else { return count }
    let lead = self[end &- 1]
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1
    return end &- 1 &+ length <= count ? count : end &- 1
  }
}
