import TestSupport
import Testing
import WireBytes

@testable import Preambles

/// A preamble, and what is to be read of it.
struct PreambleCase: Sendable, CustomTestStringConvertible {
  var name: String
  var turns: [Negotiation.Turn]
  var outcome: String
  var testDescription: String { name }

  init(_ name: String, _ turns: [Negotiation.Turn], _ outcome: String) {
    (self.name, self.turns, self.outcome) = (name, turns, outcome)
  }

  static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
  private static func v2(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
    signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 255)] + rest
  }
  private static func proxy(_ line: String) -> [Negotiation.Turn] { [.client(Array(line.utf8))] }
  private static let ipv4: [UInt8] = [203, 0, 113, 5, 198, 51, 100, 20, 0xC8, 0x22, 0, 80]
  private static let ipv6: [UInt8] =
    [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1]
    + [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [2] + [0xC8, 0x22, 0, 80]
  private static let name = Array("example.test".utf8)
  private static let reply5: [UInt8] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]
  private static let request5: [UInt8] = [5, 1, 0, 3, 12] + name + [0, 80]

  static let read: [PreambleCase] = [
    PreambleCase(
      "PROXY v1, IPv4", proxy("PROXY TCP4 203.0.113.5 198.51.100.20 51234 80\r\n"),
      "proxy_protocol 1 203.0.113.5 51234 → 198.51.100.20 80"),
    PreambleCase(
      "PROXY v1, IPv6", proxy("PROXY TCP6 2001:db8::1 2001:db8:0:0:0:0:0:2 51234 80\r\n"),
      "proxy_protocol 1 2001:db8::1 51234 → 2001:db8::2 80"),
    PreambleCase("PROXY v1, unknown", proxy("PROXY UNKNOWN\r\n"), "proxy_protocol 1"),
    PreambleCase(
      "PROXY v1, unknown with the rest", proxy("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), "proxy_protocol 1"),
    PreambleCase(
      "PROXY v2, IPv4", [.client(v2(0x21, 0x11, ipv4))],
      "proxy_protocol 2 203.0.113.5 51234 → 198.51.100.20 80"),
    PreambleCase(
      "PROXY v2, IPv6 with values", [.client(v2(0x21, 0x21, ipv6 + [4, 0, 3, 0, 0, 0]))],
      "proxy_protocol 2 2001:db8::1 51234 → 2001:db8::2 80"),
    PreambleCase(
      "PROXY v2, long values", [.client(v2(0x21, 0x11, ipv4 + [UInt8](repeating: 0xEE, count: 5000)))],
      "proxy_protocol 2 203.0.113.5 51234 → 198.51.100.20 80"),
    PreambleCase("PROXY v2, local", [.client(v2(0x20, 0, []))], "proxy_protocol 2"),
    PreambleCase(
      "PROXY v2, local with values", [.client(v2(0x20, 0x11, ipv4 + [1, 2, 3]))], "proxy_protocol 2"),
    PreambleCase(
      "PROXY v2, unix", [.client(v2(0x21, 0x31, [UInt8](repeating: 0x61, count: 216)))], "proxy_protocol 2"),
    PreambleCase(
      "SOCKS4",
      [.client([4, 1, 0, 80, 192, 0, 2, 1] + Array("joe".utf8) + [0]), .server([0, 90, 0, 0, 0, 0, 0, 0])],
      "socks4 to 192.0.2.1:80, authenticated"),
    PreambleCase(
      "SOCKS4a", [.client([4, 1, 0, 80, 0, 0, 0, 1, 0] + name + [0]), .server([0, 90, 0, 0, 0, 0, 0, 0])],
      "socks4a to example.test:80"),
    PreambleCase(
      "SOCKS5", [.client([5, 1, 0]), .server([5, 0]), .client(request5), .server(reply5)],
      "socks5 to example.test:80"),
    PreambleCase(
      "SOCKS5 with a password",
      [
        .client([5, 2, 0, 2]), .server([5, 2]),
        .client([1, 3] + Array("joe".utf8) + [6] + Array("secret".utf8)),
        .server([1, 0]), .client([5, 1, 0, 1, 192, 0, 2, 1, 0, 80]), .server([5, 0, 0, 3, 1, 0x61, 0, 1]),
      ], "socks5 to 192.0.2.1:80, authenticated"),
    PreambleCase(
      "SOCKS5 to IPv6, answered with an IPv6 address",
      [
        .client([5, 1, 0]), .server([5, 0]), .client([5, 1, 0, 4] + ipv6[..<16] + [0, 80]),
        .server([5, 0, 0, 4] + ipv6[..<16] + [0, 1]),
      ], "socks5 to [2001:db8::1]:80"),
    PreambleCase(
      "SOCKS5 without waiting", [.client([5, 1, 0] + request5), .server([5, 0] + reply5)],
      "socks5 to example.test:80"),
  ]

  static let refused: [PreambleCase] = [
    PreambleCase(
      "SOCKS4", [.client([4, 1, 0, 80, 192, 0, 2, 1, 0]), .server([0, 91, 0, 0, 0, 0, 0, 0])],
      "refused, socks4 to 192.0.2.1:80"),
    PreambleCase("SOCKS5, no method", [.client([5, 1, 2]), .server([5, 255])], "refused, socks5 to "),
    PreambleCase(
      "SOCKS5, wrong password",
      [.client([5, 1, 2]), .server([5, 2]), .client([1, 1, 0x61, 1, 0x62]), .server([1, 1])],
      "refused, socks5 to , authenticated"),
    PreambleCase(
      "SOCKS5, host unreachable",
      [.client([5, 1, 0]), .server([5, 0]), .client(request5), .server([5, 4, 0, 1])],
      "refused, socks5 to example.test:80"),
  ]

  static let other: [PreambleCase] = [
    PreambleCase("two spaces", proxy("PROXY  TCP4 203.0.113.5 198.51.100.20 51234 80\r\n"), "other"),
    PreambleCase("a port that is none", proxy("PROXY TCP4 203.0.113.5 198.51.100.20 65536 80\r\n"), "other"),
    PreambleCase(
      "an address that is none", proxy("PROXY TCP4 203.0.113.256 198.51.100.20 1 80\r\n"), "other"),
    PreambleCase("the other family", proxy("PROXY TCP6 203.0.113.5 198.51.100.20 1 80\r\n"), "other"),
    PreambleCase("UDP", proxy("PROXY UDP4 203.0.113.5 198.51.100.20 1 80\r\n"), "other"),
    PreambleCase("no end", proxy("PROXY TCP4 " + String(repeating: "1", count: 200)), "other"),
    PreambleCase("a method", proxy("PROPFIND / HTTP/1.1\r\n"), "other"),
    PreambleCase("version 3 of v2", [.client(signature + [0x31, 0x11, 0, 12] + ipv4)], "other"),
    PreambleCase("v2 too short for its addresses", [.client(v2(0x21, 0x11, [1, 2, 3]))], "other"),
    PreambleCase("a request after empty lines", proxy("\r\n\r\nGET / HTTP/1.1\r\n"), "other"),
    PreambleCase("SOCKS4 for a peer's connection", [.client([4, 2, 0, 80, 192, 0, 2, 1, 0])], "other"),
    PreambleCase(
      "SOCKS4 without an end", [.client([4, 1, 0, 80] + [UInt8](repeating: 7, count: 300))], "other"),
    PreambleCase("SOCKS5 with GSSAPI", [.client([5, 2, 0, 1]), .server([5, 1])], "other"),
    PreambleCase("SOCKS5, a method not offered", [.client([5, 1, 0]), .server([5, 2])], "other"),
    PreambleCase(
      "SOCKS5 for UDP", [.client([5, 1, 0]), .server([5, 0]), .client([5, 3, 0, 1, 0, 0, 0, 0, 0, 0])],
      "other"),
    PreambleCase(
      "an answer of another protocol", [.client([5, 1, 0]), .server([0x48, 0x54, 0x54])], "other"),
  ]
}

@Suite("What comes before a protocol")
struct PreambleReaderTests {
  @Test("is read, however it is cut, and all that follows is handed over", arguments: PreambleCase.read)
  func read(_ test: PreambleCase) {
    var turns = test.turns
    // In the same segment, if the client spoke last.
    if test.turns.last?.side == .client {
      turns[turns.count - 1].bytes += Negotiation.request
    } else {
      turns.append(.client(Negotiation.request))
    }
    turns.append(.server(Negotiation.answer))
    for pieces in [1, 2, 3, 7, 64, Int.max] {
      let seen = Negotiation(turns).outcome(pieces: pieces)
      #expect(seen.outcome == test.outcome, "in pieces of \(pieces)")
      #expect(seen.client == Negotiation.request, "in pieces of \(pieces)")
      #expect(seen.server == Negotiation.answer, "in pieces of \(pieces)")
      #expect(seen.offsetsAgree)
    }
  }

  @Test("ends where the server refuses", arguments: PreambleCase.refused)
  func refused(_ test: PreambleCase) {
    for pieces in [1, 2, 5, Int.max] {
      #expect(
        Negotiation(test.turns).outcome(pieces: pieces).outcome == test.outcome, "in pieces of \(pieces)")
    }
  }

  @Test("is not seen in other bytes, which are handed over as they came", arguments: PreambleCase.other)
  func other(_ test: PreambleCase) {
    for pieces in [1, 2, 5, Int.max] {
      let seen = Negotiation(test.turns).outcome(pieces: pieces)
      #expect(seen.outcome == "other", "in pieces of \(pieces)")
      #expect(seen.client == test.turns.filter { $0.side == .client }.flatMap(\.bytes))
      #expect(seen.server == test.turns.filter { $0.side == .server }.flatMap(\.bytes))
    }
  }

  @Test("A gap or an end in a preamble hands over what there was")
  func gapsAndEnds() {
    let start = StreamPosition(offset: 0, packet: 1, time: CaptureTime(nanoseconds: 0))
    for isGap in [true, false] {
      let reader = PreambleReader()
      _ = reader.receive([5, 1].span, from: .client, at: start)
      let step =
        isGap ? reader.skip(3, from: .client, at: start) : reader.finish(.client, at: start)
      guard case .ended(let end) = step, case .other(let seen) = end.outcome else {
        Issue.record("not ended")
        continue
      }
      #expect(seen == [5, 1] && end.replay.pieces.count == 2)
    }
  }

  @Test("What waits for the rest of a preamble is bounded")
  func bounded() {
    let reader = PreambleReader()
    let piece = [UInt8](repeating: 5, count: 1400)
    var most = 0
    for number in 0..<200 {
      let position = StreamPosition(
        offset: UInt64(number * 1400), packet: UInt64(number), time: CaptureTime(nanoseconds: 0))
      let bytes = number == 0 ? [5, 1, 0] : piece
      if case .ended = reader.receive(bytes.span, from: .client, at: position) { break }
      most = max(most, reader.cost)
    }
    #expect(most > 0 && most <= PreambleReader.heldLimit + PreambleReader.examinedLimit * 2)
  }

  @Test(
    "A client's first bytes tell whether a preamble may begin",
    arguments: [
      ("GET ", false), ("POST", false), ("P", true), ("PR", true), ("PRI *", false), ("PROXY", true),
      ("\r", true),
      ("\r\n\r\nG", false), ("\u{5}", true), ("\u{5}\u{0}", false), ("\u{4}\u{1}", true),
      ("\u{4}\u{3}", false),
    ])
  func starts(text: String, mayBegin: Bool) {
    #expect(PreambleReader.mayBegin(Array(text.utf8).span) == mayBegin)
  }
}
