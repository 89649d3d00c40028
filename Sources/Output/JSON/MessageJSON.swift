import Sessions
import WebSocketDecoding
import WireBytes

/// A `message`.
enum MessageJSON {
  @inline(__always)
  static func write(
    _ message: borrowing Message, _ context: MessageContext, payload: Span<UInt8>,
    to json: inout JSONWriter
  ) {
    // The one event that comes by the million: whole phrases instead of names and values one by one.
    // Nothing is flushed before the numbers of the packets, so that what was written can be repeated.
    json.out.makeSure(ofRoom: 256)
    json.separateElement()
    json.out.append("{\"event\":\"message\",\"session\":")
    json.out.append(decimal: context.session.number)
    json.out.append(",\"time\":\"")
    // Nearly every message is in one packet.
    let (first, last) = (message.first, message.last)
    let isInOnePacket = first.packet == last.packet && first.time == last.time
    let time = json.out.count
    json.appendTime(last.time)
    let timeEnd = json.out.count
    json.out.append("\",\"start_time\":\"")
    if isInOnePacket { json.out.appendAgain(time..<timeEnd) } else { json.appendTime(first.time) }
    json.out.append("\",\"first_packet\":")
    let packet = json.out.count
    json.out.append(decimal: first.packet)
    let packetEnd = json.out.count
    json.out.append(",\"last_packet\":")
    if isInOnePacket {
      json.out.appendAgain(packet..<packetEnd)
    } else {
      json.out.append(decimal: last.packet)
    }
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
    if message.compressedBytes > 0 {
      CompressionJSON.write(message.bytes, message.compressedBytes, to: &json)
    }
    if !message.complete {
      json.bool("complete", false)
      json.number("missing_bytes", message.missingBytes)
      if !context.missing.isEmpty { write(missing: context.missing, to: &json) }
    }
    if !message.inflated { json.bool("inflated", false) }
    if context.transport != nil { write(transportOf: context, to: &json) }
    let (isText, bytes, isComplete) = (message.isValidUTF8, message.bytes, message.complete)
    if message.opcode == .text, isText {
      // A shortened text may end within a character, and so may one that broke off.
      let sent = context.shownBytes(of: payload)
      let isWhole = UInt64(sent) == bytes && isComplete
      let shown = isWhole ? payload : payload.extracting(0..<payload.wholeCharacters)
      json.string("text", shown)
      let shownBytes = sent &- (payload.count &- shown.count)
      if UInt64(shownBytes) < bytes { json.number("shown_bytes", shownBytes) }
    } else {
      json.base64("base64", payload)
      let sent = context.shownBytes(of: payload)
      if UInt64(sent) < bytes { json.number("shown_bytes", sent) }
    }
    if context.redactedFrom != nil { json.bool("redacted", true) }
    json.endObject()
  }

  @inline(never)
  private static func write(transportOf context: MessageContext, to json: inout JSONWriter) {
    if let found = context.transport { TransportJSON.write(found, to: &json) }
  }

  private static func write(missing: [MissingRange], to json: inout JSONWriter) {
    json.beginArray("holes")
    for range in missing {
      json.beginArray()
      json.number(range.offset)
      json.number(range.bytes)
      json.endArray()
    }
    json.endArray()
  }
}

extension Span where Element == UInt8 {
  /// The length of valid UTF-8 that was cut anywhere, without an incomplete character at its end.
  fileprivate var wholeCharacters: Int {
    var end = count
    while end > 0, count &- end < 3, self[end &- 1] & 0xC0 == 0x80 { end &-= 1 }
    guard end > 0 else { return count }
    let lead = self[end &- 1]
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1
    return end &- 1 &+ length <= count ? count : end &- 1
  }
}
