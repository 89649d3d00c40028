import Sessions
import WebSocketDecoding
import WireBytes

/// A `session_close`.
struct SessionCloseJSON {
  let event: SessionClose

  func write(to json: inout JSONWriter) {
    EventHeadJSON.begin("session_close", event.session, event.position, to: &json)
    json.number("packet", event.position.packet)
    json.seconds("duration", event.duration)
    json.string("closed_by", event.verdict.closedBy?.rawValue)
    json.string("how", event.verdict.how.rawValue)
    json.number("code", event.verdict.code)
    json.string("verdict", event.verdict.sentence)
    json.strings("evidence", event.verdict.evidenceLines)
    json.string("cause", event.verdict.cause?.name)
    if let idle = event.verdict.idle { json.seconds("idle", idle) }
    write(event.client, event.clientCompression, event.clientLast, "client", to: &json)
    write(event.server, event.serverCompression, event.serverLast, "server", to: &json)
    if let transport = event.transport { TransportJSON.write(transport, to: &json) }
    if !event.heartbeats.isEmpty { HeartbeatJSON.write(event.heartbeats, to: &json) }
    if !event.legs.isEmpty { LegJSON.write(event.legs, to: &json) }
    if let body = event.refusalBody { write(body, to: &json) }
    if !event.translations.isEmpty { writeTranslations(to: &json) }
    json.number("lost_bytes", event.client.lostBytes &+ event.server.lostBytes)
    json.number("unexplained_bytes", event.client.unexplainedBytes &+ event.server.unexplainedBytes)
    if !event.suppressed.isEmpty { writeSuppressed(to: &json) }
    json.endObject()
  }

  private func write(
    _ counts: SideCounts, _ compression: CompressionCounts, _ last: StreamPosition?, _ key: StaticString,
    to json: inout JSONWriter
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
      CompressionJSON.write(compression.bytes, compression.compressedBytes, to: &json)
      json.endObject()
    }
    json.endObject()
  }

  private func write(_ body: RefusalBody, to json: inout JSONWriter) {
    json.beginObject("refusal_body")
    json.number("bytes", body.count)
    json.string("text", body.text)
    if !body.isWhole { json.bool("cut", true) }
    json.endObject()
  }

  private func writeTranslations(to json: inout JSONWriter) {
    json.beginArray("also_captured_as")
    for connection in event.translations {
      json.beginObject()
      json.beginObject("client")
      EndpointJSON.write(connection.initiator, to: &json)
      json.endObject()
      json.beginObject("server")
      EndpointJSON.write(connection.responder, to: &json)
      json.endObject()
      json.number("tcp_stream", connection.stream)
      json.endObject()
    }
    json.endArray()
  }

  private func writeSuppressed(to json: inout JSONWriter) {
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
}
