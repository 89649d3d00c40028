import Foundation
import HTTP1
import SessionAnalysis
import Sessions
import Testing
import WebSocketDecoding
import WireBytes

@testable import Output

@Suite struct RuleCatalogTests {
  private var rules: [Rule] { RuleCatalog.chapters.flatMap(\.rules) }

  @Test func theDocumentationIsWhatTheToolPrints() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = try String(contentsOf: root.appending(path: "docs/rules.md"), encoding: .utf8)
    #expect(file == RuleCatalog.markdown, "wstap rules --markdown > docs/rules.md")
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
    let lines = RuleCatalog.text.split(separator: "\n")
    for rule in rules { #expect(lines.contains { $0.hasPrefix("  \(rule.name) ") }) }
  }
}
