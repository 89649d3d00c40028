import Testing

@testable import Output
@testable import Sessions
@testable import WebSocketDecoding

@Suite("The JSON document")
struct JSONDocumentFormatTests {
  @Test("It has the events of each session between its opening and its end")
  func document() {
    let opened = Sample.opened(nil)
    let events = [
      Sample.text(.client, "hi"), .control(Sample.control(.server, Opcode.ping, bytes: 0)),
      .gap(Gap(side: .server, position: Sample.at(50), bytes: 3)),
    ]
    let closed = Sample.closed(.captureEnd, by: nil, handshake: nil)
    let lines = events.map { String(jsonLines([$0]).dropLast()) }.joined(separator: ",")
    let start = jsonLines([opened]).dropLast(2)
    let end = jsonLines([closed]).dropLast()
    let capture = jsonLines([.ended(CaptureSummary())]).dropFirst(#"{"event":"capture_end","#.count)
      .dropLast()
    let expected = """
      {"format":"wstap/1","sessions":[
      \(start),"events":[\(lines)],"close":\(end)}
      ],"capture":{\(capture)}

      """
    #expect(jsonDocument([opened] + events + [closed, .ended(CaptureSummary())]) == expected)
  }

  @Test("Without a session it is a document all the same")
  func empty() throws {
    let document = jsonDocument([.ended(CaptureSummary())])
    #expect(document.hasPrefix(#"{"format":"wstap/1","sessions":["# + "\n" + #"],"capture":{"packets":0,"#))
    _ = try JSONChecker.parse(Array(document.utf8))
  }

  @Test("Every event is in it as it is in NDJSON", arguments: PrinterCase.all)
  func events(_ test: PrinterCase) {
    switch test.event {
    case .opened, .closed, .ended, .input: return
    default: break
    }
    let document = jsonDocument([
      Sample.opened(nil), test.event, Sample.closed(.captureEnd, by: nil, handshake: nil),
      .ended(CaptureSummary()),
    ])
    #expect(document.contains(#","events":["# + test.json + "],"))
  }

  @Test("Events of a session that is not open are left out")
  func unknown() {
    let document = jsonDocument([
      Sample.text(.client, "hi"), Sample.closed(.captureEnd, by: nil), .ended(CaptureSummary()),
    ])
    #expect(document.hasPrefix(#"{"format":"wstap/1","sessions":["# + "\n" + #"],"capture""#))
  }
}
