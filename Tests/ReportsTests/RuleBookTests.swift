import Foundation
import HTTPUpgrade
import SessionTimeline
import Testing
import WebSocketDecoding
import WireBytes

@testable import Reports

@Suite struct RuleBookTests {
  private var rules: [Rule] { RuleBook.chapters.flatMap(\.rules) }

  @Test func theDocumentationIsWhatTheToolPrints() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = try String(contentsOf: root.appending(path: "docs/rules.md"), encoding: .utf8)
    #expect(file == RuleBook.markdown, "wstap rules --markdown > docs/rules.md")
  }

  @Test func everyRuleStandsInTheBookOnce() {
    let all =
      HandshakeRule.all + DeflateRule.all + HTTPRule.all + FramingRule.allCases.map(\.rule) + SessionRule.all
      + TCPRule.all
    #expect(Set(rules) == Set(all))
    #expect(Set(rules.map(\.name)).count == rules.count)
  }

  @Test func everyRuleHasAMeaningAndAReferenceWhereThereIsOne() {
    for rule in rules {
      #expect(rule.meaning.hasSuffix("."), "\(rule.name)")
      #expect(rule.severity != .violation || rule.reference.contains("§"), "\(rule.name)")
      #expect(rule.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" })
    }
  }

  @Test func theTextHasALineForEveryRule() {
    let lines = RuleBook.text.split(separator: "\n")
    for rule in rules { #expect(lines.contains { $0.hasPrefix("  \(rule.name) ") }) }
  }
}
