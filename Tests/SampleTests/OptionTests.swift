import Foundation
import TestSupport
import Testing

/// What each option changes in the output for a small capture, line by line.
@Suite("Options")
struct OptionTests {
  @Test("An option changes these lines of the text and no others")
  func changes() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for effect in OptionEffect.all {
      let path = try folder.write(effect.capture.packets.pcap(), "\(effect.capture).pcap")
      let (without, with) = (try Tool.run([path]), try Tool.run(effect.options + [path]))
      #expect(with.status == 0, "\(effect.options)")
      #expect(with.errors == "", "\(effect.options)")
      let place: Comment = "\(effect.options) for \(effect.capture)"
      if let output = effect.output {
        #expect(with.text == output + "\n", place)
      } else {
        #expect(changes(from: without.text.withoutMarks, to: with.text.withoutMarks) == effect.changes, place)
      }
    }
  }

  /// The lines that went, then those that came, marked as diff does.
  private func changes(from before: String, to after: String) -> String {
    let difference = lines(after).difference(from: lines(before))
    let marked =
      difference.removals.map { "- \(element($0))" } + difference.insertions.map { "+ \(element($0))" }
    return marked.joined(separator: "\n")
  }

  private func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  private func element(_ change: CollectionDifference<Substring>.Change) -> Substring {
    switch change {
    case .insert(_, let line, _), .remove(_, let line, _): line
    }
  }
}
