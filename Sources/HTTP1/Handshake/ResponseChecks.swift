import WireBytes

/// The server's half of the checklist: RFC 6455 §4.2.2 item 5, and the faults on which a client must fail the connection
/// (§4.1, "the client MUST validate the server's response").
struct ResponseChecks {
  private let head: HTTPHead
  private let request: HTTPHead?
  private let dialect: HandshakeDialect
  private let expectedAccept: Base64Digest?
  private let isRequestUnread: Bool
  private(set) var found: HandshakeFindings
  /// Whether there is a fault on which a client must fail the connection.
  private(set) var isRefused = false

  init(
    _ head: HTTPHead, to request: HTTPHead?, _ dialect: HandshakeDialect, _ expectedAccept: Base64Digest?,
    isRequestUnread: Bool = false, found: HandshakeFindings
  ) {
    self.found = found
    (self.head, self.request, self.dialect) = (head, request, dialect)
    self.isRequestUnread = isRequestUnread
    self.expectedAccept = expectedAccept
  }

  private mutating func report(_ rule: Rule, _ detail: String) {
    found.add(rule, by: .server, at: head.start) { detail }
  }

  private mutating func refuse(_ rule: Rule, _ detail: String) {
    report(rule, detail)
    isRefused = true
  }

  mutating func run() {
    if head.has("Sec-WebSocket-Key") {
      report(HandshakeRule.misplacedField, "the response has Sec-WebSocket-Key, which belongs in requests")
    }
    guard head.status == 101 else { return checkRejection() }
    if request == nil {
      report(
        HandshakeRule.requestNotCaptured,
        isRequestUnread
          ? "the request that this 101 answers was not read: what the client sent before is not one that can be"
          : "the request that this 101 answers was not captured")
    }
    // 5.1 A Status-Line with a 101 response code: "HTTP/1.1 101 Switching Protocols".
    if head.minorVersion == 0 { report(HandshakeRule.responseHTTPVersion, "the response is HTTP/1.0") }
    // 5.2, and client item 2: absent or not a case-insensitive match for "websocket" → fail.
    if !isOnly("websocket", in: "Upgrade"), head.canJudge("Upgrade") {
      refuse(HandshakeRule.responseWithoutUpgrade, said(head, "Upgrade", expected: "websocket"))
    }
    // 5.3, and client item 3: absent or without the token "Upgrade" → fail.
    if !head.has("upgrade", in: "Connection"), head.canJudge("Connection") {
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
    reportBodyField("Content-Length", "RFC 9110 §8.6")
    reportBodyField("Transfer-Encoding", "RFC 9112 §6.1")
    reportDuplicates(head, "Sec-WebSocket-Accept") { report($0, $1()) }
    reportDuplicates(head, "Sec-WebSocket-Protocol") { report($0, $1()) }
    reportDuplicates(head, "Sec-WebSocket-Extensions") { report($0, $1()) }
  }

  private mutating func reportBodyField(_ name: StaticString, _ reference: String) {
    guard let value = head[name] else { return }
    report(HandshakeRule.bodyFieldsIn101.citing(reference), "the 101 has \(name) \(quoted(value))")
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
    // The Hixie drafts have another proof, and without the key nothing can be checked.
    if dialect == .hixie75 || dialect == .hixie76 { return }
    guard head.has("Sec-WebSocket-Accept") else {
      if head.isCut { return }
      let expected = expectedAccept.map { ", expected \($0.text)" } ?? ""
      return refuse(HandshakeRule.missingAccept, "the 101 has no Sec-WebSocket-Accept\(expected)")
    }
    if let expectedAccept, !head.acceptIs(expectedAccept) {
      let accept = head["Sec-WebSocket-Accept"] ?? ""
      let mistake = AcceptMistake(accept, for: request?["Sec-WebSocket-Key"] ?? "")
      refuse(
        HandshakeRule.wrongAccept,
        "Sec-WebSocket-Accept is \(quoted(accept)), expected \(quoted(expectedAccept.text))"
          + (mistake.map { ", and it is \($0.phrase)" } ?? ""))
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
    // The missing part of a cut head may have offered or selected another one.
    guard let request, !request.isCut else { return }
    let offered = request.tokens(of: "Sec-WebSocket-Protocol")
    let offeredText = offered.isEmpty ? "none" : quoted(offered.joined(separator: ", "))
    let known = Set(offered)
    for name in selected where !known.contains(name) {
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
    reportMalformedExtensions(head) { refuse($0, $1()) }
    let accepted = extensions(of: head)
    let offered = request.flatMap { $0.isCut ? nil : extensions(of: $0) }
    checkCompression(accepted, offered: offered)
    guard let offered else { return }
    let known = Set(offered.map(\.name))
    let names = offered.isEmpty ? "none" : quoted(offered.map(\.name).joined(separator: ", "))
    for selected in accepted where !known.contains(selected.name) {
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
    let valid = offers.filter { DeflateNegotiation.firstFault(of: $0, isOffer: true) == nil }
    if let first = offers.first, valid.isEmpty, !perMessage.isEmpty {
      // The client broke a rule first, and can go on with the answer.
      report(
        DeflateRule.invalidOfferAccepted,
        "the server accepts \(quoted(first.name)) although the offer is invalid: \(DeflateNegotiation.firstFault(of: first, isOffer: true) ?? "")"
      )
    } else {
      offers = valid
    }
    let terms = DeflateNegotiation.terms(of: offers)
    // A server that selects it thousands of times does so with the same few terms.
    var judged: [DeflateNegotiation.Terms: [DeflateNegotiation.Fault]] = [:]
    for element in perMessage {
      DeflateNegotiation.check(element, isOffer: false) { refuse($0, $1()) }
      let accepted = DeflateNegotiation.Terms(element)
      let faults = judged[accepted] ?? DeflateNegotiation.faults(accepting: accepted, of: terms)
      judged[accepted] = faults
      for (rule, detail) in faults { refuse(rule, detail) }
    }
  }

  private func isOnly(_ token: StaticString, in name: StaticString) -> Bool {
    let elements = head.count(of: token, in: name)
    return elements.all > 0 && elements.same == elements.all
  }
}
