import TestSupport
import Testing

@testable import HTTP1
@testable import Output
@testable import SessionAnalysis

@Suite("The text output")
struct TextFormatTests {
  @Test("What is said of each event", arguments: PrinterCase.all)
  func line(_ test: PrinterCase) {
    #expect(text([test.event]).withoutMarks == test.text + (test.text.isEmpty ? "" : "\n"))
  }

  @Test("What the status line, the verdict or the end of the session says is not said twice")
  func saidElsewhere() {
    #expect(text([Sample.anomaly(HandshakeRule.rejected, .server, "status 403")]) == "")
    #expect(text([Sample.anomaly(SessionRule.legsDiffer, nil, "1 message differs")]) == "")
  }
}
