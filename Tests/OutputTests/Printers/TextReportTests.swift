import Testing

@testable import Output
@testable import SessionTimeline

@Suite("The text output")
struct TextReportTests {
  @Test("What is said of each event", arguments: PrinterCase.all)
  func line(_ test: PrinterCase) {
    #expect(text([test.event]) == test.text + "\n")
  }
}

/// What the text output writes of events.
func text(
  _ events: [TestEvent], width: Int? = nil, colour: Bool = false, showsTransport: Bool = true
) -> String {
  let output = ScratchOutput()
  let report = TextReport(
    output.buffer(), style: Style(enabled: colour), width: width, flushesLines: true,
    showsTransport: showsTransport)
  for event in events { event.tell(report, in: Sample.session) }
  return output.text
}
