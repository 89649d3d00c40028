import Sessions
import Testing

@testable import Output

@Suite("What is said of a capture as a whole")
struct CapturePhrasingTests {
  @Test(
    "Truncated packets are told where some may have been TCP, also if no connection could be read",
    arguments: [
      (12, 2, 0, "2 of 12 packets truncated at 96 bytes; capture with -s 0"),
      (12, 2, 11, "2 of 12 packets truncated at 96 bytes; capture with -s 0"), (12, 2, 12, nil),
      (12, 0, 0, nil),
    ] as [(UInt64, UInt64, UInt64, String?)])
  func truncation(packets: UInt64, truncated: UInt64, notTCP: UInt64, line: String?) {
    var summary = CaptureSummary()
    (summary.packets, summary.truncated, summary.notTCP) = (packets, truncated, notTCP)
    summary.truncatedLengths = (96, 96)
    #expect(summary.truncation == line)
  }
}
