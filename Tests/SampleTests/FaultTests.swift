import Foundation
import Testing

/// Every call of the tool to the system that may fail is made to fail, one after the other: in no case is there a trap, a wait without an
/// end, or an output that is wrong without a word.
@Suite("Faults of the system")
struct FaultTests {
  /// A way to use the tool, with `$out` for a file that it may write.
  struct Use: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let arguments: String
    var isJSON = false
  }

  static let uses = [
    Use(testDescription: "JSON", arguments: "--json samples/chat/capture.pcap", isJSON: true),
    Use(testDescription: "text", arguments: "samples/chat/capture.pcap"),
    Use(testDescription: "totals", arguments: "-q samples/chat/capture.pcap"),
    Use(testDescription: "standard input", arguments: "--json - < samples/chat/capture.pcap", isJSON: true),
    Use(
      testDescription: "two files",
      arguments: "--json samples/chat/capture.pcap samples/browser/capture.pcap", isJSON: true),
    Use(testDescription: "export", arguments: "export --to json -o $out samples/chat/capture.pcap"),
  ]

  /// What fails, with which errors. `malloc` stands for all allocations.
  static let kinds: [(name: String, errors: [Int32])] = [
    ("read", [EIO, EINTR, EAGAIN]), ("write", [ENOSPC, EINTR, EAGAIN]), ("open", [EACCES, EMFILE]),
    ("openat", [EACCES]), ("fstat", [EIO]), ("stat", [EIO]), ("lstat", [EIO]), ("lseek", [EIO]),
    ("realpath", [ENOMEM]), ("fchmod", [EPERM]), ("fchown", [EPERM]), ("fsync", [EIO]), ("ftruncate", [EIO]),
    ("rename", [EXDEV]), ("renameat", [EXDEV]), ("mmap", [ENOMEM]), ("poll", [EINTR]),
    ("pthread_create", [EAGAIN]),
  ]

  @Test("Each call to the system fails once, and then always", arguments: uses)
  func calls(use: Use) throws {
    let harness = try Harness(use)
    defer { harness.folder.remove() }
    var tried = 0
    for (kind, errors) in Self.kinds {
      // A few more than were counted: a call that is made again is one more.
      for call in 1..<max(1, harness.count(kind) + 2) {
        for error in errors {
          try harness.check(kind, call, error, goesOn: false)
          tried += 1
        }
        // A call that could be made again would be made for ever.
        if let error = errors.first, error != EINTR, error != EAGAIN {
          try harness.check(kind, call, error, goesOn: true)
        }
      }
    }
    #expect(tried > 15)
  }

  @Test("Allocations fail, once and from then on", arguments: uses)
  func allocations(use: Use) throws {
    let harness = try Harness(use)
    defer { harness.folder.remove() }
    let count = harness.count("malloc")
    try #require(count > 100)
    // Thousands of allocations are made for the arguments; those of the run come last.
    let calls = (0..<4).map { 1 + count * $0 / 4 } + (0..<8).map { count - 1 - (count / 300) * $0 * $0 / 4 }
    for call in calls {
      try harness.check("malloc", call, ENOMEM, goesOn: false)
      try harness.check("malloc", call, ENOMEM, goesOn: true)
    }
  }
}

/// Runs the tool with faults, and compares.
private struct Harness {
  let folder: TemporaryFolder
  private let library: URL
  private let use: FaultTests.Use
  private let expected: (output: Data, file: Data?)

  init(_ use: FaultTests.Use) throws {
    (self.use, folder) = (use, try TemporaryFolder())
    library = folder.file("fault.so")
    let source = Tool.packageRoot.appending(path: "Tests/FaultInjection/fault.c").path
    // Swift's own compiler of C, which it links with.
    let built = try Tool.shell(
      "clang=$(command -v clang || echo \"$(dirname \"$(readlink -f \"$(command -v swift)\")\")/clang\"); "
        + "\"$clang\" -shared -fPIC -O1 -o $2 $1 -ldl", [source, library.path])
    try #require(built.status == 0, "\(built.errors)")
    let plain = try Tool.shell("out=$1; \"$wstap\" \(use.arguments)", [folder.file("plain").path])
    try #require(plain.status == 0, "\(plain.errors)")
    expected = (plain.output, try? Data(contentsOf: folder.file("plain")))
  }

  /// How often a run without faults makes the call.
  func count(_ kind: String) -> Int {
    let log = folder.file("count")
    _ = try? run("FAULT_KIND=\(kind) FAULT_AT=0 FAULT_LOG=\(log.path)")
    let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
  }

  func check(_ kind: String, _ call: Int, _ error: Int32, goesOn: Bool) throws {
    let place = "\(kind) \(call) \(error)\(goesOn ? " and all later ones" : "")"
    let target = folder.file("out")
    try? FileManager.default.removeItem(at: target)
    let outcome = try run(
      "FAULT_KIND=\(kind) FAULT_AT=\(call) FAULT_ERRNO=\(error)\(goesOn ? " FAULT_ON=1" : "")")
    #expect(!outcome.wasKilled && (0...2).contains(outcome.status), "\(place): \(outcome.status)")
    let written = try? Data(contentsOf: target)
    if outcome.status == 0 {
      #expect(outcome.output == expected.output, "\(place): another output, and not a word")
      #expect(written == expected.file, "\(place): another file, and not a word")
    } else {
      // Nothing can be said where nothing can be written.
      let isMute = kind == "write" && goesOn
      #expect(outcome.errors.hasPrefix("wstap: ") || isMute, "\(place): \(outcome.status) without a reason")
      // A file is there whole, or not at all.
      #expect(
        written == nil || (try? JSONSerialization.jsonObject(with: written ?? Data())) != nil, "\(place)")
    }
    if use.isJSON {
      #expect(outcome.output.isEmpty || outcome.output.last == UInt8(ascii: "\n"), "\(place): half a line")
      #expect(throws: Never.self, "\(place)") { try outcome.events() }
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(Set(left).isSubset(of: ["fault.so", "plain", "out", "count"]), "\(place) left \(left)")
  }

  /// A run that waits for ever is ended, and counts as killed.
  private func run(_ faults: String) throws -> Tool.Outcome {
    try Tool.shell(
      "out=$1; exec timeout -s KILL 10 env SWIFT_BACKTRACE=enable=no WSTAP_UNCONFINED=1 LD_PRELOAD=$2 \(faults) \"$wstap\" \(use.arguments)",
      [folder.file("out").path, library.path])
  }
}
