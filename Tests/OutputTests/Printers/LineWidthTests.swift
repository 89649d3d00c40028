import TestSupport
import Testing
import WireBytes

@testable import HTTP1
@testable import Output
@testable import Sessions
@testable import TCPReassembly
@testable import WebSocketDecoding

@Suite("Whatever is said, on a terminal of any width")
struct LineWidthTests {
  @Test("No line is wider than the terminal, and nothing but text reaches it")
  func noLineOverflows() {
    var random = SeededRandom.fresh()
    for _ in 0..<1_500 {
      let width = Int.random(in: 20...140, using: &random)
      let event = random.event()
      let shown = text([event], width: width)
      for line in shown.split(separator: "\n", omittingEmptySubsequences: false) {
        let columns = TerminalText.columns(of: String(line))
        #expect(columns <= width, "\(random): \(columns) of \(width) columns: \(line)")
      }
      #expect(!shown.unicodeScalars.contains(where: isDangerous), "\(random): \(shown)")
    }
  }

  @Test("Colours change nothing but the colours")
  func coloursAddNothing() {
    var random = SeededRandom.fresh()
    for _ in 0..<500 {
      let width = Bool.random(using: &random) ? Int.random(in: 20...140, using: &random) : nil
      let event = random.event()
      let coloured = text([event], width: width, colour: true)
      #expect(withoutColours(coloured) == text([event], width: width), "\(random)")
      for line in coloured.split(separator: "\n") {
        #expect(endsWithoutColour(String(line)), "\(random): \(line.debugDescription)")
      }
    }
  }

  @Test("Every JSON line is one JSON object, with nothing in it that drives a terminal")
  func linesAreJSON() throws {
    var random = SeededRandom.fresh()
    for _ in 0..<500 {
      // A change of the input is said before the next event.
      let text = jsonLines([random.event(), Sample.text(.client, "hi")])
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count == 3 && lines[2].isEmpty, "\(random)")
      for line in lines.dropLast() {
        _ = try JSONChecker.parse(Array(line.utf8))
        #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(random)")
      }
    }
  }
}

/// What must not go to a terminal as itself; a line feed ends a line.
private func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control: scalar != "\n"
  case .lineSeparator, .paragraphSeparator: true
  case .format: scalar != "\u{200D}"
  default: false
  }
}

/// Without SGR sequences.
private func withoutColours(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  var isInside = false
  for scalar in text.unicodeScalars {
    if scalar == "\u{1B}" { isInside = true }
    if !isInside { result.append(scalar) }
    if isInside && scalar == "m" { isInside = false }
  }
  return String(result)
}

private func endsWithoutColour(_ line: String) -> Bool {
  // Byte by byte: a mark that follows makes one character with the `m`.
  let bytes = Array(line.utf8)
  guard let last = bytes.lastIndex(of: 0x1B) else { return true }
  return bytes[last...].starts(with: "\u{1B}[0m".utf8)
}

extension SeededRandom {
  /// An event with a peer's words in it, of any kind.
  fileprivate mutating func event() -> TestEvent {
    let side: Side = Bool.random(using: &self) ? .client : .server
    let words = text(upTo: 60)
    switch Int.random(in: 0..<9, using: &self) {
    case 0: return Sample.opened(handshake())
    case 1, 2: return message(side)
    case 3:
      let payload = nearlyUTF8(upTo: 125)
      let opcode = [Opcode.ping, Opcode.pong][Int.random(in: 0...1, using: &self)]
      let answers = Bool.random(using: &self) ? Sample.at(9) : nil
      return .control(Sample.control(side, opcode, bytes: payload.count, answers: answers), payload)
    case 4: return Sample.close(side, UInt16.random(in: 0 ... .max, using: &self), words)
    case 5: return Sample.anomaly(HandshakeRule.invalidKey, side, words)
    case 6:
      return Sample.closed(.fin, by: side) {
        $0.clientClose = Sample.closeFrame(.client, 4000, words, packet: .max)
        $0.suppressed = [(FramingRule.unmaskedClientFrame.rule, .client, Int.max)]
        $0.client.counts = Sample.counts(messages: .max / 8, bytes: 1 << 50, lost: 1 << 40, unexplained: 77)
      }
    case 7:
      let status = Int.random(in: 100...999, using: &self)
      return Sample.closed(
        handshake: Sample.handshake(Sample.request, ["HTTP/1.1 \(status) \(line(words))"]))
    default:
      return .input(InputChange(file: .other(words), packet: .max, filePacket: 1, time: Sample.start))
    }
  }

  private mutating func message(_ side: Side) -> TestEvent {
    let payload = nearlyUTF8(upTo: 300)
    let opcode = [Opcode.text, Opcode.text, Opcode.binary, Opcode.continuation]
    let isText = payload.span.isValidUTF8
    let more = Bool.random(using: &self) ? 0 : Int.random(in: 0...1_000_000, using: &self)
    var message = Sample.message(
      side, opcode[Int.random(in: 0..<4, using: &self)], bytes: payload.count + more,
      packet: UInt64.random(in: 1...10_000_000_000, using: &self)
    ) { $0.isValidUTF8 = isText }
    message.inflated = Int.random(in: 0..<4, using: &self) > 0
    message.compressedBytes = message.inflated ? UInt64.random(in: 0...9000, using: &self) : 0
    message.complete = Bool.random(using: &self)
    message.missingBytes = message.complete ? 0 : UInt64.random(in: 0...9_000_000, using: &self)
    return .message(message, payload)
  }

  private mutating func handshake() -> Handshake? {
    guard Int.random(in: 0..<8, using: &self) > 0 else { return nil }
    let path = line(text(upTo: 80)).split(separator: " ").joined()
    let request =
      ["GET /\(path) HTTP/1.1"] + Sample.request.dropFirst() + [
        "Origin: \(line(text(upTo: 20)))", "Sec-WebSocket-Protocol: \(line(text(upTo: 20)))",
      ]
    let response =
      Bool.random(using: &self)
      ? Sample.response : ["HTTP/1.1 302 \(line(text(upTo: 30)))", "Location: \(path)"]
    return Sample.handshake(request, response)
  }

  /// A text that may stand in a line of a head.
  private func line(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\r" && $0 != "\n" && $0 != "\0" }))
  }
}
