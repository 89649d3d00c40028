import WireBytes

/// The client's half of the checklist: RFC 6455 §4.1, "the requirements of this handshake".
struct RequestChecks {
  private let head: HTTPHead
  private let dialect: HandshakeDialect

  init(_ head: HTTPHead, _ dialect: HandshakeDialect) { (self.head, self.dialect) = (head, dialect) }

  func run(into found: inout HandshakeFindings) {
    func report(_ rule: Rule, _ detail: @autoclosure () -> String) {
      found.add(rule, by: .client, at: head.start, detail)
    }

    // 2. The method of the request MUST be GET, and the HTTP version MUST be at least 1.1.
    if !head.withRequestLine({ method, _ in method.part(0..<method.count, is: "GET", ignoringCase: false) }) {
      report(HandshakeRule.methodNotGet, "the method is \(quoted(head.method))")
    }
    if head.minorVersion == 0 { report(HandshakeRule.requestHTTPVersion, "the request is HTTP/1.0") }
    // 3. The Request-URI is /resource name/ or an absolute http/https URI; fragments MUST NOT be used (§3).
    if !head.withRequestLine({ _, target in isResourceName(target) || target.count == 0 && head.isCut }) {
      report(HandshakeRule.invalidTarget, "the request target is \(quoted(head.target))")
    }
    // 4. The request MUST contain a Host header field.
    if head.lacks("Host") { report(HandshakeRule.missingHost, "the request has no Host field") }
    // 5. … an Upgrade header field whose value MUST include the "websocket" keyword.
    if !head.has("websocket", in: "Upgrade"), head.canJudge("Upgrade") {
      report(HandshakeRule.requestWithoutUpgrade, said(head, "Upgrade", expected: "websocket"))
    }
    // 6. … a Connection header field whose value MUST include the "Upgrade" token.
    if !head.has("upgrade", in: "Connection"), head.canJudge("Connection") {
      report(HandshakeRule.requestWithoutConnection, said(head, "Connection", expected: "Upgrade"))
    }
    checkKeyAndVersion(report)
    // 10. Subprotocols: non-empty strings of U+0021 to U+007E without separators, all unique.
    let offered = head.tokens(of: "Sec-WebSocket-Protocol")
    if !offered.isEmpty { checkSubprotocols(offered, report) }
    if head.has("Sec-WebSocket-Extensions") {
      reportMalformedExtensions(head, report)
      for offer in extensions(of: head) where DeflateNegotiation.isPerMessage(offer) {
        DeflateNegotiation.check(offer, isOffer: true, report)
      }
    }
    reportDuplicates(head, "Host", report)
    reportDuplicates(head, "Origin", report)
    reportDuplicates(head, "Sec-WebSocket-Key", report)
    reportDuplicates(head, "Sec-WebSocket-Version", report)
    if head.has("Sec-WebSocket-Accept") {
      report(HandshakeRule.misplacedField, "the request has Sec-WebSocket-Accept, which belongs in responses")
    }
  }

  private func checkSubprotocols(_ offered: [String], _ report: Report) {
    var seen: Set<String> = []
    for name in offered {
      if !ASCII.isToken(name) {
        report(HandshakeRule.invalidSubprotocol, "the subprotocol \(quoted(name)) is not a token")
      }
      if !seen.insert(name).inserted {
        report(HandshakeRule.repeatedSubprotocol, "the subprotocol \(quoted(name)) is offered again")
      }
    }
  }

  private func checkKeyAndVersion(_ report: Report) {
    switch dialect {
    case .hixie76:
      return report(
        HandshakeRule.draftHixie76,
        "Sec-WebSocket-Key1 and Sec-WebSocket-Key2 belong to the draft hixie-76")
    case .hixie75:
      return report(
        HandshakeRule.draftHixie75,
        "there is no Sec-WebSocket-Key, but there are WebSocket- fields of the draft hixie-75")
    case .hybi(let version):
      report(
        HandshakeRule.draftVersion, "Sec-WebSocket-Version is \(version): \(draftName(version)); expected 13")
    case .rfc6455:
      // 9. … a header field with the name Sec-WebSocket-Version. The value MUST be 13.
      if !head.isVersion13 {
        if let seen = head["Sec-WebSocket-Version"] {
          report(HandshakeRule.unknownVersion, "Sec-WebSocket-Version is \(quoted(seen)), expected 13")
        } else if !head.isCut {
          report(HandshakeRule.missingVersion, "the request has no Sec-WebSocket-Version, expected 13")
        }
      }
    }
    // 7. … Sec-WebSocket-Key: a nonce consisting of a randomly selected 16-byte value, base64-encoded.
    switch head.withValue(of: "Sec-WebSocket-Key", { AcceptKey.isValid(key: $0) }) {
    case nil where head.isCut: break
    case nil: report(HandshakeRule.missingKey, "the request has no Sec-WebSocket-Key")
    case false?:
      let key = quoted(head["Sec-WebSocket-Key"] ?? "")
      report(HandshakeRule.invalidKey, "Sec-WebSocket-Key is \(key), expected base64 of 16 bytes")
    case true?: break
    }
  }

  private func isResourceName(_ target: Span<UInt8>) -> Bool {
    guard target.count > 0 else { return false }
    let isGoodForm =
      target[0] == UInt8(ascii: "/") || target.part(0..<min(7, target.count), is: "http://")
      || target.part(0..<min(8, target.count), is: "https://")
    guard isGoodForm else { return false }
    for index in target.indices where target[index] == UInt8(ascii: "#") || ASCII.isSpace(target[index]) {
      return false
    }
    return true
  }

  private func draftName(_ version: Int) -> String {
    switch version {
    case 0...7: "draft hybi-0\(version)"
    // RFC 6455 §11.6: version 8 was used from hybi-08 to hybi-12.
    case 8: "drafts hybi-08 to hybi-12"
    default: "reserved for a draft"
    }
  }
}
