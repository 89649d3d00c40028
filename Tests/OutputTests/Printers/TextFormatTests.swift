import Testing

@testable import Output

@Suite("The text output")
struct TextFormatTests {
  @Test("What is said of each event", arguments: PrinterCase.all)
  func line(_ test: PrinterCase) {
    #expect(text([test.event]) == test.text + (test.text.isEmpty ? "" : "\n"))
  }
}
