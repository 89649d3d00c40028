import CaptureInput

extension JSONWriter {
  /// `file`, and where that is not all of the name, because not all of it is text, `file_base64`.
  mutating func file(_ name: InputName) {
    string("file", name.description)
    if let path = name.path, !path.isText { base64("file_base64", path.bytes.span) }
  }
}

/// The `inputs` of a capture.
enum InputsJSON {
  /// Only what a single classic pcap does not have.
  static func write(_ inputs: [InputEnding], to json: inout JSONWriter) {
    guard inputs.count > 1 || inputs.contains(where: \.metadata.saysAnything) else { return }
    json.beginArray("inputs")
    for input in inputs {
      json.beginObject()
      json.file(input.name)
      json.number("packets", input.packets)
      json.beginArray("interfaces")
      for interface in input.metadata.interfaces { write(interface, to: &json) }
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

  private static func write(_ interface: CaptureInterface, to json: inout JSONWriter) {
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
