import Testing

@testable import Output

@Suite struct GuardedTextTests {
  @Test(
    "Spaces and symbols like ours are spelled, words are not",
    arguments: [
      ("403 Forbidden", "403 Forbidden"), ("a   accept ✓", #"a \x20\x20accept \u{2713}"#),
      ("▶ text", #"\u{25b6} text"#), ("│", #"\u{2502}"#), ("a\u{A0}\u{3000}b", #"a\u{a0}\u{3000}b"#),
      ("10.0.0.1 → 10.0.0.2", "10.0.0.1 → 10.0.0.2"), ("é 漢字 👍 …", "é 漢字 👍 …"), ("✔", #"\u{2714}"#), ("", ""),
    ])
  func spelled(text: String, shown: String) { #expect(GuardedText.of(text) == shown) }
}
