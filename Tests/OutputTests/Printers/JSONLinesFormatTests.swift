import Foundation
import TestSupport
import Testing

@testable import Output

@Suite("NDJSON")
struct JSONLinesFormatTests {
  @Test("What is said of each event", arguments: PrinterCase.all)
  func line(_ test: PrinterCase) {
    #expect(jsonLines([test.event]).withoutMarks == test.json + "\n")
  }

  @Test("Every member is in the schema", arguments: PrinterCase.all)
  func names(_ test: PrinterCase) throws {
    let schema = try String(contentsOfFile: "docs/json.schema.json", encoding: .utf8)
    // Quotes within a value have a backslash before them.
    for match in test.json.matches(of: /[{,]"([a-z0-9_]+)":/) {
      #expect(schema.contains("\"\(match.1)\""), "\(match.1)")
    }
  }

  @Test(
    "Each bit of a frame's first byte by its own name", arguments: [0x80, 0x40, 0x20, 0x10, 0] as [UInt8])
  func firstByte(bit: UInt8) {
    let line = jsonLines([.frame(Sample.frame(.server, [bit | 2, 0]))])
    let bits = zip(["fin", "rsv1", "rsv2", "rsv3"], [0x80, 0x40, 0x20, 0x10] as [UInt8])
      .map { "\"\($0)\":\($1 == bit)" }.joined(separator: ",")
    #expect(line.contains(bits + ",\"opcode\":2,\"masked\":false,"))
  }
}
