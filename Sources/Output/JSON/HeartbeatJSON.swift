import SessionAnalysis
import WireBytes

/// The `heartbeats` of a session.
enum HeartbeatJSON {
  static func write(_ heartbeats: [Heartbeat], to json: inout JSONWriter) {
    json.beginArray("heartbeats")
    for beat in heartbeats {
      json.beginObject()
      json.string("kind", beat.kind.name)
      json.string("from", beat.side.name)
      json.number("count", beat.count)
      if let answered = beat.answered {
        json.number("answered", answered)
        if let unanswered = beat.unanswered { json.number("unanswered", unanswered) }
        if beat.mistaken > 0 { json.number("mistaken", beat.mistaken) }
        if beat.late > 0 { json.number("late", beat.late) }
      }
      if beat.intervals.count > 0 {
        json.beginObject("interval")
        json.seconds("mean", beat.intervals.average)
        json.seconds("min", beat.intervals.minimum)
        json.seconds("max", beat.intervals.maximum)
        if beat.intervals.count > 1 { json.seconds("jitter", beat.intervals.deviation) }
        json.endObject()
      }
      if beat.roundTrips.count > 0 {
        json.beginObject("rtt")
        json.seconds("min", beat.roundTrips.minimum)
        json.seconds("median", beat.roundTrips.quantile(perMille: 500))
        json.seconds("p95", beat.roundTrips.quantile(perMille: 950))
        json.seconds("max", beat.roundTrips.maximum)
        json.endObject()
      }
      json.endObject()
    }
    json.endArray()
  }
}
