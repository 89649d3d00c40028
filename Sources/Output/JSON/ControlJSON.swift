import SessionAnalysis
import Sessions
import WebSocketDecoding
import WireBytes

/// A `ping`, `pong` or `close`.
enum ControlJSON {
  static func write(
    _ event: ControlEvent, in session: SessionReference, payload: Span<UInt8>, to json: inout JSONWriter
  ) {
    let frame = event.frame
    switch frame.opcode {
    case .ping: EventHeadJSON.begin("ping", session, frame.first, to: &json)
    case .pong: EventHeadJSON.begin("pong", session, frame.first, to: &json)
    default: EventHeadJSON.begin("close", session, frame.first, to: &json)
    }
    json.number("packet", frame.first.packet)
    EventHeadJSON.write(from: frame.side, to: &json)
    if frame.missingBytes > 0 {
      json.bool("complete", false)
      json.number("missing_bytes", frame.missingBytes)
    }
    if frame.opcode == .close {
      json.number("code", event.closeCode)
      json.string("code_name", event.closeCode.flatMap { CloseCode.name($0) })
      json.repaired("reason", payload.dropping(2))
      let sent = event.shownBytes(of: payload)
      if UInt64(sent) < frame.bytes { json.number("shown_bytes", max(0, sent - 2)) }
    } else {
      json.number("bytes", frame.bytes)
      if payload.isValidUTF8 { json.string("text", payload) } else { json.base64("base64", payload) }
      let sent = event.shownBytes(of: payload)
      if UInt64(sent) < frame.bytes { json.number("shown_bytes", sent) }
      if let answers = event.answers {
        json.number("answers_packet", answers.packet)
        json.seconds("rtt", event.roundTrip)
      }
    }
    if event.redactedFrom != nil { json.bool("redacted", true) }
    json.endObject()
  }
}
