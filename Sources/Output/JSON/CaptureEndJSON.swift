import CaptureInput
import Sessions

/// A `capture_end`.
struct CaptureEndJSON {
  let summary: CaptureSummary

  func write(to json: inout JSONWriter) {
    json.beginObject()
    json.literal("event", "capture_end")
    writeMembers(to: &json)
    json.endObject()
  }

  /// What is said of a capture wherever it is said.
  func writeMembers(to json: inout JSONWriter) {
    json.number("packets", summary.packets)
    json.number("bytes", summary.bytes)
    json.number("packets_truncated", summary.truncated)
    if summary.truncated > 0 {
      json.number("truncated_at", UInt64(summary.truncatedLengths.longest))
    } else {
      json.null("truncated_at")
    }
    json.string("first_time", summary.firstTime?.description)
    json.string("last_time", summary.lastTime?.description)
    json.number("packets_out_of_time_order", summary.timeOrder.packets)
    json.number("connections", summary.connections)
    json.number("sessions", summary.sessions)
    json.number("tls_connections", summary.tlsConnections)
    json.number("not_tcp", summary.notTCP)
    json.beginObject("undecodable")
    for (reason, packets) in summary.undecodable {
      json.key(named: reason)
      json.number(packets)
    }
    json.endObject()
    let tcp = summary.reassembly
    json.beginObject("reassembly")
    json.number("retransmissions", tcp.retransmissions)
    json.number("out_of_order", tcp.outOfOrder)
    json.number("out_of_window", tcp.outOfWindow)
    json.number("after_end", tcp.afterEnd)
    json.number("bytes_before_start", tcp.bytesBeforeStart)
    json.number("invalid_resets", tcp.invalidResets)
    json.number("holes_over_limit", tcp.gapsOverLimit)
    json.number("connections_given_up", tcp.connectionsGivenUp)
    json.number("connections_over_limit", tcp.connectionsOverLimit)
    json.number("keep_alives", tcp.keepAlives)
    json.number("captured_twice", tcp.capturedTwice)
    json.number("zero_windows", tcp.zeroWindows)
    json.number("incomplete_datagrams", summary.incompleteDatagrams)
    json.endObject()
    json.number("pick_ups_let_go", summary.midstreamEvictions)
    json.number("messages_shortened", summary.messagesShortened)
    if summary.memory.isExhausted {
      json.beginObject("memory")
      json.number("limit", summary.memory.limit)
      json.number("messages_shortened", summary.memory.messagesShortened)
      json.number("connections_over_limit", summary.memory.connectionsLetGo)
      json.endObject()
    }
    writeDrops(to: &json)
    UnreadRequestsJSON.write(summary, to: &json)
    UnusedRoutesJSON.write(summary, to: &json)
    json.strings("damage", summary.damage)
    InputsJSON.write(summary.inputs, to: &json)
  }

  private func writeDrops(to json: inout JSONWriter) {
    let interfaces = summary.inputs.flatMap(\.metadata.interfaces)
    guard interfaces.contains(where: { $0.droppedByInterface != nil || $0.droppedBySystem != nil }) else {
      return json.null("drops")
    }
    json.beginObject("drops")
    json.number("interface", interfaces.reduce(UInt64(0)) { $0 &+ ($1.droppedByInterface ?? 0) })
    json.number("system", interfaces.reduce(UInt64(0)) { $0 &+ ($1.droppedBySystem ?? 0) })
    json.endObject()
  }
}
