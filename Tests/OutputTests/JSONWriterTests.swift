import Output
import TestSupport
import Testing
import WireBytes

@Suite struct JSONWriterTests {
  @Test func commasStandBetweenMembersAndElementsOnly() {
    let text = json { json in
      json.beginObject()
      json.literal("event", "message")
      json.number("session", 1)
      json.beginArray("empty")
      json.endArray()
      json.beginArray("pairs")
      json.beginArray()
      json.string("Host")
      json.string("localhost")
      json.endArray()
      json.number(-2)
      json.null()
      json.endArray()
      json.beginObject("inner")
      json.endObject()
      json.bool("complete", false)
      json.number("code", UInt16?.none)
      json.string("origin", nil)
      json.seconds("rtt", 60_120_000_000)
      json.endObject()
      json.endLine()
      json.beginObject()
      json.endObject()
    }
    #expect(
      text == #"{"event":"message","session":1,"empty":[],"pairs":[["Host","localhost"],-2,null],"#
        + #""inner":{},"complete":false,"code":null,"origin":null,"rtt":60.12}"# + "\n{}")
  }

  @Test(
    "A string carries nothing that JSON or a terminal takes for a command",
    arguments: [
      ("", ""), ("nick 999", "nick 999"), (#"say "hi" \o/"#, #"say \"hi\" \\o/"#),
      ("a\nb\rc\td\u{8}e\u{C}", #"a\nb\rc\td\be\f"#),
      ("\u{0}\u{1B}[2J\u{1F}\u{7F}", #"\u0000\u001b[2J\u001f\u007f"#),
      ("\u{80}\u{9B}31m\u{9F}\u{A0}é°", #"\u0080\u009b31m\u009f"# + "\u{A0}é°"),
      ("新用户:999 😀 \u{2028}", "新用户:999 😀 \u{2028}"), ("ends in Â", "ends in Â"), ("1234567\u{C2}", "1234567Â"),
    ])
  func escapes(text: String, expected: String) {
    #expect(json { $0.string(text) } == "\"" + expected + "\"")
  }

  @Test(
    "Bytes that are not UTF-8 show as U+FFFD, one for each maximal subpart",
    arguments: [
      [], [0x66, 0x6F, 0x6F], [0xFF], [0xC3, 0x28], [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xF0, 0x9F, 0x98],
      [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0x80, 0x81], [0xF4, 0x90, 0x80, 0x80], [0x22, 0xFE, 0x5C],
    ] as [[UInt8]])
  func repairs(bytes: [UInt8]) throws {
    let parsed = try JSONChecker.parse(Array(json { $0.repaired(bytes.span) }.utf8))
    #expect(parsed == .string(String(decoding: bytes, as: UTF8.self)))
  }

  @Test func randomTextComesBackFromAnotherReader() throws {
    var random = SeededRandom.fresh()
    for _ in 0..<2_000 {
      let text = random.text(upTo: 60)
      let written = json { $0.string(text) }
      #expect(try JSONChecker.parse(Array(written.utf8)) == .string(text), "\(random)")
      let controls = written.unicodeScalars.filter { $0.properties.generalCategory == .control }
      #expect(controls.isEmpty, "\(random)")
    }
  }

  @Test func randomBytesComeBackAsTheLibraryRepairsThem() throws {
    var random = SeededRandom.fresh()
    for _ in 0..<2_000 {
      let bytes = random.nearlyUTF8(upTo: 60)
      let parsed = try JSONChecker.parse(Array(json { $0.repaired(bytes.span) }.utf8))
      #expect(parsed == .string(String(decoding: bytes, as: UTF8.self)), "\(random)")
    }
  }

  @Test("A text longer than a piece is escaped across the cut", arguments: 4085...4100)
  func escapesAcrossPieces(length: Int) throws {
    for tail in ["\u{9B}\"é", "\"\"\"\"\"\"\"\"\"", "\u{1}\u{2}\u{3}", "plain text"] {
      let text = String(repeating: "x", count: length) + tail + String(repeating: "\u{1}", count: 5000)
      #expect(try JSONChecker.parse(Array(json { $0.string(text) }.utf8)) == .string(text))
    }
  }

  @Test(
    "A moment prints as the reference does",
    arguments: [
      0, 1_795_165_923_123_456_789, 1_795_165_923_000_000_001, 951_782_400_000_000_001, -1, .min, .max,
    ])
  func prints(nanoseconds: Int64) {
    let time = CaptureTime(nanoseconds: nanoseconds)
    #expect(json { $0.time(time) } == "\"\(time)\"")
  }

  @Test func momentsThatShareASecondAndThatDoNotAreNotConfused() {
    var random = SeededRandom.fresh()
    let times = (0..<500).map { _ in
      CaptureTime(
        nanoseconds: Int64.random(in: 1_795_165_920_000_000_000...1_795_165_925_000_000_000, using: &random))
    }
    let text = json { json in
      json.beginArray()
      for time in times { json.time(time) }
      json.endArray()
    }
    #expect(text == "[" + times.map { "\"\($0)\"" }.joined(separator: ",") + "]", "\(random)")
  }
}

/// What `body` writes.
private func json(_ body: (inout JSONWriter) -> Void) -> String {
  var writer = JSONWriter(OutputBuffer())
  body(&writer)
  return String(decoding: writer.out.bytes.toArray(), as: UTF8.self)
}
