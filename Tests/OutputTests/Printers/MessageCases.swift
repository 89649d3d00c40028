import WireBytes

@testable import SessionTimeline
@testable import WebSocketDecoding

extension PrinterCase {
  static let messages: [PrinterCase] = [
    PrinterCase("a text", Sample.text(.client, "nick 999"), text: "", json: ""),
    PrinterCase("a text of the server", Sample.text(.server, #"{"a":"b\n"}"#), text: "", json: ""),
    PrinterCase("an empty text", Sample.text(.client, ""), text: "", json: ""),
    PrinterCase(
      "a binary message", .message(Sample.message(.server, Opcode.binary, bytes: 4), [0xDE, 0xAD, 0, 0x41]),
      text: "", json: ""),
    PrinterCase(
      "an empty binary message", .message(Sample.message(.server, Opcode.binary, bytes: 0), []), text: "",
      json: ""),
    PrinterCase(
      "a message of several frames and packets",
      .message(
        Sample.message(.client, Opcode.text, bytes: 3) {
          $0.frames = 2
          $0.last = Sample.at(11, 20, offset: 120)
        }, Array("abc".utf8)), text: "", json: ""),
    PrinterCase(
      "a compressed message",
      .message(
        Sample.message(.client, Opcode.text, bytes: 3000) {
          ($0.compressed, $0.compressedBytes) = (true, 412)
        }, [UInt8](repeating: 0x61, count: 3000)), text: "", json: ""),
    PrinterCase(
      "one that grew by compression",
      .message(
        Sample.message(.client, Opcode.text, bytes: 1) { ($0.compressed, $0.compressedBytes) = (true, 3) },
        Array("a".utf8)), text: "", json: ""),
    PrinterCase(
      "an empty compressed message",
      .message(
        Sample.message(.client, Opcode.text, bytes: 0) { ($0.compressed, $0.compressedBytes) = (true, 1) },
        []), text: "", json: ""),
    PrinterCase(
      "one that could not be inflated",
      .message(
        Sample.message(.client, Opcode.text, bytes: 3) {
          ($0.compressed, $0.inflated, $0.isValidUTF8) = (true, false, false)
        }, [0x4A, 0x4C, 0x04]), text: "", json: ""),
    PrinterCase(
      "one of which the start is missing",
      .message(
        Sample.message(.client, Opcode.text, bytes: 8) {
          ($0.complete, $0.missingBytes, $0.isValidUTF8) = (false, 3, false)
        }, Array("\0\0\0defgh".utf8), missing: [MissingRange(offset: 0, bytes: 3)]), text: "", json: ""),
    PrinterCase(
      "one with two holes",
      .message(
        Sample.message(.client, Opcode.text, bytes: 8) {
          ($0.complete, $0.missingBytes, $0.isValidUTF8) = (false, 3, false)
        }, Array("ab\0def\0\0".utf8),
        missing: [MissingRange(offset: 2, bytes: 1), MissingRange(offset: 6, bytes: 2)]), text: "", json: ""),
    PrinterCase(
      "one that misses its end, of which it is not known how long it is",
      .message(
        Sample.message(.client, Opcode.text, bytes: 3) { $0.complete = false }, Array("abc".utf8)), text: "",
      json: ""),
    PrinterCase(
      "an unfinished one without a byte",
      .message(Sample.message(.server, Opcode.binary, bytes: 0) { $0.complete = false }, []), text: "",
      json: ""),
    PrinterCase(
      "one whose first frame is missing",
      .message(
        Sample.message(.client, Opcode.continuation, bytes: 5) {
          ($0.complete, $0.missingBytes) = (false, 2)
        }, Array("\0\0llo".utf8), missing: [MissingRange(offset: 0, bytes: 2)]), text: "", json: ""),
    PrinterCase(
      "one that is not inflated, and misses bytes",
      .message(
        Sample.message(.client, Opcode.binary, bytes: 6) {
          ($0.compressed, $0.inflated, $0.complete, $0.missingBytes) = (true, false, false, 4)
        }, [1, 2, 0, 0, 0, 0], missing: [MissingRange(offset: 2, bytes: 4)]), text: "", json: ""),
    PrinterCase(
      "a hole that reaches beyond all numbers",
      .message(
        Sample.message(.client, Opcode.text, bytes: 4) {
          ($0.complete, $0.missingBytes, $0.bytes) = (false, .max, .max)
        }, Array("abcd".utf8), missing: [MissingRange(offset: 1, bytes: .max)]), text: "", json: ""),
    PrinterCase(
      "one that is shown shortened, within a character",
      .message(Sample.message(.client, Opcode.text, bytes: 9), Array("新用户".utf8.dropLast(2))), text: "",
      json: ""),
    PrinterCase(
      "a binary one that is shown shortened",
      .message(Sample.message(.client, Opcode.binary, bytes: 2_000_000), [1, 2, 3, 0x7A]), text: "", json: ""
    ),
    PrinterCase(
      "one of which nothing is shown", .message(Sample.message(.client, Opcode.text, bytes: 9), []), text: "",
      json: ""),
    PrinterCase(
      "a text that is not UTF-8",
      .message(
        Sample.message(.client, Opcode.text, bytes: 3) { $0.isValidUTF8 = false }, [0x61, 0xC3, 0x28]),
      text: "", json: ""),
    PrinterCase(
      "hostile text", Sample.text(.client, "\u{1B}]0;t\u{7}\r\n\u{202E}\"\\\u{9B}31m\u{2028}\u{0}"), text: "",
      json: ""),
    PrinterCase(
      "one to which TCP did nothing",
      .message(
        Sample.message(.client, Opcode.text, bytes: 2), Array("hi".utf8),
        transport: MessageTransport(Sample.message(.client, Opcode.text, bytes: 2))), text: "", json: ""),
    PrinterCase(
      "one to which TCP did everything",
      .message(
        Sample.message(.client, Opcode.text, bytes: 2), Array("hi".utf8), transport: disturbed), text: "",
      json: ""),
  ]

  private static var disturbed: MessageTransport {
    var transport = MessageTransport(
      Sample.message(.client, Opcode.text, bytes: 2) { $0.last = Sample.at(12, 15, offset: 107) })
    (transport.retransmittedBytes, transport.lateBytes) = (1448, 500)
    (transport.presumedRetransmittedBytes, transport.waited) = (200, 210_000_000)
    (transport.zeroWindow, transport.zeroWindowTime) = (true, 40_000_000)
    return transport
  }

  static let controls: [PrinterCase] = [
    PrinterCase(
      "a ping without payload", .control(Sample.control(.server, Opcode.ping, bytes: 0)), text: "", json: ""),
    PrinterCase(
      "a ping with text", .control(Sample.control(.server, Opcode.ping, bytes: 2), Array("hi".utf8)), text: "",
      json: ""),
    PrinterCase(
      "a ping with binary", .control(Sample.control(.client, Opcode.ping, bytes: 3), [0, 1, 0xFF]), text: "",
      json: ""),
    PrinterCase(
      "a ping with control characters",
      .control(Sample.control(.client, Opcode.ping, bytes: 3), Array("a\u{1B}c".utf8)), text: "", json: ""),
    PrinterCase(
      "a ping that is shown shortened",
      .control(Sample.control(.client, Opcode.ping, bytes: 125), Array("abc".utf8)), text: "", json: ""),
    PrinterCase(
      "a ping with missing bytes",
      .control(Sample.control(.client, Opcode.ping, bytes: 4, missing: 2), [0x61, 0x62, 0, 0]), text: "",
      json: ""),
    PrinterCase(
      "a pong that nobody asked for", .control(Sample.control(.client, Opcode.pong, bytes: 0)), text: "",
      json: ""),
    PrinterCase(
      "a pong that answers",
      .control(Sample.control(.client, Opcode.pong, bytes: 0, answers: Sample.at(17, 1499))), text: "",
      json: ""),
    PrinterCase(
      "a pong with payload that answers",
      .control(
        Sample.control(.client, Opcode.pong, bytes: 2, answers: Sample.at(17, 1499)), Array("hi".utf8)),
      text: "", json: ""),
    PrinterCase(
      "a Close without a code", .control(Sample.control(.client, Opcode.close, bytes: 0)), text: "", json: ""),
    PrinterCase("a Close with a code", Sample.close(.server, 1000), text: "", json: ""),
    PrinterCase("a Close with a reason", Sample.close(.server, 1011, "out of memory"), text: "", json: ""),
    PrinterCase("a Close with a code of the application", Sample.close(.client, 4001), text: "", json: ""),
    PrinterCase("a Close with the highest code", Sample.close(.client, 65_535), text: "", json: ""),
    PrinterCase(
      "a Close of one byte", .control(Sample.control(.client, Opcode.close, bytes: 1), [3]), text: "",
      json: ""),
    PrinterCase(
      "a Close whose reason is shown shortened",
      .control(
        Sample.control(.client, Opcode.close, bytes: 30, code: 1000), [3, 232] + Array("bye".utf8)), text: "",
      json: ""),
    PrinterCase(
      "a Close with missing bytes",
      .control(Sample.control(.client, Opcode.close, bytes: 4, missing: 4), [0, 0, 0, 0]), text: "",
      json: ""),
    PrinterCase(
      "a hostile reason", Sample.close(.server, 1000, "\u{1B}[2J\u{202E}\"\n\\"), text: "", json: ""),
    PrinterCase(
      "a reason that is not UTF-8",
      .control(
        Sample.control(.server, Opcode.close, bytes: 4, code: 1000), [3, 232, 0xC3, 0x28]), text: "", json: ""
    ),
  ]

  static let frames: [PrinterCase] = [
    PrinterCase(
      "a frame of the server", .frame(Sample.frame(.server, [0x81, 2]), Array("hi".utf8)), text: "", json: ""),
    PrinterCase(
      "a masked frame", .frame(Sample.frame(.client, [0x01, 0x82, 0x0A, 0xB0, 0xFF, 0x01]), [0xFF, 0xFE]),
      text: "", json: ""),
    PrinterCase(
      "a frame with all bits and a reserved opcode", .frame(Sample.frame(.server, [0xFF, 0])), text: "",
      json: ""),
    PrinterCase(
      "a long frame of which some is shown, and some is missing",
      .frame(Sample.frame(.server, [0x80, 127, 0, 0, 0, 1, 0, 0, 0, 0], missing: 5), [0, 1]), text: "",
      json: ""),
    PrinterCase("a Ping as a frame", .frame(Sample.frame(.server, [0x89, 0])), text: "", json: ""),
    PrinterCase("a Pong as a frame", .frame(Sample.frame(.server, [0x8A, 0])), text: "", json: ""),
    PrinterCase("a Close as a frame", .frame(Sample.frame(.server, [0x88, 0])), text: "", json: ""),
    PrinterCase("a binary frame", .frame(Sample.frame(.server, [0x82, 0])), text: "", json: ""),
  ]
}
