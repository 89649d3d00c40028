import WireBytes

extension HTTPHead {
  /// The same question that `BorrowedHead` answers while it is read.
  var concernsWebSocket: Bool {
    has("websocket", in: "Upgrade") || has("Sec-WebSocket-Accept") || has("Sec-WebSocket-Key")
      || has("Sec-WebSocket-Key1") || has("Sec-WebSocket-Version")
  }

  /// Whether a head that was cut has something that only the WebSocket handshake has, if only the start of it.
  var showsWebSocket: Bool {
    concernsWebSocket || isCut(within: "upgrade: websocket", after: 10)
      || isCut(within: "sec-websocket-", after: 7)
  }

  /// Whether an Upgrade field names another protocol.
  var namesOtherProtocol: Bool { has("Upgrade") && !showsWebSocket }

  /// The Sec-WebSocket-Accept that this request's key demands.
  var expectedAccept: Base64Digest? {
    withValue(of: "Sec-WebSocket-Key") { AcceptKey.digest(for: $0) }
  }

  /// Whether a request asks for an upgrade, and it is not known to what: it was cut before its Upgrade field. HTTP/2 over
  /// cleartext lists HTTP2-Settings as well (RFC 7540 §3.2.1).
  var asksForUnknownUpgrade: Bool {
    // There is no other option that begins with U.
    isCut && !has("Upgrade") && !has("http2-settings", in: "Connection")
      && (has("upgrade", in: "Connection") || isCut(within: "connection: upgrade", after: 13))
  }

  /// Whether this response's Sec-WebSocket-Accept equals `expected`, including letter case.
  func acceptIs(_ expected: Base64Digest) -> Bool {
    withValue(of: "Sec-WebSocket-Accept") { $0.hasSameBytes(as: expected.characters.span) } ?? false
  }

  /// Whether Sec-WebSocket-Version is the one of RFC 6455.
  var isVersion13: Bool {
    withValue(of: "Sec-WebSocket-Version") { $0.part(0..<$0.count, is: "13") } ?? false
  }

  /// Whether there is certainly no field called `name`.
  func lacks(_ name: StaticString) -> Bool { !isCut && !has(name) }

  /// Whether the fields called `name` can be judged: there is one, or there is certainly none.
  func canJudge(_ name: StaticString) -> Bool { !isCut || has(name) }
}

/// Takes a broken rule, and what was seen of it; that is asked for only if it is reported.
typealias Report = (Rule, @autoclosure () -> String) -> Void

func extensions(of head: HTTPHead) -> [ExtensionOffer] {
  head.tokens(of: "Sec-WebSocket-Extensions").flatMap { ExtensionOffer.parse($0) }
}

func said(_ head: HTTPHead, _ name: StaticString, expected: String) -> String {
  let values = head.values(of: name)
  return values.isEmpty
    ? "there is no \(name) field, expected \(expected)"
    : "\(name) is \(quoted(values.joined(separator: ", "))), expected \(expected)"
}

func reportMalformedExtensions(_ head: HTTPHead, _ report: Report) {
  guard head.has("Sec-WebSocket-Extensions") else { return }
  for element in head.tokens(of: "Sec-WebSocket-Extensions")
  where !ExtensionOffer.parse(element).allSatisfy(\.isWellFormed) {
    report(HandshakeRule.malformedExtensions, "Sec-WebSocket-Extensions has the element \(quoted(element))")
  }
}

func reportDuplicates(_ head: HTTPHead, _ name: StaticString, _ report: Report) {
  guard head.repeats(name) else { return }
  let values = head.values(of: name)
  report(
    HandshakeRule.duplicatedField,
    "there are \(values.count) \(name) fields: \(quoted(values.joined(separator: ", ")))")
}
