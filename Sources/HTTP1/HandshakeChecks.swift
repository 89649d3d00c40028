import WireBytes

/// The client's half of the checklist: RFC 6455 §4.1, "the requirements of this handshake".
struct RequestChecks {
  private let head: HTTPHead
  private let dialect: Handshake.Dialect

  init(_ head: HTTPHead, _ dialect: Handshake.Dialect) { (self.head, self.dialect) = (head, dialect) }

  func run(into found: inout [Anomaly]) {
    func report(_ rule: Rule, _ detail: String) {
      found.append(Anomaly(rule, by: .client, at: head.start, detail))
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
    if !head.has("websocket", in: "Upgrade"), head.tellsAll(of: "Upgrade") {
      report(HandshakeRule.requestWithoutUpgrade, said(head, "Upgrade", expected: "websocket"))
    }
    // 6. … a Connection header field whose value MUST include the "Upgrade" token.
    if !head.has("upgrade", in: "Connection"), head.tellsAll(of: "Connection") {
      report(HandshakeRule.requestWithoutConnection, said(head, "Connection", expected: "Upgrade"))
    }
    checkKeyAndVersion(report)
    // 10. Subprotocols: non-empty strings of U+0021 to U+007E without separators, all unique.
    let offered = head.tokens(of: "Sec-WebSocket-Protocol")
    if !offered.isEmpty { checkSubprotocols(offered, report) }
    reportMalformedExtensions(head, report)
    if head.has("Sec-WebSocket-Extensions") {
      for offer in extensions(of: head) where DeflateNegotiation.isPerMessage(offer) {
        for (rule, detail) in DeflateNegotiation.faults(of: offer, isOffer: true) { report(rule, detail) }
      }
    }
    reportDuplicates(head, "Host", report)
    reportDuplicates(head, "Origin", report)
    reportDuplicates(head, "Sec-WebSocket-Key", report)
    reportDuplicates(head, "Sec-WebSocket-Version", report)
    if head.has("Sec-WebSocket-Accept") {
      report(HandshakeRule.misplacedField, "the request has Sec-WebSocket-Accept, a field of responses")
    }
  }

  private func checkSubprotocols(_ offered: [String], _ report: (Rule, String) -> Void) {
    for (index, name) in offered.enumerated() {
      if !ASCII.isToken(name) {
        report(HandshakeRule.invalidSubprotocol, "the subprotocol \(quoted(name)) is no token")
      }
      if offered[..<index].contains(name) {
        report(HandshakeRule.repeatedSubprotocol, "the subprotocol \(quoted(name)) is offered again")
      }
    }
  }

  private func checkKeyAndVersion(_ report: (Rule, String) -> Void) {
    switch dialect {
    case .hixie76:
      return report(
        HandshakeRule.draftHixie76,
        "Sec-WebSocket-Key1 and Sec-WebSocket-Key2 are those of the draft hixie-76")
    case .hixie75:
      return report(
        HandshakeRule.draftHixie75, "no Sec-WebSocket-Key, and the WebSocket- fields of the draft hixie-75")
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
    // RFC 6455 §11.6: 8 stayed in use from hybi-08 to hybi-12.
    case 8: "drafts hybi-08 to hybi-12"
    default: "reserved for a draft"
    }
  }
}

/// The server's half: RFC 6455 §4.2.2 item 5, and what a client must refuse on (§4.1, "the client MUST
/// validate the server's response").
struct ResponseChecks {
  private let head: HTTPHead
  private let request: HTTPHead?
  private let dialect: Handshake.Dialect
  private let expectedAccept: Base64Digest?
  private(set) var found: [Anomaly] = []
  /// Something is wrong on which a client must fail the connection.
  private(set) var isRefused = false

  init(
    _ head: HTTPHead, to request: HTTPHead?, _ dialect: Handshake.Dialect, _ expectedAccept: Base64Digest?
  ) {
    (self.head, self.request, self.dialect) = (head, request, dialect)
    self.expectedAccept = expectedAccept
  }

  private mutating func report(_ rule: Rule, _ detail: String) {
    found.append(Anomaly(rule, by: .server, at: head.start, detail))
  }

  private mutating func refuse(_ rule: Rule, _ detail: String) {
    report(rule, detail)
    isRefused = true
  }

  mutating func run() {
    if head.has("Sec-WebSocket-Key") {
      report(HandshakeRule.misplacedField, "the response has Sec-WebSocket-Key, a field of requests")
    }
    guard head.status == 101 else { return checkRejection() }
    if request == nil {
      report(HandshakeRule.requestNotCaptured, "the request that this 101 answers was not captured")
    }
    // 5.1 A Status-Line with a 101 response code: "HTTP/1.1 101 Switching Protocols".
    if head.minorVersion == 0 { report(HandshakeRule.responseHTTPVersion, "the response is HTTP/1.0") }
    // 5.2, and client item 2: absent or not a case-insensitive match for "websocket" → fail.
    if !isOnly("websocket", in: "Upgrade"), head.tellsAll(of: "Upgrade") {
      refuse(HandshakeRule.responseWithoutUpgrade, said(head, "Upgrade", expected: "websocket"))
    }
    // 5.3, and client item 3: absent or without the token "Upgrade" → fail.
    if !head.has("upgrade", in: "Connection"), head.tellsAll(of: "Connection") {
      refuse(HandshakeRule.responseWithoutConnection, said(head, "Connection", expected: "Upgrade"))
    }
    checkAccept()
    checkSubprotocol()
    checkExtensions()
    // §11.3.5
    if let version = head["Sec-WebSocket-Version"] {
      report(HandshakeRule.versionIn101, "the 101 has Sec-WebSocket-Version \(quoted(version))")
    }
    // RFC 9110 §8.6, RFC 9112 §6.1: not in a 1xx.
    reportBodyField("Content-Length")
    reportBodyField("Transfer-Encoding")
    var duplicates: [(Rule, String)] = []
    reportDuplicates(head, "Sec-WebSocket-Accept") { duplicates.append(($0, $1)) }
    reportDuplicates(head, "Sec-WebSocket-Protocol") { duplicates.append(($0, $1)) }
    reportDuplicates(head, "Sec-WebSocket-Extensions") { duplicates.append(($0, $1)) }
    for (rule, detail) in duplicates { report(rule, detail) }
  }

  private mutating func reportBodyField(_ name: StaticString) {
    guard let value = head[name] else { return }
    report(HandshakeRule.bodyFieldsIn101, "the 101 has \(name) \(quoted(value))")
  }

  private mutating func checkRejection() {
    report(
      HandshakeRule.rejected,
      "the answer is \(head.status) \(head.reason.isEmpty ? "" : quoted(head.reason) + " ")instead of 101")
    // §4.2.2 item 4 and §4.4: "an appropriate HTTP error code (such as 426 Upgrade Required) and a
    // Sec-WebSocket-Version header field indicating the version(s) the server is capable of understanding".
    if head.status == 426, head.lacks("Sec-WebSocket-Version") {
      report(
        HandshakeRule.upgradeRequiredWithoutVersion,
        "the answer is 426 without Sec-WebSocket-Version: the client cannot know which version to use")
    }
  }

  /// 5.4, and client item 4.
  private mutating func checkAccept() {
    // The Hixie drafts prove themselves differently; an unknown key proves nothing.
    if dialect == .hixie75 || dialect == .hixie76 { return }
    guard head.has("Sec-WebSocket-Accept") else {
      if head.isCut { return }
      let expected = expectedAccept.map { ", expected \($0.text)" } ?? ""
      return refuse(HandshakeRule.missingAccept, "the 101 has no Sec-WebSocket-Accept\(expected)")
    }
    if let expectedAccept, !head.acceptIs(expectedAccept) {
      let accept = quoted(head["Sec-WebSocket-Accept"] ?? "")
      refuse(
        HandshakeRule.wrongAccept,
        "Sec-WebSocket-Accept is \(accept), expected \(quoted(expectedAccept.text))")
    }
  }

  /// 5.5, and client item 6.
  private mutating func checkSubprotocol() {
    let isOffered = request?.has("Sec-WebSocket-Protocol") ?? false
    guard isOffered || head.has("Sec-WebSocket-Protocol") else { return }
    let selected = head.tokens(of: "Sec-WebSocket-Protocol")
    if selected.count > 1 {
      refuse(
        HandshakeRule.severalSubprotocols,
        "the server selects \(selected.count) subprotocols: \(quoted(selected.joined(separator: ", ")))")
    }
    // What was cut off may have offered more, or selected one.
    guard let request, !request.isCut else { return }
    let offered = request.tokens(of: "Sec-WebSocket-Protocol")
    let offeredText = offered.isEmpty ? "none" : quoted(offered.joined(separator: ", "))
    for name in selected where !offered.contains(name) {
      refuse(
        HandshakeRule.subprotocolNotOffered,
        "the server selects the subprotocol \(quoted(name)), offered: \(offeredText)")
    }
    if selected.isEmpty, !offered.isEmpty, !head.isCut {
      report(
        HandshakeRule.noSubprotocolSelected, "the server selects no subprotocol, offered: \(offeredText)")
    }
  }

  /// 5.6, and client item 5.
  private mutating func checkExtensions() {
    guard head.has("Sec-WebSocket-Extensions") else { return }
    var malformed: [(Rule, String)] = []
    reportMalformedExtensions(head) { malformed.append(($0, $1)) }
    for (rule, detail) in malformed { refuse(rule, detail) }
    let accepted = extensions(of: head)
    checkCompression(accepted, offered: request.flatMap { $0.isCut ? nil : extensions(of: $0) })
    guard let request, !request.isCut else { return }
    let offered = extensions(of: request)
    for selected in accepted where !offered.contains(where: { $0.name == selected.name }) {
      let names = offered.isEmpty ? "none" : quoted(offered.map(\.name).joined(separator: ", "))
      refuse(
        HandshakeRule.extensionNotOffered,
        "the server selects the extension \(quoted(selected.name)), offered: \(names)")
    }
  }

  /// RFC 7692 §7.1: on each of these a client must fail the connection.
  private mutating func checkCompression(_ accepted: [ExtensionOffer], offered: [ExtensionOffer]?) {
    let perMessage = accepted.filter { DeflateNegotiation.isPerMessage($0) }
    let perFrame = accepted.filter { DeflateNegotiation.isPerFrame($0) }
    if perMessage.count + perFrame.count > 1 {
      let names = (perMessage + perFrame).map(\.name).joined(separator: ", ")
      refuse(DeflateRule.selectedTwice, "the server selects \(quoted(names))")
    }
    if let element = perFrame.first {
      report(DeflateRule.perFrame, "the server selects the extension \(quoted(element.name))")
    }
    var offers = offered?.filter { DeflateNegotiation.isPerMessage($0) } ?? []
    let valid = offers.filter { DeflateNegotiation.faults(of: $0, isOffer: true).isEmpty }
    if let first = offers.first, valid.isEmpty, !perMessage.isEmpty {
      // The client broke a rule first, and can go on with what it is given.
      report(
        DeflateRule.invalidOfferAccepted,
        "the server accepts \(quoted(first.name)), of which \(DeflateNegotiation.faults(of: first, isOffer: true)[0].detail)"
      )
    } else {
      offers = valid
    }
    for element in perMessage {
      for (rule, detail) in DeflateNegotiation.faults(of: element, isOffer: false)
        + DeflateNegotiation.faults(accepting: element, of: offers)
      {
        refuse(rule, detail)
      }
    }
  }

  private func isOnly(_ token: StaticString, in name: StaticString) -> Bool {
    let elements = head.count(of: token, in: name)
    return elements.all > 0 && elements.same == elements.all
  }
}

extension HTTPHead {
  /// There is no such field, and none was cut off.
  fileprivate func lacks(_ name: StaticString) -> Bool { !isCut && !has(name) }

  /// What the fields called `name` say can be judged: there is one, or certainly none.
  fileprivate func tellsAll(of name: StaticString) -> Bool { !isCut || has(name) }
}

private func extensions(of head: HTTPHead) -> [ExtensionOffer] {
  head.tokens(of: "Sec-WebSocket-Extensions").flatMap { ExtensionOffer.parse($0) }
}

private func said(_ head: HTTPHead, _ name: StaticString, expected: String) -> String {
  let values = head.values(of: name)
  return values.isEmpty
    ? "there is no \(name) field, expected \(expected)"
    : "\(name) is \(quoted(values.joined(separator: ", "))), expected \(expected)"
}

private func reportMalformedExtensions(_ head: HTTPHead, _ report: (Rule, String) -> Void) {
  guard head.has("Sec-WebSocket-Extensions") else { return }
  for element in head.tokens(of: "Sec-WebSocket-Extensions")
  where !ExtensionOffer.parse(element).allSatisfy(\.isWellFormed) {
    report(HandshakeRule.malformedExtensions, "Sec-WebSocket-Extensions has the element \(quoted(element))")
  }
}

private func reportDuplicates(_ head: HTTPHead, _ name: StaticString, _ report: (Rule, String) -> Void) {
  guard head.repeats(name) else { return }
  let values = head.values(of: name)
  report(
    HandshakeRule.duplicatedField,
    "\(name) stands \(values.count) times: \(quoted(values.joined(separator: ", ")))")
}
