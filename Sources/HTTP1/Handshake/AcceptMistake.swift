import WireBytes

/// What a wrong Sec-WebSocket-Accept was made of, where that can be told: it shows where to look for the fault.
enum AcceptMistake: CaseIterable {
  /// A proxy dropped the field, or the server read another one.
  case emptyKey
  /// The GUID of RFC 6455 §1.3 was left out.
  case missingGUID
  /// The digest in hexadecimal digits, instead of base64.
  case hexadecimal
  /// base64 of those digits.
  case base64OfHexadecimal
  case quotedKey
  case keyWithSpace
  case keyWithLineEnd
  case lowerCaseKey
  case decodedKey
  /// The right answer in other letter case.
  case letterCase
  /// The right answer in quotes.
  case quoted

  /// The mistake that makes `accept` out of `key`; nil where none of the known ones does.
  init?(_ accept: String, for key: String) {
    guard let found = Self.allCases.first(where: { $0.makes(accept, of: key) }) else { return nil }
    self = found
  }

  private func makes(_ accept: String, of key: String) -> Bool {
    let right = Base64Digest(of: key.utf8.span, followedBy: AcceptKey.guid)
    return switch self {
    case .emptyKey: !key.isEmpty && accept == AcceptKey.accept(for: "")
    case .missingGUID: accept == Base64Digest(of: key.utf8.span).text
    case .hexadecimal: ASCII.sameIgnoringCase(accept, right.hexadecimal)
    case .base64OfHexadecimal: accept == Base64Text.of(right.hexadecimal.utf8.span)
    case .quotedKey: accept == AcceptKey.accept(for: "\"\(key)\"")
    case .keyWithSpace:
      accept == AcceptKey.accept(for: " \(key)") || accept == AcceptKey.accept(for: "\(key) ")
    case .keyWithLineEnd:
      accept == AcceptKey.accept(for: "\(key)\r") || accept == AcceptKey.accept(for: "\(key)\n")
        || accept == AcceptKey.accept(for: "\(key)\r\n")
    case .lowerCaseKey: accept == AcceptKey.accept(for: key.lowercased())
    case .decodedKey:
      if let bytes = Base64Text.decoded(key.utf8.span) {
        accept == Base64Digest(of: bytes.span, followedBy: AcceptKey.guid).text
      } else {
        false
      }
    case .letterCase: ASCII.sameIgnoringCase(accept, right.text)
    case .quoted: accept == "\"\(right.text)\""
    }
  }

  /// What follows "it is": `the accept of an empty key: …`.
  var phrase: String {
    switch self {
    case .emptyKey: "the accept of an empty key: something dropped the client's key"
    case .missingGUID: "the accept without the GUID of RFC 6455 §1.3"
    case .hexadecimal: "the digest in hexadecimal digits instead of base64"
    case .base64OfHexadecimal: "base64 of the digest's hexadecimal digits instead of its bytes"
    case .quotedKey: "the accept of the key in quotes"
    case .keyWithSpace: "the accept of the key with a space that does not belong to it"
    case .keyWithLineEnd: "the accept of the key with its line end"
    case .lowerCaseKey: "the accept of the key in lower case"
    case .decodedKey: "the accept of the decoded key, which must be used as it was sent"
    case .letterCase: "the right one in other letter case"
    case .quoted: "the right one in quotes"
    }
  }
}
