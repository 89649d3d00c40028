import WireBytes

/// The key and the answer that prove that a server has read the handshake, RFC 6455 §1.3 and §4.2.2 item 5.4.
package enum AcceptKey {
  static let guid: StaticString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

  /// The Sec-WebSocket-Accept that answers `key`: base64(SHA-1(key + GUID)).
  package static func accept(for key: String) -> String { digest(for: key.utf8.span).text }

  /// The same for the bytes of the key as they were sent.
  static func digest(for key: Span<UInt8>) -> Base64Digest { Base64Digest(of: key, followedBy: guid) }

  /// Whether `key` is "a base64-encoded value that, when decoded, is 16 bytes in length" (§4.2.1 item 5).
  package static func isValid(key: String) -> Bool { isValid(key: key.utf8.span) }

  /// The same for the bytes of the key as they were sent.
  static func isValid(key text: Span<UInt8>) -> Bool {
    guard text.count == 24, text[22] == ASCII.equals, text[23] == ASCII.equals else { return false }
    for index in 0..<22 where !isBase64(text[index]) { return false }
    return true
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"): true
    default: false
    }
  }
}
