import Testing
import Foundation

@Test func temporaryDump() throws {
  var lines = ""
  for test in PrinterCase.all {
    lines += Data(text([test.event]).utf8).base64EncodedString() + " "
    lines += Data(jsonLines([test.event]).utf8).base64EncodedString() + "\n"
  }
  try lines.write(toFile: "/tmp/out-dump.txt", atomically: true, encoding: .utf8)
}
