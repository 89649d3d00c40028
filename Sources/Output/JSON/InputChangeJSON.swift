import Sessions

/// A `file`: of several inputs another one goes on.
enum InputChangeJSON {
  static func write(_ event: InputChange, to json: inout JSONWriter) {
    json.beginObject()
    json.literal("event", "file")
    json.time("time", event.time)
    json.file(event.file)
    json.number("packet", event.packet)
    json.number("file_packet", event.filePacket)
    json.endObject()
  }
}
