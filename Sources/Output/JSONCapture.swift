import CaptureInput
import SessionTimeline

/// What is said of the capture: `file` and `capture_end`.
extension JSONEvents {
  mutating func write(_ event: InputChange) {
    json.beginObject()
    json.literal("event", "file")
    json.time("time", event.time)
    json.string("file", event.file)
    json.number("packet", event.packet)
    json.number("file_packet", event.filePacket)
    json.endObject()
  }

  mutating func write(_ summary: CaptureSummary) {
    json.beginObject()
    json.literal("event", "capture_end")
    writeMembers(of: summary)
    json.endObject()
  }

  mutating func writeMembers(of summary: CaptureSummary) {
    json.number("packets", summary.packets)
    json.number("bytes", summary.bytes)
    json.string("first_time", summary.firstTime?.description)
    json.string("last_time", summary.lastTime?.description)
    json.number("packets_out_of_time_order", summary.timeOrder.packets)
    json.number("connections", summary.connections)
    json.number("sessions", summary.sessions)
    json.number("tls_connections", summary.tlsConnections)
    json.number("not_tcp", summary.notTCP)
    json.beginObject("undecodable")
    for (reason, packets) in summary.undecodable {
      // The reasons are names of ours: `truncated_ip_header`.
      json.dynamicKey(reason)
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
    json.number("pick_ups_let_go", summary.pickUpsLetGo)
    json.number("messages_shortened", summary.messagesShortened)
    writeDrops(summary.inputs)
    writeStrings("damage", summary.damage)
    writeInputs(summary.inputs)
  }

  private mutating func writeDrops(_ inputs: [InputEnding]) {
    let interfaces = inputs.flatMap(\.metadata.interfaces)
    guard interfaces.contains(where: { $0.droppedByInterface != nil || $0.droppedBySystem != nil }) else {
      return json.null("drops")
    }
    json.beginObject("drops")
    json.number("interface", interfaces.reduce(UInt64(0)) { $0 &+ ($1.droppedByInterface ?? 0) })
    json.number("system", interfaces.reduce(UInt64(0)) { $0 &+ ($1.droppedBySystem ?? 0) })
    json.endObject()
  }

  /// Only what a single classic pcap does not have.
  private mutating func writeInputs(_ inputs: [InputEnding]) {
    guard inputs.count > 1 || inputs.contains(where: \.metadata.saysAnything) else { return }
    json.beginArray("inputs")
    for input in inputs {
      json.beginObject()
      json.string("file", input.name)
      json.number("packets", input.packets)
      json.beginArray("interfaces")
      for interface in input.metadata.interfaces { write(interface) }
      json.endArray()
      json.beginArray("comments")
      for comment in input.metadata.comments {
        json.beginObject()
        json.number("file_packet", comment.packet)
        json.string("text", comment.text)
        json.endObject()
      }
      json.endArray()
      json.number("comments_not_listed", input.metadata.commentsLeftOut)
      json.number("decryption_secrets", input.metadata.secrets.count)
      json.number("packets_without_time", input.metadata.packetsWithoutTime)
      json.endObject()
    }
    json.endArray()
  }

  private mutating func write(_ interface: CaptureInterface) {
    json.beginObject()
    json.string("name", interface.name)
    json.string("description", interface.description)
    json.number("link_type", interface.linkType)
    json.number("packets", interface.packets)
    json.number("received", interface.received)
    json.number("dropped_by_interface", interface.droppedByInterface)
    json.number("dropped_by_system", interface.droppedBySystem)
    json.endObject()
  }
}
