import ArgumentParser
import CaptureInput
import Glibc
import Output
import SessionTimeline

/// Runs a plan and turns what happened into an exit status and lines on standard error.
enum Run {
  /// Analyzes the input; throws `ExitCode` when the status is not 0.
  static func analyze(
    _ input: InputOptions, _ options: AnalysisOptions, _ report: any TimelineReport & WritingReport
  ) throws {
    if input.isLive { SignalHandling.handleSignals() }
    try analyze(options, report, isLive: input.isLive) { () throws(CaptureError) in
      try CaptureReader(input.selection)
    }
  }

  /// Analyzes what an interface gives; throws `ExitCode` when the status is not 0.
  static func analyze(
    _ live: LiveCapture, _ options: AnalysisOptions, _ report: any TimelineReport & WritingReport,
    picked: PacketFile?
  ) throws {
    try analyze(options, report, picked: picked, isLive: true) { () throws(CaptureError) in
      try CaptureReader(live)
    }
    live.stop()
    picked?.close()
    if let failure = live.failure ?? picked?.failure {
      complain(failure)
      throw ExitCode(2)
    }
  }

  private static func analyze(
    _ options: AnalysisOptions, _ report: any TimelineReport & WritingReport, picked: PacketFile? = nil,
    isLive: Bool, _ open: () throws(CaptureError) -> CaptureReader
  ) throws {
    let summary: CaptureSummary
    var progress = ProgressLine(isSilent: report is SummaryReport)
    defer { progress.clear() }
    do throws(CaptureError) {
      let reader = try open()
      let heard: any TimelineReport =
        try picked.map { file throws(CaptureError) in
          try ConnectionSieve(before: report, into: file, linkType: file.linkType)
        } ?? report
      summary = try CaptureAnalysis.run(
        reader, options: options, report: heard, packetsBetweenLooks: isLive ? 1 : 4096,
        shouldStop: { !report.takesMore || picked.map { $0.failure != nil || $0.isFull } ?? false },
        progress: { progress.show($0) })
    } catch {
      complain(error.description)
      throw ExitCode(2)
    }
    if let failure = report.failure {
      complain("the output could not be written: \(failure)")
      throw ExitCode(2)
    }
    if let disorder = summary.disorder { complain(disorder) }
    for line in summary.damage { complain(line) }
    if !summary.damage.isEmpty { throw ExitCode(1) }
  }

  /// Runs `body` with a descriptor for a new file that takes its name only when `body` has succeeded, or ended
  /// with a damaged input: neither a failed run nor an output that is the input destroys anything.
  static func create(_ path: String, insteadOf inputs: [String], _ body: (Int32) throws -> Void) throws {
    var status = stat()
    let exists = unsafe stat(path, &status) == 0
    for input in inputs {
      var inputStatus = stat()
      guard exists, unsafe stat(input, &inputStatus) == 0,
        (status.st_dev, status.st_ino) == (inputStatus.st_dev, inputStatus.st_ino)
      else { continue }
      complain("\(path) is the capture itself; name another file for the output")
      throw ExitCode(2)
    }
    let isSpecial = exists && status.st_mode & S_IFMT != S_IFREG
    let written = isSpecial ? path : path + ".partial"
    let descriptor = unsafe open(written, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else {
      complain("cannot write \(written): \(unsafe String(cString: strerror(errno)))")
      throw ExitCode(2)
    }
    defer { close(descriptor) }
    var damaged: ExitCode?
    do {
      try body(descriptor)
    } catch let code as ExitCode where code.rawValue == 1 {
      damaged = code
    } catch {
      if !isSpecial { unsafe unlink(written) }
      throw error
    }
    if !isSpecial, unsafe rename(written, path) != 0 {
      complain("cannot rename \(written) to \(path): \(unsafe String(cString: strerror(errno)))")
      throw ExitCode(2)
    }
    if let damaged { throw damaged }
  }

  /// Writes a line to standard error. File names and messages may hold anything: it is escaped as payloads are.
  static func complain(_ text: String) {
    var out = OutputBuffer(descriptor: 2)
    out.append("wstap: ")
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if index > 0 { out.append("\n") }
      out.append(terminal: String(line))
    }
    out.append("\n")
    out.flush()
  }
}

/// What standard output is.
struct StandardOutput {
  static let descriptor: Int32 = 1

  let isTerminal = isatty(descriptor) == 1

  /// Columns of the terminal; nil when the output goes elsewhere: there nothing has to fit.
  var width: Int? {
    guard isTerminal else { return nil }
    var size = winsize()
    let known = unsafe ioctl(Self.descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return known ? Int(size.ws_col) : 80
  }

  func style(_ choice: ColorChoice) -> Style {
    Style(
      choice, isTerminal: isTerminal, noColor: environment("NO_COLOR"), term: environment("TERM"))
  }

  private func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
