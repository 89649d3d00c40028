import SessionAnalysis
import WireBytes

/// The members that events of a session begin with.
enum EventHeadJSON {
  /// Opens the object of an event of a session.
  @inline(__always)
  static func begin(
    _ name: StaticString, _ session: SessionReference, _ position: StreamPosition, to json: inout JSONWriter
  ) {
    json.beginObject()
    json.literal("event", name)
    json.number("session", session.number)
    json.time("time", position.time)
  }

  @inline(__always)
  static func write(from side: Side, to json: inout JSONWriter) {
    if side == .client { json.literal("from", "client") } else { json.literal("from", "server") }
  }
}
