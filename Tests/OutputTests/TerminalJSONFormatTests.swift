import Foundation
import Testing
import WireBytes

@testable import Output

@Suite struct TerminalJSONFormatTests {
  private func shown(_ json: String) -> String {
    var out = OutputBuffer()
    TerminalJSONFormat.write(json.utf8.span, to: &out)
    return String(decoding: out.bytes.toArray(), as: UTF8.self)
  }

  @Test(
    "Characters that turn the reading direction or drive a terminal are escaped, others stay",
    arguments: [
      ("\u{202E}", #"\u202e"#), ("a\u{2066}b\u{2069}", #"a\u2066b\u2069"#), ("\u{9B}31m", #"\u009b31m"#),
      ("\u{61C}\u{200F}", #"\u061c\u200f"#), ("\u{2028}", #"\u2028"#),
      ("é 漢 👩\u{200D}🚀 שלום", "é 漢 👩\u{200D}🚀 שלום"),
      ("", ""),
    ])
  func escapes(text: String, json: String) throws {
    let line = #"{"a":"\#(text)"}"#
    #expect(shown(line) == #"{"a":"\#(json)"}"#)
    let value = try JSONDecoder().decode([String: String].self, from: Data(shown(line).utf8))
    #expect(value["a"].map { Array($0.utf8) } == Array(text.utf8))
  }
}
