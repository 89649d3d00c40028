import Testing

/// One event, and what each printer makes of it.
struct PrinterCase: Sendable, CustomTestStringConvertible {
  let what: String
  let event: TestEvent
  /// What the text output has of it where lines may be long, without colour and without the last line feed.
  let text: String
  /// Its line of NDJSON.
  let json: String

  init(_ what: String, _ event: TestEvent, text: String, json: String) {
    (self.what, self.event, self.text, self.json) = (what, event, text, json)
  }

  var testDescription: String { what }

  static let all = openings + messages + controls + frames + findings + closings + refusedLegs + captures
}
