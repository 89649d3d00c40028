import Testing

@testable import Output
@testable import SessionTimeline

@Suite("NDJSON")
struct JSONLinesReportTests {
  @Test("What is said of each event", arguments: PrinterCase.all)
  func line(_ test: PrinterCase) {
    #expect(jsonLines([test.event]) == test.json + "\n")
  }
}

/// The lines of NDJSON of events.
func jsonLines(_ events: [TestEvent]) -> String {
  let output = ScratchOutput()
  let report = JSONLinesReport(output.buffer(), flushesLines: true)
  for event in events { event.tell(report, in: Sample.session) }
  return output.text
}
