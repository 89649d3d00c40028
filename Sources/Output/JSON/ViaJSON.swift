import Preambles
import Sessions
import TCPReassembly

/// The `via` of a `session_open`: what came before the handshake on the connection.
enum ViaJSON {
  static func write(_ event: SessionOpen, to json: inout JSONWriter) {
    guard !event.via.isEmpty else { return }
    json.beginArray("via")
    for preamble in event.via {
      json.beginObject()
      json.string("kind", preamble.kind.rawValue)
      if let version = preamble.version { json.number("version", UInt64(version)) }
      if preamble.kind == .proxyProtocol {
        write(preamble.client.map { Endpoint($0) }, "client", to: &json)
        write(preamble.server.map { Endpoint($0) }, "server", to: &json)
        write(event.tcpClient, "peer", to: &json)
      } else {
        json.string("target", preamble.target)
        if preamble.isAuthenticated { json.bool("credentials", true) }
      }
      json.endObject()
    }
    json.endArray()
  }

  /// An end of a connection; null where it is not known.
  static func write(_ end: Endpoint?, _ name: StaticString, to json: inout JSONWriter) {
    guard let end else { return json.null(name) }
    json.beginObject(name)
    json.string("ip", end.address.description)
    json.number("port", end.port)
    json.endObject()
  }
}
