import Preambles
import Sessions
import TCPReassembly

/// The `via` of a `session_open`: what came before the handshake on the connection.
enum ViaJSON {
  static func write(_ event: SessionOpen, to json: inout JSONWriter) {
    guard !event.via.isEmpty else { return }
    json.beginArray("via")
    for preamble in event.via { write(preamble, toldBy: event.tcpClient, to: &json) }
    json.endArray()
  }

  /// One preamble, sent by the end `peer`. `status`: with which a CONNECT was refused.
  static func write(
    _ preamble: Preamble, toldBy peer: Endpoint, isRefused: Bool = false, status: Int? = nil,
    to json: inout JSONWriter
  ) {
    json.beginObject()
    json.string("kind", preamble.kind.rawValue)
    if let version = preamble.version { json.number("version", UInt64(version)) }
    if preamble.kind == .proxyProtocol {
      write(preamble.client.map { Endpoint($0) }, "client", to: &json)
      write(preamble.server.map { Endpoint($0) }, "server", to: &json)
      write(peer, "peer", to: &json)
    } else {
      json.string("target", preamble.target.flatMap { $0.isEmpty ? nil : $0 })
      if preamble.isAuthenticated { json.bool("credentials", true) }
    }
    if isRefused { json.bool("refused", true) }
    if let status { json.number("status", UInt64(max(0, status))) }
    json.endObject()
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
