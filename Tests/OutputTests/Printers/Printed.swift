@testable import Output

/// What the text output writes of events.
func text(
  _ events: [TestEvent], width: Int? = nil, colour: Bool = false, showsTransport: Bool = true
) -> String {
  var options = DisplayOptions()
  options.transport = showsTransport
  return printed(events) { TextFormat($0, style: Style(enabled: colour), width: width, options) }
}

/// The lines of NDJSON of events.
func jsonLines(_ events: [TestEvent]) -> String { printed(events) { JSONLinesFormat($0, DisplayOptions()) } }

/// The JSON document of events, as far as it is written.
func jsonDocument(_ events: [TestEvent]) -> String {
  printed(events) { JSONDocumentFormat($0, DisplayOptions()) }
}

/// The totals of events.
func summary(_ events: [TestEvent]) -> String { printed(events) { SummaryFormat($0) } }

private func printed<Format: OutputFormat & ~Copyable>(
  _ events: [TestEvent], _ format: (consuming OutputBuffer) -> Format
) -> String {
  let output = ScratchOutput()
  let printer = Printer(format(output.buffer()), flushesEvents: true)
  for event in events { event.tell(printer, in: Sample.session) }
  return output.text
}
