import TestSupport
import Testing
import WireBytes

@testable import HTTP1

/// Feeds a stream in every cut and returns what the decoder said of it.
private func heard(
  _ parts: [StreamPart], _ side: Side, _ answers: [AfterHead] = [], limits: HTTPLimits = HTTPLimits(),
  sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
  var last: [String] = []
  var isFirst = true
  verifySplitFeeding(parts, sourceLocation: sourceLocation) { stream in
    let lines = recorded(stream, side, answers, limits: limits)
    if isFirst { (last, isFirst) = (lines, false) }
    return lines
  }
  return last
}

private func heard(
  _ text: String, _ side: Side, _ answers: [AfterHead] = [],
  sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
  heard([.bytes(Array(text.utf8))], side, answers, sourceLocation: sourceLocation)
}

@Suite("Messages of one side")
struct HTTPDecoderTests {
  @Test("heads and bodies follow each other whatever frames the body")
  func bodies() {
    let text =
      "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /"
      + "POST /b HTTP/1.1\r\ntransfer-encoding: gzip, Chunked\r\n\r\n"
      + "5;x=\"y\"\r\nGET /\r\n0A\r\n0123456789\r\n0\r\nTrailer: yes\r\n\r\n"
      + "GET /c HTTP/1.1\r\nHost: h\r\n\r\n"
    #expect(
      heard(text, .client) == [
        "POST /a [Content-Length=5] 0#1-38#1 ",
        "POST /b [transfer-encoding=gzip, Chunked] 44#1-97#1 ",
        "GET /c [Host=h] 149#1-176#1 ", "awaitingHead at 177",
      ])
  }

  @Test("responses end with their length, their last chunk or the connection")
  func responses() {
    let text =
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
      + "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n"
      + "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n" + "HTTP/1.1 100 Continue\r\n\r\n"
      + "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n" + "HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
    let lines = heard(text, .server)
    #expect(
      lines.map { String($0.prefix(5)) } == ["200 O", "204 N", "304 N", "100 C", "200  ", "200 O", "body "])
  }

  @Test("the reader of the head can say that there is no body, that it ends HTTP, or that it must wait")
  func decisions() {
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
    #expect(heard(text + text, .server, [.noBody, .noBody]).last == "awaitingHead at \(2 * text.utf8.count)")
    #expect(heard(text + "abc", .server, [.handOver]).last == "handedOver at \(text.utf8.count)")
    #expect(heard(text + "abc", .server, [.pause]).last == "paused at \(text.utf8.count)")
    #expect(heard(text + "abcdef", .server, [.bodyThenPause]).last == "paused at \(text.utf8.count + 3)")
  }

  @Test("a pause ends with a body, without one, or for good")
  func resuming() {
    let bytes = head("HTTP/1.1 200 OK", "Content-Length: 3")
    let start = StreamPosition(offset: 0, packet: 1, time: CaptureTime(nanoseconds: 0))
    for (after, state) in [
      (AfterHead.body, HTTPDecoder.State.body), (.noBody, .awaitingHead), (.handOver, .handedOver),
    ] {
      var decoder = HTTPDecoder(side: .server)
      let recorder = Recorder([.pause])
      let taken = decoder.receive(bytes.span, at: start, into: recorder)
      let paused = decoder.state
      decoder.resume(after, into: recorder)
      let resumed = decoder.state
      #expect(taken == bytes.count && paused == .paused && resumed == state)
    }
  }

  @Test("the protocol changes after the body of the request that asked for it")
  func bodyOfUpgrade() {
    let bytes = head("POST / HTTP/1.1", "Content-Length: 3") + Array("abcdef".utf8)
    let start = StreamPosition(offset: 0, packet: 1, time: CaptureTime(nanoseconds: 0))
    var decoder = HTTPDecoder(side: .client)
    let recorder = Recorder([.bodyThenPause])
    let most = bytes.count - 5
    _ = decoder.receive(bytes.span.extracting(0..<most), at: start, into: recorder)
    decoder.handOver()
    let before = decoder.state
    let taken = decoder.receive(bytes.span.dropping(most), at: start.advanced(by: most), into: recorder)
    let after = decoder.state
    #expect(before == .body && taken == 2 && after == .handedOver)
  }

  @Test("lines may end with LF, fields may be folded, empty lines may precede: read, and noted")
  func leniency() {
    #expect(
      heard("\r\n\n\r\nGET / HTTP/1.1\nHost: a\n\tb \r\n  c\r\nX: y\n\n", .client) == [
        "GET / [Host=a b c|X=y] 5#1-43#1 http_bare_lf,http_folded_field", "awaitingHead at 44",
      ])
    #expect(
      heard("GET / HTTP/1.1\r\nHost : h\r\nnonsense\r\n\r\n", .client).first
        == "GET / [Host=h|=nonsense] 0#1-37#1 http_field_syntax")
  }

  @Test("bytes that are not UTF-8 are repaired visibly")
  func repair() {
    let bytes = Array("GET /\u{e9} HTTP/1.1\r\nA: ".utf8) + [0xFF] + Array("x\r\n\r\n".utf8)
    #expect(heard([.bytes(bytes)], .client).first?.hasPrefix("GET /é [A=\u{FFFD}x]") == true)
  }

  @Test(
    "what is no HTTP is known as early as it can be",
    arguments: [
      (Side.client, "\u{16}\u{3}\u{1}", 0), (.client, " GET / HTTP/1.1\r\n\r\n", 0),
      (.client, "HTTP/1.1 200 OK\r\n", 0), (.client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0),
      (.client, "EHLO example.com\r\n", 0), (.client, "GET /\r\n", 0), (.client, "GET HTTP/1.1\r\n", 0),
      (.client, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0), (.client, "G@T / HTTP/1.1\r\n", 0),
      (.server, "SSH-2.0-OpenSSH", 0), (.server, "HTTP/2 200\r\n", 0), (.server, "HTTP/1.1 20\r\n", 0),
      (.server, "HTTP/1.1 099 x\r\n", 0), (.server, "HTTP/1.1200 x y\r\n", 0),
      (.server, "GET / HTTP/1.1\r\n", 0), (.server, "HTTP/1.1 2000\r\n", 0), (.server, "\r\nHTTQ", 2),
    ])
  func notHTTP(side: Side, text: String, offset: Int) {
    #expect(heard(text, side) == ["notHTTP at \(offset)"])
  }

  @Test("one byte is enough where it cannot begin a message")
  func firstByte() {
    for (side, byte) in [(Side.client, UInt8(0x16)), (.client, 0x81), (.server, 0x81), (.server, 0x16)] {
      let bytes = [byte]
      let verdict = HTTPStart.of(bytes.span, from: side)
      #expect(verdict == .other)
    }
  }

  @Test("after a message the next must begin as one")
  func startLine() {
    let lines = heard("GET / HTTP/1.1\r\n\r\n\u{1}\u{2}", .client)
    #expect(lines[1].hasPrefix("http_start_line 18#1"))
    #expect(lines[2] == "lost at 18")
  }

  @Test(
    "a length that cannot be relied on loses the stream, and says why",
    arguments: [
      ("Content-Length: x", "http_content_length"), ("Content-Length:", "http_content_length"),
      ("Content-Length: -1", "http_content_length"), ("Content-Length: +1", "http_content_length"),
      ("Content-Length: 18446744073709551616", "http_content_length"),
      ("Content-Length: 99999999999999999999999", "http_content_length"),
      ("Content-Length: 5, 6", "http_conflicting_lengths"),
      ("Content-Length: 5\r\nContent-Length: 6", "http_conflicting_lengths"),
      ("Transfer-Encoding: chunked, gzip", "http_transfer_coding"),
    ])
  func lengths(fields: String, rule: String) {
    let lines = heard("POST / HTTP/1.1\r\n\(fields)\r\n\r\nabc", .client)
    #expect(lines[1].hasPrefix(rule) && lines[2].hasPrefix("lost"), "\(lines)")
  }

  @Test(
    "a length said twice, and one beside a coding, are read",
    arguments: [
      ("Content-Length: 3, 3", "abc", ""), ("Content-Length: 3\r\ncontent-length: 3", "abc", ""),
      ("Content-Length: 003", "abc", ""),
      ("Content-Length: 9\r\nTransfer-Encoding: chunked", "0\r\n\r\n", "http_length_and_coding"),
    ])
  func goodLengths(fields: String, body: String, rule: String) {
    let lines = heard("POST / HTTP/1.1\r\n\(fields)\r\n\r\n\(body)GET / HTTP/1.1\r\n\r\n", .client)
    #expect(lines.count == 3 && lines[0].hasSuffix(" " + rule) && lines[1].hasPrefix("GET /"), "\(lines)")
  }

  @Test(
    "a chunk outside its grammar loses the stream",
    arguments: [
      "x\r\n", "\r\n", "3\r\nabcd", "11111111111111111\r\n", "-1\r\n", "3 \r\nabc!",
    ])
  func chunks(body: String) {
    let lines = heard("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(body)", .server)
    #expect(lines[1].hasPrefix("http_chunk_syntax") && lines[2].hasPrefix("lost"), "\(lines)")
  }

  @Test("the largest chunk size is no overflow")
  func largestChunk() {
    let lines = heard(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\nabc", .server)
    #expect(lines.last?.hasPrefix("body") == true && lines.count == 2)
  }

  @Test("a head up to the limits is read, one beyond is reported and loses the stream")
  func limits() {
    var limits = HTTPLimits()
    (limits.headBytes, limits.fields) = (60, 3)
    let exact = "GET / HTTP/1.1\r\nA: " + String(repeating: "x", count: 37) + "\r\n\r\n"
    #expect(exact.utf8.count == 60)
    let more = exact.replacing("A: ", with: "A: y")
    let fields = "GET / HTTP/1.1\r\na:1\r\nb:2\r\nc:3\r\n"
    for (text, isGood) in [
      (exact, true), (more, false), (String(repeating: "x", count: 4) + " " + more, false),
      (fields + "\r\n", true), (fields + "d:4\r\n\r\n", false),
    ] {
      let lines = heard([.bytes(Array(text.utf8))], .client, limits: limits)
      for start in isGood ? ["GET", "awaitingHead"] : ["http_head_too_large", "lost"] {
        #expect(lines.contains { $0.hasPrefix(start) }, "\(lines)")
      }
    }
  }

  @Test("where a head that is too long ends to be read does not depend on the calls")
  func tooLong() {
    var limits = HTTPLimits()
    limits.headBytes = 60
    let text = "GET / HTTP/1.1\r\nA: " + String(repeating: "x", count: 80) + "\r\n\r\nmore"
    for count in 61...text.utf8.count {
      var decoder = HTTPDecoder(side: .client, limits: limits)
      let bytes = Array(text.utf8.prefix(count))
      let place = StreamPosition(offset: 0, packet: 1, time: CaptureTime(nanoseconds: 0))
      let sink = Recorder()
      _ = decoder.receive(bytes.span.extracting(0..<30), at: place, into: sink)
      _ = decoder.receive(bytes.span.extracting(30..<count), at: place.advanced(by: 30), into: sink)
      #expect(decoder.bytesBeforeLoss == 30, "\(count)")
    }
  }

  @Test(
    "lines end with CR alone only where no LF comes before the end of the head",
    arguments: [
      ("GET /a HTTP/1.1\rHost: h\r\rGET /b HTTP/1.1\n\n", ["GET /a", "GET /b", "awaitingHead"]),
      ("GET /a HTTP/1.1\r\rfoo HTTP/1.1\r\nHost: h\r\n\r\n", ["GET /a", "http_start_line", "lost"]),
      ("GET /a HTTP/1.1\rb\n1\n\r\rP", ["notHTTP"]),
      ("GET /a\rb HTTP/1.1\r\nHost: h\r\n\r\n", ["GET /a\rb", "awaitingHead"]),
      ("GET /a\r\rb HTTP/1.1\r\nHost: h\r\n\r\n", ["GET /a\r\rb", "awaitingHead"]),
    ])
  func bareCarriageReturns(text: String, told: [String]) {
    let lines = heard(text, .client)
    #expect(lines.count == told.count && zip(lines, told).allSatisfy { $0.hasPrefix($1) }, "\(lines)")
  }

  @Test("a stream that ends inside a head is noted")
  func unfinished() {
    let lines = heard("GET / HTTP/1.1\r\nHost:", .client)
    #expect(lines == ["cut: GET / [] 0#1-20#1 http_head_unfinished", "awaitingHead at 0"])
  }

  @Test(
    "of a head that is cut, the first line and the whole fields are told",
    arguments: [
      ("GET /a?b=c HTTP/1.1\r\nHost: h\r\nUpgr", "cut: GET /a?b=c [Host=h]"),
      ("GET /a?b=c HTTP/1.1\r\nHost: h\r\n", "cut: GET /a?b=c [Host=h]"),
      ("GET /a?b=c HTTP/1.1\r", "cut: GET /a?b=c []"), ("GET /a?b=c HTT", "cut: GET /a?b=c []"),
      ("GET /a?b", "cut: GET /a?b []"), ("GET ", "cut: GET  []"), ("GET", "http_head_unfinished"),
    ])
  func cut(start: String, told: String) {
    #expect(heard(start, .client)[0].hasPrefix(told))
    #expect(heard([.bytes(Array(start.utf8)), .lost(5)], .client)[0].hasPrefix(told))
  }

  @Test(
    "of a response that is cut, the status is told when it is whole",
    arguments: [
      (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConn",
        "cut: 101 Switching Protocols [Upgrade="
      ),
      ("HTTP/1.1 101 Swi", "cut: 101 Swi []"), ("HTTP/1.1 101", "cut: 101  []"),
      ("HTTP/1.1 10", "http_head_unfinished"),
    ])
  func cutResponse(start: String, told: String) {
    #expect(heard([.bytes(Array(start.utf8)), .lost(5)], .server)[0].hasPrefix(told))
  }
}

@Suite("Messages around lost bytes")
struct LostBytesTests {
  private let response = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
  private let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

  private func bytes(_ text: String) -> StreamPart { .bytes(Array(text.utf8)) }

  @Test("a gap inside a body of known length is stepped over")
  func insideBody() {
    for lost in [UInt64(1), 4, 8] {
      let rest = String(repeating: "x", count: 8 - Int(lost))
      let lines = heard([bytes(response + "ab"), .lost(lost), bytes(rest + response)], .server)
      #expect(lines.count == 3 && lines[1].hasPrefix("200 OK"), "\(lines)")
    }
    let lines = heard([bytes(chunked + "a\r\n01"), .lost(8), bytes("\r\n0\r\n\r\n" + response)], .server)
    #expect(lines.count == 3 && lines[1].hasPrefix("200 OK"), "\(lines)")
  }

  @Test("a gap longer than the body, in a chunk's size or in a head loses the stream")
  func outside() {
    for parts in [
      [bytes(response + "ab"), .lost(9), bytes("x" + response)],
      [bytes(chunked + "a\r\n01"), .lost(9), bytes("0\r\n\r\n" + response)],
      [bytes(chunked + "a"), .lost(1), bytes("\n0123456789\r\n" + response)],
    ] {
      let lines = heard(parts, .server)
      #expect(lines.count == 2 && lines[1].hasPrefix("lost"), "\(lines)")
    }
    let lines = heard([bytes("HTTP/1.1 200 OK\r\nCont"), .lost(9), bytes("th: 0\r\n\r\n")], .server)
    #expect(lines[0].hasPrefix("cut: 200 OK") && lines[1] == "notHTTP at 30", "\(lines)")
  }

  @Test("a start line right after the gap brings it back")
  func resynchronised() {
    for parts in [
      [bytes(response + "ab"), .lost(999), bytes(response + "0123456789")],
      [bytes("HTTP/1.1 200 OK\r\nCont"), .lost(9), bytes(response + "0123456789")],
      [.lost(5), bytes(response + "0123456789")],
      [bytes(chunked + "zz"), .lost(5), bytes(response + "0123456789")],
    ] {
      let lines = heard(parts, .server)
      #expect(lines.last?.hasPrefix("awaitingHead") == true, "\(lines)")
      #expect(lines.dropLast().last?.hasPrefix("200 OK") == true, "\(lines)")
    }
  }

  @Test("a body that lasts until the connection closes can have holes")
  func untilClose() {
    let lines = heard([bytes("HTTP/1.1 200 OK\r\n\r\nab"), .lost(.max), bytes(response)], .server)
    #expect(lines.count == 2 && lines[1].hasPrefix("body"))
  }
}
