/// One element of Sec-WebSocket-Extensions: an extension offered by the client or selected by the server.
///
///     extension       = extension-token *( ";" extension-param )              RFC 6455 §9.1
///     extension-param = token [ "=" (token | quoted-string) ]
public struct ExtensionOffer: Sendable {
  /// `permessage-deflate`
  public let name: String
  /// The parameters in their order, without quotes; the value is nil for a parameter without one.
  public let parameters: [(name: String, value: String?)]
  /// Whether the element follows the grammar. If not, it still holds everything that could be read.
  public let isWellFormed: Bool

  /// The elements of a field value. If there are several field lines, join them with commas or parse each one.
  public static func parse(_ text: String) -> [ExtensionOffer] {
    elements(of: text).map { ExtensionOffer(element: $0) }
  }

  /// The value of the first parameter called `name`; the outer nil means that there is no such parameter.
  public func value(of name: String) -> String?? {
    parameters.first { ASCII.sameIgnoringCase($0.name, name) }.map(\.value)
  }

  private init(element: String) {
    let parts = elements(of: element, separatedBy: ASCII.semicolon)
    var parameters: [(name: String, value: String?)] = []
    // An element is not empty, but it may be `;`, which has no name.
    name = parts.first ?? ""
    var isWellFormed = ASCII.isToken(name) && !hasEmptyPart(element)
    for part in parts.dropFirst() {
      let bytes = Array(part.utf8)
      guard let equals = bytes.firstIndex(of: ASCII.equals) else {
        isWellFormed = isWellFormed && ASCII.isToken(part)
        parameters.append((part, nil))
        continue
      }
      let span = bytes.span
      let name = span.text(span.trimmed(0..<equals))
      let (value, isGood) = unquoted(span.text(span.trimmed(equals + 1..<bytes.count)))
      // "when using the quoted-string syntax variant, the value after quoted-string unescaping MUST conform
      // to the 'token' ABNF", §9.1
      isWellFormed = isWellFormed && isGood && ASCII.isToken(name) && ASCII.isToken(value)
      parameters.append((name, value))
    }
    (self.parameters, self.isWellFormed) = (parameters, isWellFormed)
  }
}

/// Whether there is nothing before or after a semicolon.
private func hasEmptyPart(_ element: String) -> Bool {
  var (isEmpty, quoted, escaped) = (true, false, false)
  for byte in element.utf8 {
    if escaped {
      escaped = false
    } else if quoted, byte == ASCII.backslash {
      escaped = true
    } else if byte == ASCII.quote {
      quoted.toggle()
    } else if !quoted, byte == ASCII.semicolon {
      if isEmpty { return true }
      isEmpty = true
      continue
    }
    if !ASCII.isSpace(byte) { isEmpty = false }
  }
  return isEmpty
}

/// The text inside a quoted-string (RFC 9110 §5.6.4), and whether its quotes are balanced. A token is returned unchanged.
private func unquoted(_ text: String) -> (value: String, isGood: Bool) {
  guard text.utf8.first == ASCII.quote else { return (text, true) }
  var bytes: [UInt8] = []
  var (escaped, closed, isGood) = (false, false, true)
  for byte in text.utf8.dropFirst() {
    if closed {
      isGood = false
    } else if escaped {
      bytes.append(byte)
      escaped = false
    } else if byte == ASCII.backslash {
      escaped = true
    } else if byte == ASCII.quote {
      closed = true
    } else {
      bytes.append(byte)
    }
  }
  return (String(decoding: bytes, as: UTF8.self), isGood && closed)
}
