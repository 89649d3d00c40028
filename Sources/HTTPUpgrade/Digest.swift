import CCrypto

/// SHA-1 as text: what Sec-WebSocket-Accept and Community ID are made of.
package enum Digest {
  /// base64(SHA-1(bytes)), 28 characters.
  package static func base64SHA1(of bytes: [UInt8]) -> String {
    var digest = InlineArray<20, UInt8>(repeating: 0)
    var target = digest.mutableSpan
    unsafe bytes.withUnsafeBufferPointer { source in
      unsafe target.withUnsafeMutableBufferPointer { target in
        // Safe: libcrypto reads `count` bytes and writes 20, the size of `digest`.
        _ = unsafe EVP_Digest(source.baseAddress, source.count, target.baseAddress, nil, sha1.method, nil)
      }
    }
    return base64(digest.span)
  }

  /// Looked up once: by default libcrypto 3 searches its providers at every call, which takes longer than the
  /// digest.
  private static let sha1 = Method()

  @safe private struct Method: @unchecked Sendable {
    // Never changed and never freed.
    let method = unsafe EVP_MD_fetch(nil, "SHA1", nil)
  }

  /// RFC 4648 §4
  private static func base64(_ bytes: Span<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var bits: UInt32 = 0
      for index in 0..<3 { bits = bits << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
      for sextet in 0..<4 {
        let value = UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * sextet)) & 63
        text.append(sextet <= count ? character(value) : ASCII.equals)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func character(_ value: UInt8) -> UInt8 {
    switch value {
    case 0..<26: UInt8(ascii: "A") + value
    case 26..<52: UInt8(ascii: "a") + value - 26
    case 52..<62: UInt8(ascii: "0") + value - 52
    case 62: UInt8(ascii: "+")
    default: UInt8(ascii: "/")
    }
  }
}
