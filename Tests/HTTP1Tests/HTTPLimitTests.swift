import Testing
import WireBytes

@testable import HTTP1

/// How much is held of a head, at the limit and one beyond.
@Suite("Limits of HTTP, at the limit and one beyond")
struct HTTPLimitTests {
  @Test func theDefaultsAreThoseOfTheDocumentation() {
    let limits = HTTPLimits()
    #expect(limits.headBytes == 64 << 10)
    #expect(limits.fields == 256 && limits.upgradeFields == 16_384)
    #expect(limits.heldBytes == 64 << 10)
  }

  @Test(
    "Fields of an upgrade request",
    arguments: [(257, true), (4097, true), (16_000, true), (16_384, true), (16_385, false)] as [(Int, Bool)])
  func fields(count: Int, isRead: Bool) {
    // Lines that end with LF alone: with CRLF as many of four bytes would not fit into a head.
    let lines = goodRequest + [String](repeating: "a:", count: count + 1 - goodRequest.count)
    let conversation = Conversation([
      .client(Array((lines.joined(separator: "\n") + "\n\n").utf8)), .server(head(goodResponse)),
      .clientEnd, .serverEnd,
    ])
    #expect(conversation.handshakes.first?.request?.headers.count == (isRead ? count : nil))
    #expect(conversation.rules.contains("http_head_too_large") == !isRead)
    let told = conversation.events.contains { if case .requestTooLarge = $0 { true } else { false } }
    #expect(told == !isRead)
  }

  @Test(
    "Fields of another head: the upgrade after it is read nevertheless",
    arguments: [(256, true), (257, false)] as [(Int, Bool)])
  func otherFields(count: Int, isRead: Bool) {
    let conversation = Conversation([
      .client(head(["GET / HTTP/1.1"] + (0..<count).map { "X-\($0): y" })),
      .server(head("HTTP/1.1 200 OK", "Content-Length: 0")), .client(upgrade), .server(switching),
    ])
    #expect(conversation.handshakes.first?.request != nil)
    #expect(conversation.rules.contains("http_head_too_large") == !isRead)
  }

  @Test(
    "Bytes of an upgrade request: of a longer one the start is read, and HTTP goes on after its end",
    arguments: [(65_535, true), (65_536, true), (65_537, false), (150_000, false)] as [(Int, Bool)])
  func bytes(count: Int, isWhole: Bool) {
    let padding = count - head(goodRequest + ["X: "]).count
    let long = head(goodRequest + ["X: " + String(repeating: "y", count: padding)])
    let refusal = head("HTTP/1.1 431 X", "Content-Length: 0")
    for size in [long.count, 1448, 65_536] {
      let pieces = stride(from: 0, to: long.count, by: size).map { start in
        Step.client(Array(long[start..<min(start + size, long.count)]))
      }
      let granted = Conversation(pieces + [.server(switching), .client(maskedHello), .server(hello)])
      let request = granted.handshakes.first?.request
      #expect(request?.isCut == !isWhole && granted.clientAfter == maskedHello)
      #expect(
        granted.handshakes.first?.anomalies.map(\.rule.name) == (isWhole ? [] : ["http_head_too_large"]))
      let refused = Conversation(pieces + [.server(refusal), .client(upgrade), .server(switching)])
      #expect(refused.handshakes.map(\.outcome) == [.rejected, .upgraded])
    }
  }

  @Test("A refusal may come before the rest of a long request")
  func earlyRefusal() {
    let long = head(goodRequest + ["X: " + String(repeating: "y", count: 70_000)])
    let conversation = Conversation([
      .client(Array(long[..<66_000])), .server(head("HTTP/1.1 431 X", "Content-Length: 0")),
      .client(Array(long[66_000...])), .client(upgrade), .server(switching),
    ])
    #expect(conversation.handshakes.map(\.outcome) == [.rejected, .upgraded])
  }

  /// What keeping a piece costs beside its bytes.
  private static let piece = MemoryLayout<ReplayBuffer.Piece>.stride
  private static let limit = HTTPLimits().heldBytes

  @Test(
    "Bytes of a client that wait for the answer to its upgrade, with what keeping them costs",
    arguments: [(limit - 1, false), (limit, false), (limit + 1, true)])
  func heldOfTheClient(cost: Int, isTooMuch: Bool) {
    let bytes = maskedHello + [UInt8](repeating: 0, count: cost - Self.piece - maskedHello.count)
    let conversation = Conversation([.client(head(goodRequest)), .client(bytes)])
    #expect(conversation.rules == (isTooMuch ? ["http_held_too_long"] : []))
    #expect(conversation.ending == (isTooMuch ? .unknown : nil))
    #expect(conversation.clientAfter == (isTooMuch ? bytes : []))
  }

  @Test(
    "Bytes of a server that wait for the request, in how many pieces they come",
    arguments: [
      (1, limit - 1, false), (1, limit, false), (1, limit + 1, true), (2, limit, false),
      (2, limit + 1, true), (100, limit, false), (100, limit + 1, true),
    ])
  func heldOfTheServer(pieces: Int, cost: Int, isTooMuch: Bool) {
    let room = cost - pieces * Self.piece
    let steps = (0..<pieces).map { number in
      Step.server([UInt8](repeating: 0x81, count: room / pieces + (number < room % pieces ? 1 : 0)))
    }
    let conversation = Conversation([.server(head(goodResponse))] + steps)
    #expect(conversation.rules.contains("http_held_too_long") == isTooMuch)
    #expect(conversation.ending == (isTooMuch ? .webSocket : nil))
    #expect(conversation.serverAfter.count == (isTooMuch ? room : 0))
  }

  @Test(
    "Bytes that nobody can read; beyond the limit the newest are kept, half as many",
    arguments: [(limit - 1, 8), (limit, 8), (limit + 1, 4)])
  func unread(cost: Int, kept: Int) {
    let bytes = cost - 8 * Self.piece
    let sent = (0..<8).map { number in
      [UInt8](repeating: 0x82, count: bytes / 8 + (number < bytes % 8 ? 1 : 0))
    }
    let conversation = Conversation(
      [
        .client(head("GET / HTTP/1.1", "Host: x")), .server(head("HTTP/1.1 200 OK", "Content-Length: 0")),
        .clientLost(200),
      ] + sent.map { .client($0) } + [.serverLost(129), .server(hello)])
    #expect(conversation.clientAfter.count == sent.suffix(kept).reduce(0) { $0 + $1.count })
  }

  @Test("Characters of a text that are quoted", arguments: [(120, false), (121, true)] as [(Int, Bool)])
  func quoted(count: Int, isShortened: Bool) {
    let shown = HTTP1.quoted(String(repeating: "a", count: count))
    #expect(shown == "\"" + String(repeating: "a", count: 120) + (isShortened ? "…\"" : "\""))
  }
}
