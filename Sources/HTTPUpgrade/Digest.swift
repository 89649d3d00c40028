import CCrypto

/// SHA-1 as text: what Sec-WebSocket-Accept and Community ID are made of.
package enum Digest {
  /// base64(SHA-1(bytes)), 28 characters.
  package static func base64SHA1(of bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
    unsafe bytes.withUnsafeBufferPointer { source in
      unsafe digest.withUnsafeMutableBufferPointer { target in
        // Safe: libcrypto reads `count` bytes and writes SHA_DIGEST_LENGTH, the size of `digest`.
        _ = unsafe SHA1(source.baseAddress, source.count, target.baseAddress)
      }
    }
    return base64(digest)
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// RFC 4648 §4
  private static func base64(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for byte in group { bits = bits << 8 | UInt32(byte) }
      bits <<= UInt32(8 * (3 - group.count))
      for sextet in 0..<4 {
        let index = Int(bits >> UInt32(18 - 6 * sextet) & 63)
        text.append(sextet <= group.count ? alphabet[index] : ASCII.equals)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
