import HTTP1
import SessionTimeline
import TCPReassembly
import WebSocketDecoding
import WireBytes

/// How sessions begin and end: `session_open` and `session_close`.
extension JSONEvents {
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

  mutating func write(_ event: SessionClose) {
    begin("session_close", event.session, event.position)
    json.number("packet", event.position.packet)
    json.seconds("duration", event.duration)
    json.string("closed_by", event.verdict.closedBy?.rawValue)
    json.string("how", event.verdict.how.rawValue)
    json.number("code", event.verdict.code)
    json.string("verdict", event.verdict.sentence)
    writeStrings("evidence", event.verdict.evidenceLines)
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
}
