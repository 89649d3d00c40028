/// The two values that prove a server read the handshake, RFC 6455 §1.3 and §4.2.2 item 5.4.
package enum AcceptKey {
  /// "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
  private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

  /// base64(SHA-1(key + GUID)), the Sec-WebSocket-Accept that answers `key`.
  package static func accept(for key: String) -> String {
    Digest.base64SHA1(of: Array((key + guid).utf8))
  }

  /// Whether `key` is "a base64-encoded value that, when decoded, is 16 bytes in length" (§4.2.1 item 5).
  package static func isValid(key: String) -> Bool {
    let text = Array(key.utf8)
    return text.count == 24 && text[22] == ASCII.equals && text[23] == ASCII.equals
      && text[..<22].allSatisfy { alphabet.contains($0) }
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
