import TestSupport
import Testing
import WireBytes

@testable import WebSocketDecoding

@Suite("Texts that are readable without unmasking")
struct TextAsSentTests {
  private static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
  private static let hint = "; it is readable as it was sent: its payload is not masked, or masked twice"

  /// The finding on a message that says `sent` on the wire, though its frame has a masking key.
  private func finding(on sent: [UInt8], fin: Bool = true, key: [UInt8] = key) -> String? {
    // To mask it before that is to mask it twice.
    let masked = sent.enumerated().map { $1 ^ key[$0 & 3] }
    var frames = [TestFrame(.text, masked, fin: fin, key: key)]
    if !fin { frames.append(TestFrame(.continuation, [], key: key)) }
    let outcome = decode(wholePackets: frames.map(\.bytes), Setup(.client))
    #expect(outcome.rules == ["invalid_utf8"])
    return outcome.seen.anomalies.first?.detail
  }

  @Test(
    "What the sender did not mask, or masked twice, is named; other bytes are just not UTF-8",
    arguments: [
      ("{\"id\": 1}", true), ("12345678", true), ("1234567", false), ("Grüße, 日本", true),
      ("tab\tand\r\nline", true),
      ("a\u{0}b456789", false), ("a\u{7F}b456789", false),
    ])
  func texts(text: String, isNamed: Bool) {
    #expect(finding(on: Array(text.utf8))?.hasSuffix(Self.hint) == isNamed)
  }

  @Test("Of a long text the start tells, and it may end within a character there")
  func longTexts() {
    #expect(finding(on: Array(String(repeating: "é", count: 100).utf8))?.hasSuffix(Self.hint) == true)
    #expect(
      finding(on: [0x61] + Array(String(repeating: "é", count: 100).utf8))?.hasSuffix(Self.hint) == true)
    #expect(finding(on: Array(repeating: 0x61, count: 64) + [0xFF, 0xFF])?.hasSuffix(Self.hint) == true)
    #expect(finding(on: Array(repeating: 0x61, count: 63) + [0xFF, 0xFF])?.hasSuffix(Self.hint) == false)
  }

  @Test("Of several fragments, each with a key of its own, nothing is said") func fragments() {
    #expect(finding(on: Array("{\"id\": 1}".utf8), fin: false)?.hasSuffix(Self.hint) == false)
  }

  @Test("A message that arrives in pieces is named, too") func pieces() {
    let text = Array("{\"type\":\"move\"}".utf8)
    let bytes = TestFrame(.text, text.enumerated().map { $1 ^ Self.key[$0 & 3] }, key: Self.key).bytes
    for cut in 1..<bytes.count {
      let outcome = decode(wholePackets: [Array(bytes[..<cut]), Array(bytes[cut...])], Setup(.client))
      #expect(outcome.seen.anomalies.first?.detail.hasSuffix(Self.hint) == true, "\(cut)")
    }
  }
}
