import SessionAnalysis
import WireBytes

/// The `legs` of a session: its other legs around proxies.
enum LegJSON {
  static func write(_ legs: [LegComparison], of session: UInt64, to json: inout JSONWriter) {
    json.beginArray("legs")
    for leg in legs {
      json.beginObject()
      json.number("of", leg.of)
      json.string("role", leg.isFront ? "front" : "back")
      switch leg.basis {
      case .key: json.string("by", "key")
      case .request:
        json.string("by", "request")
        json.bool("inferred", true)
      case .content(let equal, let of, let alternatives):
        json.string("by", "content")
        json.bool("inferred", true)
        json.seconds("score", Int64(min(equal, of)) &* 100 / Int64(max(of, 1)) &* 10_000_000)
        json.number("compared_at_first", of)
        json.number("alternatives", alternatives)
      }
      json.bool("final", leg.isFinal)
      json.number("matched", leg.matched)
      json.number("not_compared", leg.notCompared)
      json.number("lost_bytes", leg.lostBytes)
      json.beginObject("delay")
      write(leg.toServer, "to_server", to: &json)
      write(leg.toClient, "to_client", to: &json)
      json.endObject()
      json.number("difference_count", leg.differenceCount)
      json.beginArray("differences")
      for difference in leg.differences {
        json.beginObject()
        json.string("from", difference.side.name)
        write(difference.front, "front", to: &json)
        write(difference.back, "back", to: &json)
        json.endObject()
      }
      json.endArray()
      if !leg.handshakeDifferences.isEmpty { write(leg.handshakeDifferences, to: &json) }
      let sessions = leg.sessions(for: session)
      if let ending = leg.ending, leg.isFinal {
        LegsEndingJSON(ending: ending, front: sessions.front, back: sessions.back).write(to: &json)
      }
      if let refusal = leg.refusal {
        json.beginObject("refusal")
        json.string("verdict", refusal.phrase(front: sessions.front, back: sessions.back))
        write(refusal.front, "front", to: &json)
        write(refusal.back, "back", to: &json)
        json.endObject()
      }
      json.endObject()
    }
    json.endArray()
  }

  private static func write(_ differences: [HandshakeDifference], to json: inout JSONWriter) {
    json.beginArray("handshake_differences")
    for difference in differences {
      json.beginObject()
      json.string("field", difference.field)
      json.string("from", difference.side.name)
      json.string("front", difference.front)
      json.string("back", difference.back)
      json.bool("breaks_upgrade", difference.breaksUpgrade)
      json.endObject()
    }
    json.endArray()
  }

  private static func write(_ answer: LegsRefusal.Answer, _ key: StaticString, to json: inout JSONWriter) {
    json.beginObject(key)
    json.number("status", answer.status)
    json.number("packet", answer.packet)
    json.endObject()
  }

  private static func write(
    _ delays: Distribution, _ key: StaticString, to json: inout JSONWriter
  ) {
    guard delays.count > 0 else { return json.null(key) }
    json.beginObject(key)
    json.seconds("min", delays.minimum)
    json.seconds("median", delays.quantile(perMille: 500))
    json.seconds("p95", delays.quantile(perMille: 950))
    json.seconds("max", delays.maximum)
    json.endObject()
  }

  private static func write(
    _ message: MessageFingerprint?, _ key: StaticString, to json: inout JSONWriter
  ) {
    guard let message else { return json.null(key) }
    json.beginObject(key)
    json.number("message", message.number)
    json.number("packet", message.packet)
    json.number("bytes", message.bytes)
    json.endObject()
  }
}
