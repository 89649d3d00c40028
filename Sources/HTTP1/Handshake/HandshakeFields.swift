import WireBytes

extension HTTPHead {
  /// What Sec-WebSocket-Accept has to be for this request's key.
  var expectedAccept: Base64Digest? {
    withValue(of: "Sec-WebSocket-Key") { AcceptKey.digest(for: $0) }
  }

  /// Whether this response's Sec-WebSocket-Accept is `expected`, letter by letter.
  func acceptIs(_ expected: Base64Digest) -> Bool {
    withValue(of: "Sec-WebSocket-Accept") { $0.hasSameBytes(as: expected.characters.span) } ?? false
  }

  /// Whether Sec-WebSocket-Version is the one of RFC 6455.
  var isVersion13: Bool {
    withValue(of: "Sec-WebSocket-Version") { $0.part(0..<$0.count, is: "13") } ?? false
  }

  /// There is no such field, and none was cut off.
  func lacks(_ name: StaticString) -> Bool { !isCut && !has(name) }

  /// What the fields called `name` say can be judged: there is one, or certainly none.
  func tellsAll(of name: StaticString) -> Bool { !isCut || has(name) }
}

func extensions(of head: HTTPHead) -> [ExtensionOffer] {
  head.tokens(of: "Sec-WebSocket-Extensions").flatMap { ExtensionOffer.parse($0) }
}

func said(_ head: HTTPHead, _ name: StaticString, expected: String) -> String {
  let values = head.values(of: name)
  return values.isEmpty
    ? "there is no \(name) field, expected \(expected)"
    : "\(name) is \(quoted(values.joined(separator: ", "))), expected \(expected)"
}

func reportMalformedExtensions(_ head: HTTPHead, _ report: (Rule, String) -> Void) {
  guard head.has("Sec-WebSocket-Extensions") else { return }
  for element in head.tokens(of: "Sec-WebSocket-Extensions")
  where !ExtensionOffer.parse(element).allSatisfy(\.isWellFormed) {
    report(HandshakeRule.malformedExtensions, "Sec-WebSocket-Extensions has the element \(quoted(element))")
  }
}

func reportDuplicates(_ head: HTTPHead, _ name: StaticString, _ report: (Rule, String) -> Void) {
  guard head.repeats(name) else { return }
  let values = head.values(of: name)
  report(
    HandshakeRule.duplicatedField,
    "\(name) stands \(values.count) times: \(quoted(values.joined(separator: ", ")))")
}
