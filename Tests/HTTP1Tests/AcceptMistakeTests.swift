import Testing
import WireBytes

@testable import HTTP1

@Suite struct AcceptMistakeTests {
  private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
  private static let right = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

  @Test(
    "What a wrong accept was made of is known",
    arguments: [
      ("Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=", AcceptMistake.emptyKey),
      (AcceptKey.accept(for: "\"\(key)\""), .quotedKey), (AcceptKey.accept(for: " \(key)"), .keyWithSpace),
      (AcceptKey.accept(for: "\(key)\r\n"), .keyWithLineEnd),
      (AcceptKey.accept(for: key.lowercased()), .lowerCaseKey), (right.uppercased(), .letterCase),
      ("\"\(right)\"", .quoted), (AcceptKey.accept(for: "the sample nonce"), .decodedKey),
      (Base64Digest(of: key.utf8.span).text, .missingGUID),
      ("b37a4f2cc0624f1690f64606cf385945b2bec4ea", .hexadecimal),
      ("YjM3YTRmMmNjMDYyNGYxNjkwZjY0NjA2Y2YzODU5NDViMmJlYzRlYQ==", .base64OfHexadecimal),
    ])
  func known(accept: String, mistake: AcceptMistake) {
    #expect(AcceptMistake(accept, for: Self.key) == mistake)
  }

  @Test("What it was made of is not guessed", arguments: ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
  func unknown(accept: String) { #expect(AcceptMistake(accept, for: Self.key) == nil) }

  @Test("Base64 is read and written", arguments: ["", "a", "ab", "abc", "abcd"])
  func base64(text: String) {
    let coded = Base64Text.of(text.utf8.span)
    #expect(Base64Text.decoded(coded.utf8.span) == Array(text.utf8))
    #expect(coded.utf8.count.isMultiple(of: 4))
  }
}
