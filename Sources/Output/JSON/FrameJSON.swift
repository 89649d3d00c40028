import SessionAnalysis
import WebSocketDecoding
import WireBytes

/// A `frame`.
enum FrameJSON {
  static func write(
    _ frame: borrowing Frame, in session: SessionReference, payload: Span<UInt8>, to json: inout JSONWriter
  ) {
    let header = frame.header
    EventHeadJSON.begin("frame", session, frame.last, to: &json)
    json.number("packet", frame.first.packet)
    json.number("last_packet", frame.last.packet)
    EventHeadJSON.write(from: frame.side, to: &json)
    json.number("stream_offset", frame.first.offset)
    json.bool("fin", header.fin)
    json.bool("rsv1", header.rsv1)
    json.bool("rsv2", header.rsv2)
    json.bool("rsv3", header.rsv3)
    json.number("opcode", header.opcode.rawValue)
    json.bool("masked", header.masked)
    if header.masked {
      json.key("masking_key")
      json.beginString()
      for byte in header.maskingKeyBytes { json.out.append(hex: UInt64(byte), digits: 2) }
      json.endString()
    } else {
      json.null("masking_key")
    }
    json.number("payload_bytes", header.payloadBytes)
    json.number("header_bytes", header.headerBytes)
    if frame.missingBytes > 0 { json.number("missing_bytes", frame.missingBytes) }
    json.base64("base64", payload)
    if UInt64(payload.count) < header.payloadBytes { json.number("shown_bytes", payload.count) }
    json.endObject()
  }
}
