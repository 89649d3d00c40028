import Testing

@testable import HTTP1
@testable import Output
@testable import SessionAnalysis
@testable import Sessions
@testable import TCPReassembly
@testable import WebSocketDecoding

@Suite("The text output on a terminal")
struct TextLayoutTests {
  /// A conversation with lines of every kind.
  static let conversation: [TestEvent] = [
    Sample.opened(Sample.handshake(Sample.request + ["Origin: https://example.com"])),
    Sample.text(.client, #"{"type":"subscribe","symbol":"ACME","depth":10,"options":{"a":1,"b":2}}"#),
    Sample.text(.server, "新しいメッセージがあります: こんにちは、世界。これは長い行です。"),
    .message(Sample.message(.server, Opcode.binary, bytes: 64), Array(0..<64)),
    .control(Sample.control(.client, Opcode.pong, bytes: 2, answers: Sample.at(17, 1499)), Array("hi".utf8)),
    .gap(Gap(side: .server, position: Sample.at(50, 4000, offset: 500), bytes: 1448)),
    Sample.anomaly(
      FramingRule.unmaskedClientFrame.rule, .client, "the first one of its frames is not masked"),
    .frame(Sample.frame(.client, [0x81, 0x82, 0x0A, 0xB0, 0xFF, 0x01]), [0xFF, 0xFE]),
    Sample.close(.server, 1011, "the database went away"),
    Sample.closed(.fin, by: .server) {
      $0.firstFin = FirstFin(side: .server, position: Sample.at(271, 60_200))
    },
  ]

  @Test("Lines are cut and sentences wrapped at 80 columns")
  func eighty() {
    #expect(
      text(Self.conversation, width: 80) == """
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             4    +0.000000  #1 ▶ GET /chat   Origin https://example.com
             6    +0.002000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
             8    +0.012000  #1 ▶ text         71 B  {"type":"subscribe","symbol":"ACME…
             8    +0.012000  #1 ◀ text         95 B  新しいメッセージがあります: こんに…
             8    +0.012000  #1 ◀ binary       64 B  00 01 02 03 04 05 06 …  |.......|
            20    +1.500000  #1 ▶ pong          2 B  hi   answers 17 after 1.0 ms
            50    +4.000000  #1 ◀ gap    1448 bytes of the stream are not in the capture
            40    +3.000000  #1 ▶ ✗ unmasked_client_frame: the first one of its frames
             │ is not masked (RFC 6455 §5.1)
            30    +2.000000  #1 ▶ frame  text FIN  6 + 2 B  mask 0ab0ff01
            20    +1.500000  #1 ◀ close        24 B  1011 internal error "the database …
          #1 TCP closed by the server without a Close frame (a browser reports 1006)
             │ after 60.1 s, 3 ▶ 1 ◀ messages
             after 60.0 s without a byte: perhaps an idle timeout (60 s is the default
             │ of nginx proxy_read_timeout, AWS ALB idle timeout, Apache httpd Timeout)
             packet 261: the last bytes, from the server, 60.0 s earlier
             FIN from the server in packet 271, from the client in packet 273

        """)
  }

  @Test("At 40 columns lines do without the time")
  func forty() {
    #expect(
      text(Self.conversation, width: 40) == """
        #1  ws://example.com/chat
             10.0.0.1:40000 → [2001:db8::1]:8080
             4  #1 ▶ GET /chat   Origin https:/…
             6  #1 ◀ 101 Switching Protocols   …
             8  #1 ▶ text         71 B  {"type"…
             8  #1 ◀ text         95 B  新しい…
             8  #1 ◀ binary       64 B  …
            20  #1 ▶ pong          2 B  hi   an…
            50  #1 ◀ gap    1448 bytes of the s…
            40  #1 ▶ ✗ unmasked_client_frame:
             │ the first one of its frames is
             │ not masked (RFC 6455 §5.1)
            30  #1 ▶ frame  text FIN  6 + 2 B  …
            20  #1 ◀ close        24 B  1011 in…
          #1 TCP closed by the server without a
             │ Close frame (a browser reports
             │ 1006) after 60.1 s, 3 ▶ 1 ◀
             │ messages
             after 60.0 s without a byte:
             │ perhaps an idle timeout (60 s is
             │ the default of nginx
             │ proxy_read_timeout, AWS ALB idle
             │ timeout, Apache httpd Timeout)
             packet 261: the last bytes, from
             │ the server, 60.0 s earlier
             FIN from the server in packet 271,
             │ from the client in packet 273

        """)
  }

  @Test("Colours show sides and severities")
  func colours() {
    let shown = text(Self.conversation, width: 80, colour: true).map { $0 == "\u{1B}" ? "␛" : String($0) }
      .joined()
    #expect(
      shown == """
        ␛[1m#1  ws://example.com/chat␛[0m   10.0.0.1:40000 → [2001:db8::1]:8080
        ␛[2m     4    +0.000000  ␛[0m#1 ␛[36m▶ ␛[0mGET /chat   Origin https://example.com
        ␛[2m     6    +0.002000  ␛[0m#1 ␛[35m◀ ␛[0m101 Switching Protocols   accept ✓   no extensions
        ␛[2m     8    +0.012000  ␛[0m#1 ␛[36m▶ ␛[0mtext         71 B  {"type":"subscribe","symbol":"ACME…
        ␛[2m     8    +0.012000  ␛[0m#1 ␛[35m◀ ␛[0mtext         95 B  新しいメッセージがあります: こんに…
        ␛[2m     8    +0.012000  ␛[0m#1 ␛[35m◀ ␛[0mbinary       64 B  00 01 02 03 04 05 06 …  |.......|
        ␛[2m    20    +1.500000  ␛[0m#1 ␛[36m▶ ␛[0mpong          2 B  hi␛[2m   answers 17 after 1.0 ms␛[0m
        ␛[2m    50    +4.000000  ␛[0m#1 ␛[35m◀ ␛[0m␛[33mgap    1448 bytes of the stream are not in the capture␛[0m
        ␛[2m    40    +3.000000  ␛[0m#1 ␛[36m▶ ␛[0m␛[1;31m✗ ␛[0munmasked_client_frame: the first one of its frames
             │ is not masked (RFC 6455 §5.1)
        ␛[2m    30    +2.000000  ␛[0m#1 ␛[36m▶ ␛[0m␛[2mframe  text FIN  6 + 2 B  mask 0ab0ff01␛[0m
        ␛[2m    20    +1.500000  ␛[0m#1 ␛[35m◀ ␛[0mclose        24 B  1011 internal error "the database …
          ␛[33m#1 TCP closed by the server without a Close frame (a browser reports 1006)␛[0m
             │ after 60.1 s, 3 ▶ 1 ◀ messages
             ␛[33mafter 60.0 s without a byte: perhaps an idle timeout (60 s is the default␛[0m
             │ ␛[33mof nginx proxy_read_timeout, AWS ALB idle timeout, Apache httpd Timeout)␛[0m
             ␛[2mpacket 261: the last bytes, from the server, 60.0 s earlier␛[0m
             ␛[2mFIN from the server in packet 271, from the client in packet 273␛[0m

        """)
  }

  @Test("Conversations are parted by an empty line, but not in the middle of one")
  func parted() {
    let open = Sample.opened(nil)
    let close = Sample.closed(.captureEnd, by: nil, handshake: nil)
    let lines = text([open, open, close, close, open, close]).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.filter { $0.isEmpty }.count == 2)
    let heading = "#1  WebSocket (handshake not captured)   10.0.0.1:40000 → [2001:db8::1]:8080"
    #expect(lines[0] == heading && lines[1] == heading)
  }

  @Test("A change of the input is said before the next event, and only the last one")
  func inputs() {
    let first = InputChange(file: .other("a.pcap"), packet: 1, filePacket: 1, time: Sample.start)
    let second = InputChange(file: .other("b\u{1B}[31m.pcap"), packet: 9, filePacket: 2, time: Sample.start)
    let events: [TestEvent] = [
      .input(first), .input(second), Sample.text(.client, "hi"), Sample.text(.client, "ho"),
    ]
    #expect(
      text(events) == """
        ── b\\x1b[31m.pcap, from its packet 2, which is 9
             8    +0.012000  #1 ▶ text          2 B  hi
             8    +0.012000  #1 ▶ text          2 B  ho

        """)
    #expect(jsonLines(events).split(separator: "\n").count == 3)
    #expect(
      jsonLines(events).hasPrefix(
        #"{"event":"file","time":"2026-11-20T09:12:03.123456789Z","file":"b\u001b[31m.pcap","packet":9,"file_packet":2}"#
      ))
  }

  @Test("What TCP did is said only when it was asked for")
  func transport() {
    let message = Sample.message(.client, Opcode.text, bytes: 2) { $0.last = Sample.at(12, 15, offset: 107) }
    let event = TestEvent.message(message, Array("hi".utf8), transport: MessageTransport(message))
    #expect(text([event]).contains("tcp: packets 8 to 12 within 3.0 ms"))
    #expect(!text([event], showsTransport: false).contains("tcp"))
  }

  @Test("A terminal of few columns shows what it can")
  func narrow() {
    for width in 1...20 {
      for line in text(Self.conversation, width: width).split(separator: "\n") {
        #expect(TerminalText.columns(of: String(line)) <= 20)
      }
    }
  }
}
