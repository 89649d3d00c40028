import SessionTimeline
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

  // MARK: Messages and frames

  @inline(__always)
  mutating func write(
    _ message: borrowing Message, in session: SessionReference, missing: [MissingRange], payload: Span<UInt8>
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
    case .text: json.out.append("text\",\"frames\":")
    case .binary: json.out.append("binary\",\"frames\":")
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
      if !missing.isEmpty { writeHoles(missing) }
    }
    if !message.inflated { json.bool("inflated", false) }
    if transport != nil { writeTransport() }
    let (isText, bytes, isComplete) = (message.isValidUTF8, message.bytes, message.complete)
    if message.opcode == .text, isText {
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
  mutating func writeRatio(_ bytes: UInt64, _ compressedBytes: UInt64) {
    json.number("compressed_bytes", compressedBytes)
    let hundredths = CompressionRatio.hundredths(bytes, compressedBytes)
    json.seconds("compression_ratio", Int64(clamping: hundredths) &* 10_000_000)
  }

  private mutating func writeHoles(_ missing: [MissingRange]) {
    json.beginArray("missing")
    for hole in missing {
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
    case .ping: begin("ping", session, frame.first)
    case .pong: begin("pong", session, frame.first)
    default: begin("close", session, frame.first)
    }
    json.number("packet", frame.first.packet)
    writeFrom(frame.side)
    if frame.missingBytes > 0 {
      json.bool("complete", false)
      json.number("missing_bytes", frame.missingBytes)
    }
    if frame.opcode == .close {
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
    json.number("opcode", frame.header.opcode.rawValue)
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

  // MARK: Parts

  @inline(__always)
  mutating func begin(_ name: StaticString, _ session: SessionReference, _ position: StreamPosition) {
    json.beginObject()
    json.literal("event", name)
    json.number("session", session.number)
    json.time("time", position.time)
  }

  @inline(__always)
  mutating func writeFrom(_ side: Side) {
    if side == .client { json.literal("from", "client") } else { json.literal("from", "server") }
  }

  mutating func writeStrings(_ key: StaticString, _ values: [String]) {
    json.beginArray(key)
    for value in values { json.string(value) }
    json.endArray()
  }

  private mutating func writePayload(_ payload: Span<UInt8>) {
    if payload.isValidUTF8 { json.string("text", payload) } else { json.base64("base64", payload) }
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
