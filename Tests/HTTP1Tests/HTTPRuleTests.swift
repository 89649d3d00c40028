import TestSupport
import Testing
import WireBytes

@testable import HTTP1

/// A conversation that breaks a rule of HTTP and one that just does not.
struct HTTPRuleCase: Sendable, CustomTestStringConvertible {
  let rule: Rule
  let broken: [String]
  let kept: [String]
  var limits = HTTPLimits()
  /// All that is reported of the broken one.
  let finds: [String]
  var testDescription: String { rule.name }

  init(
    _ rule: Rule, _ broken: String..., kept: String..., limits: HTTPLimits = HTTPLimits(), finds: [String]
  ) {
    (self.rule, self.broken, self.kept, self.limits) = (rule, broken, kept, limits)
    self.finds = finds
  }

  private static let post = "POST / HTTP/1.1\r\nHost: h\r\n"
  private static let upgrade = goodRequest.map { $0 + "\r\n" }.joined()
  private static let narrow: HTTPLimits = {
    var limits = HTTPLimits()
    (limits.headBytes, limits.heldBytes) = (300, 1000)
    return limits
  }()

  /// What the client sends, a packet each; `<` begins what the server sends.
  static let all = [
    HTTPRuleCase(
      HTTPRule.headTooLarge, post + "A: \(String(repeating: "a", count: 300))\r\n\r\n",
      kept: post + "A: \(String(repeating: "a", count: 250))\r\n\r\n", limits: narrow,
      finds: ["warning http_head_too_large, client, packet 1, offset 0: the head is longer than 300 bytes"]),
    HTTPRuleCase(
      HTTPRule.bareLineFeed, upgrade + "A: b\n\r\n", kept: upgrade + "A: b\r\n\r\n",
      finds: ["note http_bare_lf, client, packet 1, offset 0: a line of the head ends with LF alone"]),
    HTTPRuleCase(
      HTTPRule.bareCarriageReturn, upgrade.replacing("\r\n", with: "\r") + "A: b\r\r",
      kept: upgrade + "A: b\r\n\r\n",
      finds: ["warning http_bare_cr, client, packet 1, offset 0: the lines of the head end with CR alone"]),
    HTTPRuleCase(
      HTTPRule.foldedField, upgrade + "A: b\r\n c\r\n\r\n", kept: upgrade + "A: b c\r\n\r\n",
      finds: [
        "note http_folded_field, client, packet 1, offset 0: a field of the head is folded over several lines"
      ]),
    HTTPRuleCase(
      HTTPRule.fieldSyntax, upgrade + "A : b\r\n\r\n", kept: upgrade + "A:b \r\n\r\n",
      finds: ["warning http_field_syntax, client, packet 1, offset 0: the head has the line \"A : b\""]),
    HTTPRuleCase(
      HTTPRule.startLine, post + "\r\nGET / FTP/1.1\r\n\r\n", kept: post + "\r\nGET / HTTP/1.1\r\n\r\n",
      finds: [
        "violation http_start_line, client, packet 1, offset 28: the bytes after the previous message are not a start line"
      ]),
    HTTPRuleCase(
      HTTPRule.contentLength, post + "Content-Length: 0x5\r\n\r\n", kept: post + "Content-Length: 05\r\n\r\n",
      finds: ["violation http_content_length, client, packet 1, offset 0: Content-Length is \"0x5\""]),
    HTTPRuleCase(
      HTTPRule.conflictingLengths, post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
      kept: post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
      finds: [
        "violation http_conflicting_lengths, client, packet 1, offset 0: Content-Length is both 5 and 6"
      ]),
    HTTPRuleCase(
      HTTPRule.lengthAndCoding, post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      kept: post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      finds: [
        "warning http_length_and_coding, client, packet 1, offset 0: the head has Transfer-Encoding and Content-Length"
      ]),
    HTTPRuleCase(
      HTTPRule.transferCoding, post + "Transfer-Encoding: chunked, gzip\r\n\r\n",
      kept: post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      finds: [
        "violation http_transfer_coding, client, packet 1, offset 0: the last transfer coding of a request is not chunked"
      ]),
    HTTPRuleCase(
      HTTPRule.chunkSyntax, post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
      kept: post + "Transfer-Encoding: chunked\r\n\r\n4;x=y\r\nabcd\r\n0\r\n\r\n",
      finds: [
        "violation http_chunk_syntax, client, packet 1, offset 62: byte 0x64 where the chunk should have ended"
      ]),
    HTTPRuleCase(
      HTTPRule.headUnfinished, post, kept: post + "\r\n",
      finds: [
        "note http_head_unfinished, client, packet 1, offset 0: only the first 26 bytes of the head are in the capture"
      ]),
    HTTPRuleCase(
      HTTPRule.heldTooLong, upgrade + "\r\n", String(repeating: "a", count: 1001),
      kept: upgrade + "\r\n", String(repeating: "a", count: 800), limits: narrow,
      finds: [
        "note http_held_too_long, server, packet 2, offset 201: bytes of the client waited too long for the server's head and are now read without it",
        "note handshake_unanswered, server, packet 1, offset 200: no response to this request was captured",
      ]),
  ]
}

@Suite struct HTTPRuleTests {
  private func anomalies(_ packets: [String], _ limits: HTTPLimits) -> [Anomaly] {
    var steps: [Step] = packets.map { .client(Array($0.utf8)) }
    if packets[0].contains("websocket"), packets.count == 1 { steps.append(.server(head(goodResponse))) }
    let conversation = Conversation(steps + [.clientEnd, .serverEnd], limits: limits)
    let outside: [Anomaly] = conversation.events.compactMap {
      if case .anomaly(let anomaly) = $0 { anomaly } else { nil }
    }
    return outside + conversation.handshakes.flatMap(\.anomalies)
  }

  @Test("A broken rule is found, with its side, packet, offset and detail", arguments: HTTPRuleCase.all)
  func broken(_ test: HTTPRuleCase) {
    let found = anomalies(test.broken, test.limits)
    #expect(found.map(\.finding) == test.finds)
    #expect(found.contains { $0.rule == test.rule })
  }

  @Test("A conversation that only comes close is not reported for it", arguments: HTTPRuleCase.all)
  func kept(_ test: HTTPRuleCase) {
    #expect(!anomalies(test.kept, test.limits).contains { $0.rule == test.rule })
  }

  @Test func everyRuleIsInTheTable() {
    let tested: [String] = HTTPRuleCase.all.map(\.rule.name).sorted()
    #expect(tested == HTTPRule.all.map(\.name).sorted())
  }
}
