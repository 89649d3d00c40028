import TestSupport
import Testing

@testable import HTTP1

@Suite struct SecretEchoTests {
  private func hide(_ text: String, _ values: String...) -> String {
    SecretEcho(of: values.map { Array($0.utf8) }).redacted(text).withoutMarks
  }

  @Test(
    "Names with their values, and tokens, are hidden wherever they are",
    arguments: [
      ("Forbidden: /chat?token=abc&x=1", "Forbidden: /chat?token=[redacted]&x=1"),
      (#"{"apiKey": "a b\"c", "n":1}"#, #"{"apiKey": "[redacted]", "n":1}"#),
      (#"{"pin":1234,"n":1}"#, #"{"pin":[redacted],"n":1}"#),
      (#"{\"token\":\"abc\",\"n\":1}"#, #"{\"token\":\"[redacted]\",\"n\":1}"#),
      ("x; token=abc, y; mode=1", "x; token=[redacted], y; mode=1"),
      ("no key AKIAIOSFODNN7EXAMPLE here", "no key [redacted] here"),
      ("server_max_window_bits=15", "server_max_window_bits=15"),
      ("the token: missing", "the token: missing"),
      ("token=", "token="), ("\"token\":", "\"token\":"), ("=", "="), ("token=a\\", "token=[redacted]"),
      ("", ""),
    ])
  func pairs(text: String, shown: String) { #expect(hide(text) == shown) }

  @Test("Values are hidden as a whole, cut, and next to each other")
  func values() {
    #expect(hide("a 0123456789abcdefXYZ b", "0123456789abcdefXYZ") == "a [redacted] b")
    #expect(hide("a 0123456789abcdef…", "0123456789abcdefXYZ") == "a [redacted]…")
    #expect(hide("12345678,abcdefgh", "12345678", "abcdefgh") == "[redacted],[redacted]")
    #expect(hide("1234567", "1234567") == "1234567")
  }

  @Test("Equal values have equal marks, others have others")
  func marks() {
    let marks = ["abc", "abc", "abd", "", "b"].map { SecretMark.text(of: Array($0.utf8).span) }
    #expect(marks[0] == marks[1])
    #expect(Set(marks).count > 2)
    #expect(marks.allSatisfy { $0.withoutMarks == "[redacted]" })
  }
}
