import Sessions

/// The `unread_requests` of a `capture_end`: upgrade requests that were seen and not read.
enum UnreadRequestsJSON {
  static func write(_ summary: CaptureSummary, to json: inout JSONWriter) {
    guard summary.unreadRequestCount > 0 else { return }
    json.beginObject("unread_requests")
    json.number("count", summary.unreadRequestCount)
    json.beginArray("first")
    for request in summary.unreadRequests {
      json.beginObject()
      ViaJSON.write(request.client, "client", to: &json)
      ViaJSON.write(request.server, "server", to: &json)
      json.number("tcp_stream", request.tcpStream)
      json.number("packet", request.position.packet)
      json.number("offset", request.position.offset)
      switch request.reason {
      case .unknownProtocol: json.string("reason", "unknown_protocol")
      case .refused(let target):
        json.string("reason", "socks_refused")
        json.string("target", target.isEmpty ? nil : target)
      }
      json.endObject()
    }
    json.endArray()
    json.endObject()
  }
}
