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
      write(request.reason, to: &json)
      json.endObject()
    }
    json.endArray()
    json.endObject()
  }

  private static func write(_ reason: UnreadRequest.Reason, to json: inout JSONWriter) {
    switch reason {
    case .unknownProtocol, .unknownProtocolOfServer: json.string("reason", "unknown_protocol")
    case .requestLine(let line):
      json.string("reason", "request_line")
      json.string("request_line", line)
    case .refused(let target):
      json.string("reason", "socks_refused")
      json.string("target", target.isEmpty ? nil : target)
    case .tooManyPreambles: json.string("reason", "too_many_preambles")
    case .otherProtocol(let name):
      json.string("reason", "other_protocol")
      json.string("protocol", name.isEmpty ? nil : name)
    case .headTooLarge: json.string("reason", "head_too_large")
    case .cut(let status):
      json.string("reason", "cut")
      json.number("status", UInt64(status))
    }
  }
}
