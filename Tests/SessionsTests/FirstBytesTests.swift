import SessionTestSupport
import Testing

@testable import SessionAnalysis
@testable import Sessions

@Suite("What the first bytes of a stream are")
struct FirstBytesTests {
  @Test(
    "A TLS record: at the start a handshake, later any of the four kinds",
    arguments: [
      ([0x16], true, false), ([0x16, 3], true, false), ([0x16, 3, 1, 0, 1], true, true),
      ([0x16, 2], false, false),
      ([0x17, 3, 3, 0, 1], false, true), ([0x14, 3, 3, 0, 1], false, true),
      ([0x13, 3, 3, 0, 1], false, false),
      ([0x18, 3, 3, 0, 1], false, false), ([0x17, 3, 4, 0, 1], false, true),
      ([0x17, 3, 5, 0, 1], false, false),
      ([0x17, 2, 3, 0, 1], false, false), ([0x17, 3, 3, 0], false, false),
      // 16,384 bytes, and 2048 that encryption may add.
      ([0x17, 3, 3, 0x48, 0x00], false, true), ([0x17, 3, 3, 0x48, 0x01], false, false),
    ] as [([UInt8], Bool, Bool)])
  func tls(bytes: [UInt8], isFirst: Bool, isLater: Bool) {
    #expect(bytes.span.beginsWithTLSRecord(isFirst: true) == isFirst)
    #expect(bytes.span.beginsWithTLSRecord(isFirst: false) == isLater)
  }

  @Test(
    "The head of a request, as far as it is there, or a status line",
    arguments: [
      ("GET / HTTP/1.1\r\n", true), ("GET / HTTP/1.1\n", true), ("GET / HTTP/1.0\r\nHost: h\r\n", true),
      ("GET / HTTP/2.0\r\n", false), ("GET /\r\n", false), ("GET /", true), ("GET http://h/", true),
      ("OPTIONS *", true), ("GET x", false), ("GET ", false), ("GET", false), ("GE /", false),
      ("get /", false),
      ("A B", false), ("HTTP/1.1 200 OK", true), ("\r\nGET / HTTP/1.1\r\n", false), ("\r\n", false),
      // Without a target it is a bad request, but no frame.
      ("GET HTTP/1.1\r\n", true),
      ("UPDATEREDIRECTREF /", true), ("ABCDEFGHIJKLMNOPQRSTUVWX /", true),
      ("ABCDEFGHIJKLMNOPQRSTUVWXY /", false),
      ("PING / xHTTP/1.1\r\n", true), ("POST / HTTP/1.\r\n", false),
    ])
  func http(text: String, begins: Bool) {
    #expect(Array(text.utf8).span.beginsWithHTTPHead == begins)
  }
}
