import FuzzTargets
import Testing

/// Replays what the fuzzers once found, and the seeds that they start from.
@Suite struct RegressionTests {
  @Test(
    "No input that broke a decoder breaks it again, nor does any of the stored corpus",
    arguments: FuzzTarget.all.map(\.name))
  func regressions(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    for folder in ["regressions/\(name)", "corpus/\(name)"] {
      for file in names(inFolder: "\(fuzzingFolder)/\(folder)") {
        let input = try contents(ofFile: "\(fuzzingFolder)/\(folder)/\(file)")
        #expect(throws: Never.self, "\(folder)/\(file)") { try target.run(input) }
      }
    }
  }

  @Test("Every target has a stored corpus to start from", arguments: FuzzTarget.all.map(\.name))
  func corpus(name: String) {
    #expect(names(inFolder: "\(fuzzingFolder)/corpus/\(name)").count >= 10)
  }

  @Test("Every regression input belongs to a target")
  func folders() {
    let targets = FuzzTarget.all.map(\.name)
    let folders = names(inFolder: "\(fuzzingFolder)/regressions")
    #expect(folders.allSatisfy(targets.contains))
    // A folder that cannot be found has no files: none of them has been lost.
    #expect(folders.map { names(inFolder: "\(fuzzingFolder)/regressions/\($0)").count }.reduce(0, +) >= 8)
  }

  @Test("Every target takes what the samples give it")
  func samples() throws {
    let samples = "\(fuzzingFolder)/../../samples"
    var tried: Set<String> = []
    for story in names(inFolder: samples) {
      let path = "\(samples)/\(story)/capture.pcap"
      guard let file = try? contents(ofFile: path) else { continue }
      for seed in try seeds(from: file, at: path) {
        let target = try #require(FuzzTarget.all.first { $0.name == seed.target })
        #expect(throws: Never.self, "\(story), \(seed.target)") { try target.run(seed.bytes) }
        tried.insert(seed.target)
      }
    }
    // TCP's input is made of choices, not of packets.
    #expect(tried == Set(FuzzTarget.all.map(\.name)).subtracting(["tcp"]))
  }
}

private let fuzzingFolder = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
