import Foundation
import Testing

/// The built executable, run as a user runs it.
struct Tool {
  /// What a run left behind.
  struct Outcome {
    var status: Int32
    /// Whether a signal ended it: a trap, a crash, a time limit.
    var wasKilled: Bool
    var output: Data
    var errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
    /// Lines of standard output without their line ends.
    var lines: [Substring] { text.split(separator: "\n") }
    /// Lines of standard error without their line ends.
    var errorLines: [Substring] { errors.split(separator: "\n") }
  }

  /// The folder of Package.swift: the tool runs there, so that paths in its output are the same everywhere.
  static let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Beside the test bundle, in the folder of built products.
  static let executable: URL = {
    let bundle = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return bundle.deletingLastPathComponent().appending(path: "wstap")
  }()

  /// Runs the tool in the package root. Standard output and standard error go through files: no pipe can fill.
  static func run(_ arguments: [String], input: URL? = nil) throws -> Outcome {
    try run(executable, arguments, input: input)
  }

  /// Runs a line of shell in which `$wstap` is the tool.
  static func shell(_ line: String, _ arguments: [String] = []) throws -> Outcome {
    try run(
      URL(filePath: "/bin/sh"), ["-c", "wstap=$0; \(line)", executable.path] + arguments, input: nil)
  }

  /// The times of a file that `live -w` wrote, in nanoseconds, in the order of its packets.
  static func packetTimes(ofPcapng file: [UInt8]) -> [UInt64] {
    func number(_ place: Int) -> UInt64 { (0..<4).reduce(0) { $0 | UInt64(file[place + $1]) << (8 * $1) } }
    var (times, place): ([UInt64], Int) = ([], 0)
    while place + 12 <= file.count {
      if number(place) == 6 { times.append(number(place + 12) << 32 | number(place + 16)) }
      place += Int(number(place + 4))
    }
    return times
  }

  /// Runs a line of shell that mostly waits for real time to pass. Nothing blocks meanwhile: the tests run on as many
  /// threads as there are processors, and one that waits would keep others from running.
  static func waitingShell(_ line: String, _ arguments: [String] = []) async throws -> Outcome {
    let run = try PreparedRun(
      URL(filePath: "/bin/sh"), ["-c", "wstap=$0; \(line)", executable.path] + arguments, input: nil)
    defer { run.folder.remove() }
    try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
      run.process.terminationHandler = { _ in ended.resume() }
      do { try run.start() } catch { ended.resume(throwing: error) }
    }
    return try run.outcome()
  }

  private static func run(_ program: URL, _ arguments: [String], input: URL?) throws -> Outcome {
    let run = try PreparedRun(program, arguments, input: input)
    defer { run.folder.remove() }
    try run.start()
    run.process.waitUntilExit()
    return try run.outcome()
  }

  /// A process that can be started, and the files that its output goes to.
  private struct PreparedRun {
    let folder: TemporaryFolder
    let process = Process()
    private let output: FileHandle
    private let errors: FileHandle

    init(_ program: URL, _ arguments: [String], input: URL?) throws {
      folder = try TemporaryFolder()
      let (outputFile, errorFile) = (folder.file("stdout"), folder.file("stderr"))
      for file in [outputFile, errorFile] { try Data().write(to: file) }
      output = try FileHandle(forWritingTo: outputFile)
      errors = try FileHandle(forWritingTo: errorFile)
      process.executableURL = program
      process.arguments = arguments
      process.currentDirectoryURL = packageRoot
      process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "NO_COLOR" }
      process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
      process.standardOutput = output
      process.standardError = errors
    }

    /// Starts the process. The threads that run tests block most signals, which the process inherits; a shell that waits for several
    /// children would wait forever. Only those that ask for the end stay blocked until the tool has handlers, however long that takes.
    func start() throws {
      var (blocked, before) = (sigset_t(), sigset_t())
      unsafe sigemptyset(&blocked)
      for number in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&blocked, number) }
      unsafe pthread_sigmask(SIG_SETMASK, &blocked, &before)
      defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
      try process.run()
    }

    /// What the process left behind, once it has ended.
    func outcome() throws -> Outcome {
      try output.close()
      try errors.close()
      return Outcome(
        status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
        output: try Data(contentsOf: folder.file("stdout")),
        errors: String(decoding: try Data(contentsOf: folder.file("stderr")), as: UTF8.self))
    }
  }
}

/// A folder for the files of one test; whoever makes it removes it.
struct TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "wstap-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(at: url) }

  func file(_ name: String) -> URL { url.appending(path: name) }

  /// Writes a file and returns its path.
  func write(_ bytes: [UInt8], _ name: String = "capture.pcap") throws -> String {
    try Data(bytes).write(to: file(name))
    return file(name).path
  }
}
