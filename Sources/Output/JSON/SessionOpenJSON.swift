import HTTP1
import SessionAnalysis
import Sessions
import TCPReassembly
import WireBytes

/// A `session_open`.
struct SessionOpenJSON {
  let event: SessionOpen

  func write(to json: inout JSONWriter) {
    EventHeadJSON.begin("session_open", event.session, event.position, to: &json)
    writeMembers(to: &json)
    json.endObject()
  }

  /// What follows the name, the session and the time.
  func writeMembers(to json: inout JSONWriter) {
    json.beginObject("client")
    EndpointJSON.write(event.client, to: &json)
    json.endObject()
    json.beginObject("server")
    EndpointJSON.write(event.server, to: &json)
    json.endObject()
    json.string("url", event.url)
    json.string("http_version", event.handshake?.request?.version)
    json.number("tcp_stream", event.tcpStream)
    json.string("community_id", event.communityID)
    ViaJSON.write(event, to: &json)
    json.null("tls")
    write(request: event.handshake?.request, to: &json)
    write(response: event.handshake?.response, to: &json)
    writeHandshake(to: &json)
    if !event.hidden.isEmpty { json.strings("redacted", event.hidden.places) }
    if let reconnect = event.reconnect { write(reconnect, to: &json) }
    if let leg = event.leg {
      json.beginObject("leg")
      json.number("of", leg.of)
      json.string("role", leg.isFront ? "front" : "back")
      json.seconds("delay", leg.delay)
      if leg.isInferred { json.bool("inferred", true) }
      json.endObject()
    }
  }

  private func write(_ reconnect: Reconnect, to json: inout JSONWriter) {
    json.beginObject("reconnect")
    json.number("after", reconnect.after)
    json.number("count", reconnect.count)
    json.seconds("delay", reconnect.delay)
    if let backoff = reconnect.backoff { write(backoff, reconnect.delays, to: &json) }
    json.endObject()
  }

  private func write(_ backoff: ReconnectBackoff, _ delays: [Int64], to json: inout JSONWriter) {
    json.beginArray("delays")
    for delay in delays { json.seconds(delay) }
    json.endArray()
    json.beginObject("back_off")
    json.string("shape", backoff.shape.rawValue)
    json.bool("inferred", true)
    if let factor = backoff.factorHundredths { json.seconds("factor", factor &* 10_000_000) }
    if let limit = backoff.limit { json.seconds("limit", limit) }
    json.endObject()
  }

  private func write(request head: HTTPHead?, to json: inout JSONWriter) {
    guard let head else { return json.null("request") }
    json.beginObject("request")
    json.time("time", head.start.time)
    json.number("packet", head.start.packet)
    json.string("method", head.method)
    json.string("target", event.target(of: head))
    if head.isCut { json.bool("cut", true) }
    write(headersOf: head, to: &json)
    json.endObject()
  }

  private func write(response head: HTTPHead?, to json: inout JSONWriter) {
    guard let head else { return json.null("response") }
    json.beginObject("response")
    json.time("time", head.end.time)
    json.number("packet", head.end.packet)
    json.number("status", head.status)
    json.string("reason", event.reason(of: head))
    if head.isCut { json.bool("cut", true) }
    write(headersOf: head, to: &json)
    json.endObject()
  }

  private func write(headersOf head: HTTPHead, to json: inout JSONWriter) {
    json.beginArray("headers")
    head.forEachField { name, value in
      json.beginArray()
      json.repaired(name)
      if event.hidden.isEmpty || !event.hidden.mayHoldSecret(name, value) {
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

  private func writeHandshake(to json: inout JSONWriter) {
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
      json.strings("offered", event.shown(subprotocols: handshake.subprotocolsOffered))
      let selected = event.shown(subprotocols: handshake.subprotocolsSelected)
      json.string("selected", selected.isEmpty ? nil : selected.joined(separator: ", "))
      json.endObject()
      json.beginObject("extensions")
      json.strings("offered", event.shown(extensions: handshake.extensionsOffered))
      json.strings("selected", event.shown(extensions: handshake.extensionsSelected))
      json.endObject()
    }
    json.endObject()
  }
}
