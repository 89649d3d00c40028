import Foundation
import TestSupport
import Testing

@Suite("The output for a story is what the story's folder says")
struct GoldenTests {
  @Test("The text is that of expected.txt", arguments: Story.all)
  func text(_ story: Story) throws {
    try compare(story, [], "expected.txt")
  }

  @Test("The events are those of expected.jsonl", arguments: Story.all)
  func json(_ story: Story) throws {
    try compare(story, ["--json"], "expected.jsonl")
  }

  @Test("No story is without a capture that ran, and none has been lost")
  func stories() throws {
    let samples = Tool.packageRoot.appending(path: "samples")
    let folders = try FileManager.default.contentsOfDirectory(
      at: samples, includingPropertiesForKeys: [.isDirectoryKey]
    ).filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory ?? false }
    #expect(Story.all.map(\.name) == folders.map(\.lastPathComponent).sorted())
    #expect(Story.all.count >= 17)
  }

  private func compare(_ story: Story, _ flags: [String], _ file: String) throws {
    let outcome = try Tool.run(flags + [story.capture])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    if let difference = try GoldenFile(story.file(file)).difference(from: outcome.output) {
      Issue.record("\(story.name): \(difference)")
    }
  }
}
