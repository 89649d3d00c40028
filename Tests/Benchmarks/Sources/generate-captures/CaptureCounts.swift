/// What a capture holds, so that a reader's results can be verified.
struct CaptureCounts {
  var packets = 0
  var webSocketPackets = 0
  var fileBytes = 0
  var connections = 0
  var sessions = 0
  var sides = PerSide(client: SideCounts(), server: SideCounts())

  struct SideCounts {
    var messages = 0
    /// All frames: data and control.
    var frames = 0
    /// Payload of messages, unmasked and inflated.
    var messageBytes = 0
    var pings = 0
    var pongs = 0
    var closes = 0
  }

  /// One `name value` a line: for people, and for the benchmark, which keeps it beside the capture.
  var description: String {
    var lines = [
      "packets \(packets)", "websocket_packets \(webSocketPackets)", "file_bytes \(fileBytes)",
      "connections \(connections)", "sessions \(sessions)",
    ]
    for (name, side) in [("client", sides.client), ("server", sides.server)] {
      lines.append("\(name)_messages \(side.messages)")
      lines.append("\(name)_message_bytes \(side.messageBytes)")
      lines.append("\(name)_frames \(side.frames)")
      lines.append("\(name)_pings \(side.pings)")
      lines.append("\(name)_pongs \(side.pongs)")
      lines.append("\(name)_closes \(side.closes)")
    }
    return lines.joined(separator: "\n")
  }
}
