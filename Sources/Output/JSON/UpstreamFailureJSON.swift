import SessionAnalysis
import WireBytes

/// The `upstream` of a refused upgrade: connections that the proxy asked for in vain.
enum UpstreamFailureJSON {
  static func write(_ failure: UpstreamFailure, to json: inout JSONWriter) {
    json.beginObject("upstream")
    if failure.isInferred { json.bool("inferred", true) }
    if let before = failure.before { json.seconds("before_request", before) }
    json.number("count", failure.count)
    json.beginArray("connections")
    for connection in failure.connections {
      json.beginObject()
      json.beginObject("client")
      EndpointJSON.write(connection.initiator, to: &json)
      json.endObject()
      json.beginObject("server")
      EndpointJSON.write(connection.responder, to: &json)
      json.endObject()
      json.string("answer", connection.isRefused ? "rst" : nil)
      json.number("syns", connection.syns)
      json.number("first_packet", connection.firstPacket)
      json.number("last_packet", connection.lastPacket)
      json.endObject()
    }
    json.endArray()
    json.endObject()
  }
}
