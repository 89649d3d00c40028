import Sessions

/// The `preambles_without_session` of a `capture_end`: connections that began with a preamble and carried no session.
enum UnusedRoutesJSON {
  static func write(_ summary: CaptureSummary, to json: inout JSONWriter) {
    guard summary.unusedRouteCount > 0 else { return }
    json.beginObject("preambles_without_session")
    json.number("count", summary.unusedRouteCount)
    json.beginArray("first")
    for route in summary.unusedRoutes {
      json.beginObject()
      ViaJSON.write(route.client, "client", to: &json)
      ViaJSON.write(route.server, "server", to: &json)
      json.number("tcp_stream", route.tcpStream)
      json.beginArray("via")
      for preamble in route.via { ViaJSON.write(preamble, toldBy: route.client, to: &json) }
      if let refused = route.refused {
        ViaJSON.write(refused, toldBy: route.client, isRefused: true, status: route.status, to: &json)
      }
      json.endArray()
      json.endObject()
    }
    json.endArray()
    json.endObject()
  }
}
