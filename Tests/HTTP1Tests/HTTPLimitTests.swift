import Testing

@testable import HTTP1

/// How much is held of a head, at the limit and one beyond.
@Suite("Limits of HTTP, at the limit and one beyond")
struct HTTPLimitTests {
  @Test func theDefaultsAreThoseOfTheDocumentation() {
    let limits = HTTPLimits()
    #expect(limits.headBytes == 64 << 10)
    #expect(limits.fields == 256)
    #expect(limits.heldBytes == 64 << 10)
  }

  /// The request as it was read, and the rules that were broken outside of a handshake.
  private func read(_ request: [String]) -> (fields: Int?, rules: [String]) {
    let conversation = Conversation([
      .client(head(request)), .server(head(goodResponse)), .clientEnd, .serverEnd,
    ])
    return (conversation.handshakes.first?.request?.headers.count, conversation.rules)
  }

  @Test("Fields of a head", arguments: [(255, true), (256, true), (257, false)] as [(Int, Bool)])
  func fields(count: Int, isRead: Bool) {
    let others = goodRequest.count - 1
    let found = read(goodRequest + (others..<count).map { "X-Field-\($0): y" })
    #expect(found.fields == (isRead ? count : nil))
    #expect(found.rules.contains("http_head_too_large") == !isRead)
  }

  @Test("Bytes of a head", arguments: [(65_535, true), (65_536, true), (65_537, false)] as [(Int, Bool)])
  func bytes(count: Int, isRead: Bool) {
    let padding = count - head(goodRequest + ["X: "]).count
    let found = read(goodRequest + ["X: " + String(repeating: "y", count: padding)])
    #expect(found.fields == (isRead ? goodRequest.count : nil))
    #expect(found.rules.contains("http_head_too_large") == !isRead)
  }

  @Test("Characters of a text that are quoted", arguments: [(120, false), (121, true)] as [(Int, Bool)])
  func quoted(count: Int, isShortened: Bool) {
    let shown = HTTP1.quoted(String(repeating: "a", count: count))
    #expect(shown == "\"" + String(repeating: "a", count: 120) + (isShortened ? "…\"" : "\""))
  }
}
