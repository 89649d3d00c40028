import SessionAnalysis
import WireBytes

/// The `ending` of a leg: how the session over both legs ended.
struct LegsEndingJSON {
  let ending: LegsEnding
  /// The sessions that are the two legs.
  let front: UInt64
  let back: UInt64

  func write(to json: inout JSONWriter) {
    json.beginObject("ending")
    json.string("closed_by", ending.closedBy.rawValue)
    json.string("verdict", ending.sentence(front: front, back: back))
    json.string("cause", ending.cause?.name)
    if let idle = ending.idle { json.seconds("idle", idle) }
    if let product = ending.product { json.string("proxy", product.rawValue) }
    write(ending.first, "first", to: &json)
    if let second = ending.second { write(second, "then", to: &json) } else { json.null("then") }
    json.bool("passed_on", ending.isPassedOn)
    json.endObject()
  }

  private func write(_ step: LegsEnding.Step, _ key: StaticString, to json: inout JSONWriter) {
    json.beginObject(key)
    json.number("session", step.isFront ? front : back)
    json.string("by", step.sender.rawValue)
    switch step.act.kind {
    case .close(let code):
      json.string("what", "close")
      json.number("code", code)
    case .fin: json.string("what", "fin")
    case .reset: json.string("what", "rst")
    }
    json.time("time", step.act.time)
    json.number("packet", step.act.packet)
    json.endObject()
  }
}
