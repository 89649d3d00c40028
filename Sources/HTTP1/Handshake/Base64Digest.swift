import CCrypto
import WireBytes

/// base64(SHA-1(…)), as used by Sec-WebSocket-Accept and Community ID.
package struct Base64Digest: Sendable {
  /// The 28 characters.
  let characters: InlineArray<28, UInt8>

  /// The digest of `bytes` followed by `text`.
  package init(of bytes: Span<UInt8>, followedBy text: StaticString = "") {
    var digest = InlineArray<20, UInt8>(repeating: 0)
    var target = digest.mutableSpan
    unsafe bytes.withUnsafeBytes { source in
      unsafe target.withUnsafeMutableBufferPointer { target in
        // Safe: libcrypto reads `count` bytes and writes 20, the size of `digest`. A StaticString lives forever.
        var context = SHA_CTX()
        unsafe SHA1_Init(&context)
        unsafe SHA1_Update(&context, source.baseAddress, source.count)
        unsafe SHA1_Update(&context, text.utf8Start, text.utf8CodeUnitCount)
        unsafe SHA1_Final(target.baseAddress, &context)
      }
    }
    characters = Self.base64(digest.span)
  }

  /// The digest in hexadecimal digits.
  var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    let bytes = Base64Text.decoded(characters.span) ?? []
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The characters as a text.
  package var text: String { characters.span.text(0..<characters.count) }

  /// Base64 according to RFC 4648 §4. 20 is six times three and a remainder of two.
  private static func base64(_ bytes: Span<UInt8>) -> InlineArray<28, UInt8> {
    var text = InlineArray<28, UInt8>(repeating: ASCII.equals)
    var next = 0
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var bits: UInt32 = 0
      for index in 0..<3 { bits = bits << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
      for sextet in 0...count {
        text[next + sextet] =
          Base64Text.character(UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * sextet)) & 63)
      }
      next += 4
    }
    return text
  }
}
