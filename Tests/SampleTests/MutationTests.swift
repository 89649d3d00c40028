import Foundation
import Glibc
import Output
import Pipeline
import Sessions
import TestSupport
import Testing

/// Damaged samples, by chance: no trap, no hang, nothing that does not add up, and JSON that parses.
///
/// `WSTAP_MUTATIONS` is how many (1,000 by default), `WSTAP_MUTATION_SEED` replays a run. Each
/// part runs in a process of its own; when that dies, the failure names the mutation at which it was.
@Suite("Damaged captures")
struct MutationTests {
  static let parts = 8

  @Test("Damaged samples neither trap nor hang, and the accounts hold", arguments: 0..<parts)
  func mutations(part: Int) async throws {
    let environment = ProcessInfo.processInfo.environment
    let count = (environment["WSTAP_MUTATIONS"].flatMap { Int($0) } ?? 160) / Self.parts
    let seed = environment["WSTAP_MUTATION_SEED"].flatMap { UInt64($0) } ?? Self.freshSeed
    let first = seed &+ UInt64(part) &* 1_000_003
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let log = folder.file("progress")
    try Data().write(to: log)
    await #expect(processExitsWith: .success) {
      [first = first as UInt64, count = count as Int, folder = folder.url.path as String] in
      try MutationRun(folder: folder).run(seed: first, count: count)
    }
    let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
    if lines.last != "done" {
      Issue.record("WSTAP_MUTATION_SEED=\(seed), part \(part): \(lines.suffix(3))")
    }
  }

  @Test("The same seed makes the same damage", arguments: Story.all)
  func replay(_ story: Story) throws {
    let file = Array(try Data(contentsOf: story.file("capture.pcap")))
    let damaged = (0..<2).map { _ in
      var random = SeededRandom(seed: 7)
      var capture = MutableCapture(file)
      return capture.damaged(&random)
    }
    #expect(damaged[0] == damaged[1])
    #expect(MutableCapture(file).file == file)
  }

  private static let freshSeed = UInt64.random(in: 0 ... .max / 2)
}

/// Runs in the child process of an exit test: it ends with a status other than 0 when something is wrong.
struct MutationRun {
  let folder: URL
  private let progress: FileHandle

  /// A file that takes longer than this many seconds hangs: the alarm's signal ends the process.
  static let secondsForOneFile: UInt32 = 20

  init(folder: String) throws {
    self.folder = URL(filePath: folder)
    progress = try FileHandle(forWritingTo: self.folder.appending(path: "progress"))
  }

  func run(seed: UInt64, count: Int) throws {
    let samples = try Story.all.map { MutableCapture(Array(try Data(contentsOf: $0.file("capture.pcap")))) }
    for number in 0..<count {
      let mutation = SeededRandom(seed: seed &+ UInt64(number))
      var random = mutation
      let index = Int.random(in: samples.indices, using: &random)
      try note("mutation \(number) of \(Story.all[index].name), \(mutation)")
      _ = alarm(Self.secondsForOneFile)
      var capture = samples[index]
      let complaints = try analyze(capture.damaged(&random))
      if !complaints.isEmpty {
        try note(complaints.joined(separator: "; "))
        exit(1)
      }
    }
    _ = alarm(0)
    try note("done")
  }

  private func note(_ line: String) throws { try progress.write(contentsOf: Data((line + "\n").utf8)) }

  /// What is wrong with what the tool says about a file.
  private func analyze(_ bytes: [UInt8]) throws -> [String] {
    let path = folder.appending(path: "mutation.pcap")
    try Data(bytes).write(to: path)
    let lines = folder.appending(path: "lines"), document = folder.appending(path: "document")
    for file in [lines, document] { try Data().write(to: file) }
    let linesHandle = try FileHandle(forWritingTo: lines)
    let documentHandle = try FileHandle(forWritingTo: document)
    let null = FileHandle.nullDevice.fileDescriptor
    var display = DisplayOptions()
    display.frames = true
    let accounts = AccountingSink([
      Printer(JSONLinesFormat(OutputBuffer(descriptor: linesHandle.fileDescriptor), display)),
      Printer(JSONDocumentFormat(OutputBuffer(descriptor: documentHandle.fileDescriptor), display)),
      Printer(
        TextFormat(OutputBuffer(descriptor: null), style: Style(enabled: true), width: 100, display)),
      Printer(
        TextFormat(OutputBuffer(descriptor: null), style: Style(enabled: false), width: nil, display)),
      Printer(SummaryFormat(OutputBuffer(descriptor: null))),
    ])
    do {
      try CaptureAnalysis.run(path: path.path, sink: accounts)
    } catch {
      // Not a capture any more: said in words, nothing reported.
      return error.description.isEmpty ? ["an error without words"] : []
    }
    try linesHandle.close()
    try documentHandle.close()
    var complaints = accounts.complaints(inputBytes: bytes.count)
    if !accounts.isFinished { complaints.append("the capture never ends") }
    for line in try String(contentsOf: lines, encoding: .utf8).split(separator: "\n") {
      if (try? Event(line: line)) == nil { complaints.append("not JSON: \(line.prefix(200))") }
    }
    if (try? JSONSerialization.jsonObject(with: Data(contentsOf: document))) == nil {
      complaints.append("the document is not JSON")
    }
    return complaints
  }
}
