import Testing

@testable import Output

@Suite("NDJSON")
struct JSONLinesFormatTests {
  @Test("What is said of each event", arguments: PrinterCase.all)
  func line(_ test: PrinterCase) {
    #expect(jsonLines([test.event]) == test.json + "\n")
  }
}
