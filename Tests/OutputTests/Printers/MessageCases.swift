import WireBytes

@testable import SessionAnalysis
@testable import WebSocketDecoding

extension PrinterCase {
  static let messages: [PrinterCase] = [
    PrinterCase(
      "a text", Sample.text(.client, "nick 999"),
      text: #"     8    +0.012000  #1 ▶ text          8 B  nick 999"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":false,"bytes":8,"wire_bytes":14,"text":"nick 999"}
        """#),
    PrinterCase(
      "a text of the server", Sample.text(.server, #"{"a":"b\n"}"#),
      text: #"     8    +0.012000  #1 ◀ text         11 B  {"a":"b\n"}"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"server","opcode":"text","frames":1,"compressed":false,"bytes":11,"wire_bytes":17,"text":"{\"a\":\"b\\n\"}"}
        """#),
    PrinterCase(
      "an empty text", Sample.text(.client, ""),
      text: #"     8    +0.012000  #1 ▶ text          0 B"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":false,"bytes":0,"wire_bytes":6,"text":""}
        """#),
    PrinterCase(
      "a binary message", .message(Sample.message(.server, Opcode.binary, bytes: 4), [0xDE, 0xAD, 0, 0x41]),
      text: #"     8    +0.012000  #1 ◀ binary        4 B  de ad 00 41  |...A|"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"server","opcode":"binary","frames":1,"compressed":false,"bytes":4,"wire_bytes":10,"base64":"3q0AQQ=="}
        """#),
    PrinterCase(
      "an empty binary message", .message(Sample.message(.server, Opcode.binary, bytes: 0), []),
      text: #"     8    +0.012000  #1 ◀ binary        0 B"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"server","opcode":"binary","frames":1,"compressed":false,"bytes":0,"wire_bytes":6,"base64":""}
        """#),
    PrinterCase(
      "a message of several frames and packets",
      .message(
        Sample.message(.client, Opcode.text, bytes: 3) {
          $0.frames = 2
          $0.last = Sample.at(11, 20, offset: 120)
        }, Array("abc".utf8)),
      text: #"    11    +0.020000  #1 ▶ text          3 B  abc"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.143456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":11,"from":"client","opcode":"text","frames":2,"compressed":false,"bytes":3,"wire_bytes":9,"text":"abc"}
        """#),
    PrinterCase(
      "a compressed message",
      .message(
        Sample.message(.client, Opcode.text, bytes: 3000) {
          ($0.compressed, $0.compressedBytes) = (true, 412)
        }, Array("aaaa".utf8)),
      text: #"     8    +0.012000  #1 ▶ text      2.9 KiB  [412 B, 7.2×] aaaa…"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":true,"bytes":3000,"wire_bytes":3006,"compressed_bytes":412,"compression_ratio":7.28,"text":"aaaa","shown_bytes":4}
        """#),
    PrinterCase(
      "one that grew by compression",
      .message(
        Sample.message(.client, Opcode.text, bytes: 1) { ($0.compressed, $0.compressedBytes) = (true, 3) },
        Array("a".utf8)),
      text: #"     8    +0.012000  #1 ▶ text          1 B  [3 B, 0.3×] a"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":true,"bytes":1,"wire_bytes":7,"compressed_bytes":3,"compression_ratio":0.33,"text":"a"}
        """#),
    PrinterCase(
      "an empty compressed message",
      .message(
        Sample.message(.client, Opcode.text, bytes: 0) { ($0.compressed, $0.compressedBytes) = (true, 1) },
        []),
      text: #"     8    +0.012000  #1 ▶ text          0 B"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":true,"bytes":0,"wire_bytes":6,"compressed_bytes":1,"compression_ratio":0,"text":""}
        """#),
    PrinterCase(
      "one that could not be inflated",
      .message(
        Sample.message(.client, Opcode.text, bytes: 3) {
          ($0.compressed, $0.inflated, $0.isValidUTF8) = (true, false, false)
        }, [0x4A, 0x4C, 0x04]),
      text: #"     8    +0.012000  #1 ▶ text          3 B  [not inflated] 4a 4c 04  |JL.|"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":true,"bytes":3,"wire_bytes":9,"inflated":false,"base64":"SkwE"}
        """#),
    PrinterCase(
      "one of which the start is missing",
      .message(
        Sample.message(.client, Opcode.text, bytes: 8) {
          ($0.complete, $0.missingBytes, $0.isValidUTF8) = (false, 3, false)
        }, Array("\0\0\0defgh".utf8), missing: [MissingRange(offset: 0, bytes: 3)]),
      text: #"     8    +0.012000  #1 ▶ text          8 B  [3 B missing] defgh"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":false,"bytes":8,"wire_bytes":14,"complete":false,"missing_bytes":3,"holes":[[0,3]],"base64":"AAAAZGVmZ2g="}
        """#),
    PrinterCase(
      "one with two holes",
      .message(
        Sample.message(.client, Opcode.text, bytes: 8) {
          ($0.complete, $0.missingBytes, $0.isValidUTF8) = (false, 3, false)
        }, Array("ab\0def\0\0".utf8),
        missing: [MissingRange(offset: 2, bytes: 1), MissingRange(offset: 6, bytes: 2)]),
      text: #"     8    +0.012000  #1 ▶ text          8 B  [3 B missing] ab…"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":false,"bytes":8,"wire_bytes":14,"complete":false,"missing_bytes":3,"holes":[[2,1],[6,2]],"base64":"YWIAZGVmAAA="}
        """#),
    PrinterCase(
      "one that misses its end, of which it is not known how long it is",
      .message(
        Sample.message(.client, Opcode.text, bytes: 3) { $0.complete = false }, Array("abc".utf8)),
      text: #"     8    +0.012000  #1 ▶ text          3 B  [unfinished] abc"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":false,"bytes":3,"wire_bytes":9,"complete":false,"missing_bytes":0,"text":"abc"}
        """#),
    PrinterCase(
      "an unfinished one without a byte",
      .message(Sample.message(.server, Opcode.binary, bytes: 0) { $0.complete = false }, []),
      text: #"     8    +0.012000  #1 ◀ binary        0 B  [unfinished] "#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"server","opcode":"binary","frames":1,"compressed":false,"bytes":0,"wire_bytes":6,"complete":false,"missing_bytes":0,"base64":""}
        """#),
    PrinterCase(
      "one whose first frame is missing",
      .message(
        Sample.message(.client, Opcode.continuation, bytes: 5) {
          ($0.complete, $0.missingBytes) = (false, 2)
        }, Array("\0\0llo".utf8), missing: [MissingRange(offset: 0, bytes: 2)]),
      text: #"     8    +0.012000  #1 ▶ cont.         5 B  [2 B missing] [start not seen] llo"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"continuation","frames":1,"compressed":false,"bytes":5,"wire_bytes":11,"complete":false,"missing_bytes":2,"holes":[[0,2]],"base64":"AABsbG8="}
        """#),
    PrinterCase(
      "one that is not inflated, and misses bytes",
      .message(
        Sample.message(.client, Opcode.binary, bytes: 6) {
          ($0.compressed, $0.inflated, $0.complete, $0.missingBytes) = (true, false, false, 4)
        }, [1, 2, 0, 0, 0, 0], missing: [MissingRange(offset: 2, bytes: 4)]),
      text: #"     8    +0.012000  #1 ▶ binary        6 B  [not inflated] [4 B missing] 01 02 …  |..|"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"binary","frames":1,"compressed":true,"bytes":6,"wire_bytes":12,"complete":false,"missing_bytes":4,"holes":[[2,4]],"inflated":false,"base64":"AQIAAAAA"}
        """#),
    PrinterCase(
      "a hole that reaches beyond all numbers",
      .message(
        Sample.message(.client, Opcode.text, bytes: 4) {
          ($0.complete, $0.missingBytes, $0.bytes) = (false, .max, .max)
        }, Array("abcd".utf8), missing: [MissingRange(offset: 1, bytes: .max)]),
      text: #"     8    +0.012000  #1 ▶ text     16.0 EiB  [18446744073709551615 B missing] a…"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":false,"bytes":18446744073709551615,"wire_bytes":10,"complete":false,"missing_bytes":18446744073709551615,"holes":[[1,18446744073709551615]],"text":"abcd","shown_bytes":4}
        """#),
    PrinterCase(
      "one that is shown shortened, within a character",
      .message(Sample.message(.client, Opcode.text, bytes: 9), Array("新用户".utf8.dropLast(2))),
      text: #"     8    +0.012000  #1 ▶ text          9 B  新用…"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":false,"bytes":9,"wire_bytes":15,"text":"新用","shown_bytes":6}
        """#),
    PrinterCase(
      "a binary one that is shown shortened",
      .message(Sample.message(.client, Opcode.binary, bytes: 2_000_000), [1, 2, 3, 0x7A]),
      text: #"     8    +0.012000  #1 ▶ binary    1.9 MiB  01 02 03 7a …  |...z|"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"binary","frames":1,"compressed":false,"bytes":2000000,"wire_bytes":2000006,"base64":"AQIDeg==","shown_bytes":4}
        """#),
    PrinterCase(
      "one of which nothing is shown", .message(Sample.message(.client, Opcode.text, bytes: 9), []),
      text: #"     8    +0.012000  #1 ▶ text          9 B"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":false,"bytes":9,"wire_bytes":15,"text":"","shown_bytes":0}
        """#),
    PrinterCase(
      "a text that is not UTF-8",
      .message(
        Sample.message(.client, Opcode.text, bytes: 3) { $0.isValidUTF8 = false }, [0x61, 0xC3, 0x28]),
      text: #"     8    +0.012000  #1 ▶ text          3 B  a\xc3("#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":false,"bytes":3,"wire_bytes":9,"base64":"YcMo"}
        """#),
    PrinterCase(
      "hostile text", Sample.text(.client, "\u{1B}]0;t\u{7}\r\n\u{202E}\"\\\u{9B}31m\u{2028}\u{0}"),
      text: #"""
             8    +0.012000  #1 ▶ text         22 B  \x1b]0;t\x07\r\n\u{202e}"\\u{9b}31m\u{2028}\x00
        """#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":false,"bytes":22,"wire_bytes":28,"text":"\u001b]0;t\u0007\r\n\#u{202e}\"\\\u009b31m\#u{2028}\u0000"}
        """#),
    PrinterCase(
      "one to which TCP did nothing",
      .message(
        Sample.message(.client, Opcode.text, bytes: 2), Array("hi".utf8),
        transport: MessageTransport(Sample.message(.client, Opcode.text, bytes: 2))),
      text: #"     8    +0.012000  #1 ▶ text          2 B  hi"#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":false,"bytes":2,"wire_bytes":8,"tcp":{"stream_offset":100,"first_packet":8,"last_packet":8,"duration":0,"retransmitted_bytes":0,"late_bytes":0,"waited":0,"zero_window":false},"text":"hi"}
        """#),
    PrinterCase(
      "one to which TCP did everything",
      .message(
        Sample.message(.client, Opcode.text, bytes: 2), Array("hi".utf8), transport: disturbed),
      text: #"""
             8    +0.012000  #1 ▶ text          2 B  hi
             tcp: packets 8 to 12 within 3.0 ms, 1448 B sent again, 200 B late, presumably sent again, 300 B out of order, waited 210 ms behind a gap, the receiver's window was zero for 40 ms
        """#,
      json: #"""
        {"event":"message","session":1,"time":"2026-11-20T09:12:03.135456789Z","start_time":"2026-11-20T09:12:03.135456789Z","first_packet":8,"last_packet":8,"from":"client","opcode":"text","frames":1,"compressed":false,"bytes":2,"wire_bytes":8,"tcp":{"stream_offset":100,"first_packet":8,"last_packet":12,"duration":0.003,"retransmitted_bytes":1448,"late_bytes":500,"presumed_retransmitted_bytes":200,"waited":0.21,"zero_window":true,"zero_window_time":0.04},"text":"hi"}
        """#),
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
      "a ping without payload", .control(Sample.control(.server, Opcode.ping, bytes: 0)),
      text: #"    20    +1.500000  #1 ◀ ping          0 B"#,
      json: #"""
        {"event":"ping","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"server","bytes":0,"text":""}
        """#),
    PrinterCase(
      "a ping with text", .control(Sample.control(.server, Opcode.ping, bytes: 2), Array("hi".utf8)),
      text: #"    20    +1.500000  #1 ◀ ping          2 B  hi"#,
      json: #"""
        {"event":"ping","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"server","bytes":2,"text":"hi"}
        """#),
    PrinterCase(
      "a ping with binary", .control(Sample.control(.client, Opcode.ping, bytes: 3), [0, 1, 0xFF]),
      text: #"    20    +1.500000  #1 ▶ ping          3 B  00 01 ff  |...|"#,
      json: #"""
        {"event":"ping","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","bytes":3,"base64":"AAH/"}
        """#),
    PrinterCase(
      "a ping with control characters",
      .control(Sample.control(.client, Opcode.ping, bytes: 3), Array("a\u{1B}c".utf8)),
      text: #"    20    +1.500000  #1 ▶ ping          3 B  61 1b 63  |a.c|"#,
      json: #"""
        {"event":"ping","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","bytes":3,"text":"a\u001bc"}
        """#),
    PrinterCase(
      "a ping that is shown shortened",
      .control(Sample.control(.client, Opcode.ping, bytes: 125), Array("abc".utf8)),
      text: #"    20    +1.500000  #1 ▶ ping        125 B  abc…"#,
      json: #"""
        {"event":"ping","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","bytes":125,"text":"abc","shown_bytes":3}
        """#),
    PrinterCase(
      "a ping with missing bytes",
      .control(Sample.control(.client, Opcode.ping, bytes: 4, missing: 2), [0x61, 0x62]),
      text: #"    20    +1.500000  #1 ▶ ping          4 B  ab…"#,
      json: #"""
        {"event":"ping","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","complete":false,"missing_bytes":2,"bytes":4,"text":"ab","shown_bytes":2}
        """#),
    PrinterCase(
      "a pong that nobody asked for", .control(Sample.control(.client, Opcode.pong, bytes: 0)),
      text: #"    20    +1.500000  #1 ▶ pong          0 B"#,
      json: #"""
        {"event":"pong","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","bytes":0,"text":""}
        """#),
    PrinterCase(
      "a pong that answers",
      .control(Sample.control(.client, Opcode.pong, bytes: 0, answers: Sample.at(17, 1499))),
      text: #"    20    +1.500000  #1 ▶ pong          0 B  answers 17 after 1.0 ms"#,
      json: #"""
        {"event":"pong","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","bytes":0,"text":"","answers_packet":17,"rtt":0.001}
        """#),
    PrinterCase(
      "a pong with payload that answers",
      .control(
        Sample.control(.client, Opcode.pong, bytes: 2, answers: Sample.at(17, 1499)), Array("hi".utf8)),
      text: #"    20    +1.500000  #1 ▶ pong          2 B  hi   answers 17 after 1.0 ms"#,
      json: #"""
        {"event":"pong","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","bytes":2,"text":"hi","answers_packet":17,"rtt":0.001}
        """#),
    PrinterCase(
      "a Close without a code", .control(Sample.control(.client, Opcode.close, bytes: 0)),
      text: #"    20    +1.500000  #1 ▶ close         0 B  no status code"#,
      json: #"""
        {"event":"close","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","code":null,"code_name":null,"reason":""}
        """#),
    PrinterCase(
      "a Close with a code", Sample.close(.server, 1000),
      text: #"    20    +1.500000  #1 ◀ close         2 B  1000 normal closure"#,
      json: #"""
        {"event":"close","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"server","code":1000,"code_name":"normal_closure","reason":""}
        """#),
    PrinterCase(
      "a Close with a reason", Sample.close(.server, 1011, "out of memory"),
      text: #"    20    +1.500000  #1 ◀ close        15 B  1011 internal error "out of memory""#,
      json: #"""
        {"event":"close","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"server","code":1011,"code_name":"internal_error","reason":"out of memory"}
        """#),
    PrinterCase(
      "a Close with a code of the application", Sample.close(.client, 4001),
      text: #"    20    +1.500000  #1 ▶ close         2 B  4001"#,
      json: #"""
        {"event":"close","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","code":4001,"code_name":null,"reason":""}
        """#),
    PrinterCase(
      "a Close with the highest code", Sample.close(.client, 65_535),
      text: #"    20    +1.500000  #1 ▶ close         2 B  65535"#,
      json: #"""
        {"event":"close","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","code":65535,"code_name":null,"reason":""}
        """#),
    PrinterCase(
      "a Close of one byte", .control(Sample.control(.client, Opcode.close, bytes: 1), [3]),
      text: #"    20    +1.500000  #1 ▶ close         1 B  no status code"#,
      json: #"""
        {"event":"close","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","code":null,"code_name":null,"reason":""}
        """#),
    PrinterCase(
      "a Close whose reason is shown shortened",
      .control(
        Sample.control(.client, Opcode.close, bytes: 30, code: 1000), [3, 232] + Array("bye".utf8)),
      text: #"    20    +1.500000  #1 ▶ close        30 B  1000 normal closure "bye""#,
      json: #"""
        {"event":"close","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","code":1000,"code_name":"normal_closure","reason":"bye","shown_bytes":3}
        """#),
    PrinterCase(
      "a Close whose reason lacks bytes",
      .control(
        Sample.control(.client, Opcode.close, bytes: 30, code: 1000, missing: 25),
        [3, 232] + Array("bye".utf8)),
      text: #"    20    +1.500000  #1 ▶ close        30 B  1000 normal closure "bye" [25 B missing]"#,
      json: #"""
        {"event":"close","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","complete":false,"missing_bytes":25,"code":1000,"code_name":"normal_closure","reason":"bye","shown_bytes":3}
        """#),
    PrinterCase(
      "a Close with missing bytes",
      .control(Sample.control(.client, Opcode.close, bytes: 4, missing: 4)),
      text: #"    20    +1.500000  #1 ▶ close         4 B  status code not captured"#,
      json: #"""
        {"event":"close","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"client","complete":false,"missing_bytes":4,"code":null,"code_name":null,"reason":"","shown_bytes":0}
        """#),
    PrinterCase(
      "a hostile reason", Sample.close(.server, 1000, "\u{1B}[2J\u{202E}\"\n\\"),
      text: #"    20    +1.500000  #1 ◀ close        12 B  1000 normal closure "\x1b[2J\u{202e}"\n\""#,
      json: #"""
        {"event":"close","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"server","code":1000,"code_name":"normal_closure","reason":"\u001b[2J\#u{202e}\"\n\\"}
        """#),
    PrinterCase(
      "a reason that is not UTF-8",
      .control(
        Sample.control(.server, Opcode.close, bytes: 4, code: 1000), [3, 232, 0xC3, 0x28]),
      text: #"    20    +1.500000  #1 ◀ close         4 B  1000 normal closure "�(""#,
      json: #"""
        {"event":"close","session":1,"time":"2026-11-20T09:12:04.623456789Z","packet":20,"from":"server","code":1000,"code_name":"normal_closure","reason":"�("}
        """#),
  ]

  static let frames: [PrinterCase] = [
    PrinterCase(
      "a frame of the server", .frame(Sample.frame(.server, [0x81, 2]), Array("hi".utf8)),
      text: #"    30    +2.000000  #1 ◀ frame  text FIN  2 + 2 B  no mask"#,
      json: #"""
        {"event":"frame","session":1,"time":"2026-11-20T09:12:05.124456789Z","packet":30,"last_packet":31,"from":"server","stream_offset":300,"fin":true,"rsv1":false,"rsv2":false,"rsv3":false,"opcode":1,"masked":false,"masking_key":null,"payload_bytes":2,"header_bytes":2,"base64":"aGk="}
        """#),
    PrinterCase(
      "a masked frame", .frame(Sample.frame(.client, [0x01, 0x82, 0x0A, 0xB0, 0xFF, 0x01]), [0xFF, 0xFE]),
      text: #"    30    +2.000000  #1 ▶ frame  text   6 + 2 B  mask 0ab0ff01"#,
      json: #"""
        {"event":"frame","session":1,"time":"2026-11-20T09:12:05.124456789Z","packet":30,"last_packet":31,"from":"client","stream_offset":300,"fin":false,"rsv1":false,"rsv2":false,"rsv3":false,"opcode":1,"masked":true,"masking_key":"0ab0ff01","payload_bytes":2,"header_bytes":6,"base64":"//4="}
        """#),
    PrinterCase(
      "a frame with all bits and a reserved opcode", .frame(Sample.frame(.server, [0xFF, 0])),
      text: #"    30    +2.000000  #1 ◀ frame  reserved-15 FIN RSV1 RSV2 RSV3  2 + 0 B  no mask"#,
      json: #"""
        {"event":"frame","session":1,"time":"2026-11-20T09:12:05.124456789Z","packet":30,"last_packet":31,"from":"server","stream_offset":300,"fin":true,"rsv1":true,"rsv2":true,"rsv3":true,"opcode":15,"masked":false,"masking_key":null,"payload_bytes":0,"header_bytes":2,"base64":""}
        """#),
    PrinterCase(
      "a long frame of which some is shown, and some is missing",
      .frame(Sample.frame(.server, [0x80, 127, 0, 0, 0, 1, 0, 0, 0, 0], missing: 5), [0, 1]),
      text: #"    30    +2.000000  #1 ◀ frame  continuation FIN  10 + 4294967296 B  no mask"#,
      json: #"""
        {"event":"frame","session":1,"time":"2026-11-20T09:12:05.124456789Z","packet":30,"last_packet":31,"from":"server","stream_offset":300,"fin":true,"rsv1":false,"rsv2":false,"rsv3":false,"opcode":0,"masked":false,"masking_key":null,"payload_bytes":4294967296,"header_bytes":10,"missing_bytes":5,"base64":"AAE=","shown_bytes":2}
        """#),
    PrinterCase(
      "a Ping as a frame", .frame(Sample.frame(.server, [0x89, 0])),
      text: #"    30    +2.000000  #1 ◀ frame  ping FIN  2 + 0 B  no mask"#,
      json: #"""
        {"event":"frame","session":1,"time":"2026-11-20T09:12:05.124456789Z","packet":30,"last_packet":31,"from":"server","stream_offset":300,"fin":true,"rsv1":false,"rsv2":false,"rsv3":false,"opcode":9,"masked":false,"masking_key":null,"payload_bytes":0,"header_bytes":2,"base64":""}
        """#),
    PrinterCase(
      "a Pong as a frame", .frame(Sample.frame(.server, [0x8A, 0])),
      text: #"    30    +2.000000  #1 ◀ frame  pong FIN  2 + 0 B  no mask"#,
      json: #"""
        {"event":"frame","session":1,"time":"2026-11-20T09:12:05.124456789Z","packet":30,"last_packet":31,"from":"server","stream_offset":300,"fin":true,"rsv1":false,"rsv2":false,"rsv3":false,"opcode":10,"masked":false,"masking_key":null,"payload_bytes":0,"header_bytes":2,"base64":""}
        """#),
    PrinterCase(
      "a Close as a frame", .frame(Sample.frame(.server, [0x88, 0])),
      text: #"    30    +2.000000  #1 ◀ frame  close FIN  2 + 0 B  no mask"#,
      json: #"""
        {"event":"frame","session":1,"time":"2026-11-20T09:12:05.124456789Z","packet":30,"last_packet":31,"from":"server","stream_offset":300,"fin":true,"rsv1":false,"rsv2":false,"rsv3":false,"opcode":8,"masked":false,"masking_key":null,"payload_bytes":0,"header_bytes":2,"base64":""}
        """#),
    PrinterCase(
      "a binary frame", .frame(Sample.frame(.server, [0x82, 0])),
      text: #"    30    +2.000000  #1 ◀ frame  binary FIN  2 + 0 B  no mask"#,
      json: #"""
        {"event":"frame","session":1,"time":"2026-11-20T09:12:05.124456789Z","packet":30,"last_packet":31,"from":"server","stream_offset":300,"fin":true,"rsv1":false,"rsv2":false,"rsv3":false,"opcode":2,"masked":false,"masking_key":null,"payload_bytes":0,"header_bytes":2,"base64":""}
        """#),
  ]
}
