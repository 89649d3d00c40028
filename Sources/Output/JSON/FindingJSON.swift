import SessionAnalysis
import Sessions
import WireBytes

/// What was found rather than said: `gap`, `anomaly`, `retransmission`.
enum FindingJSON {
  static func write(_ gap: Gap, in session: SessionReference, to json: inout JSONWriter) {
    EventHeadJSON.begin("gap", session, gap.position, to: &json)
    json.number("packet", gap.position.packet)
    EventHeadJSON.write(from: gap.side, to: &json)
    json.number("bytes", gap.bytes)
    json.number("stream_offset", gap.position.offset)
    json.endObject()
  }

  static func write(_ anomaly: Anomaly, in session: SessionReference, to json: inout JSONWriter) {
    EventHeadJSON.begin("anomaly", session, anomaly.position, to: &json)
    json.number("packet", anomaly.position.packet)
    json.string("from", anomaly.side?.name)
    json.string("severity", anomaly.rule.severity.rawValue)
    json.string("rule", anomaly.rule.name)
    json.string("reference", anomaly.rule.reference.isEmpty ? nil : anomaly.rule.reference)
    json.number("stream_offset", anomaly.position.offset)
    json.string("detail", anomaly.detail)
    json.endObject()
  }

  static func write(_ event: Retransmission, in session: SessionReference, to json: inout JSONWriter) {
    EventHeadJSON.begin("retransmission", session, event.position, to: &json)
    json.number("packet", event.position.packet)
    EventHeadJSON.write(from: event.side, to: &json)
    json.number("bytes", event.bytes)
    json.number("stream_offset", event.position.offset)
    json.bool("acknowledged", event.wasAcknowledged)
    json.endObject()
  }
}
