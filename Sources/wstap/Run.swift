import ArgumentParser
import CaptureInput
import Glibc
import Reports
import SessionTimeline

/// Runs a plan and turns what happened into an exit status and lines on standard error.
enum Run {
  /// Analyzes the input; throws `ExitCode` when the status is not 0.
  static func analyze(
    _ input: InputOptions, _ options: AnalysisOptions, _ report: some TimelineReport & WritingReport
  ) throws {
    let summary: CaptureSummary
    do {
      summary = try CaptureAnalysis.run(
        path: input.path, options: options, report: report, shouldStop: { !report.takesMore })
    } catch {
      complain(error.description)
      throw ExitCode(2)
    }
    if let failure = report.failure {
      complain("the output could not be written: \(failure)")
      throw ExitCode(2)
    }
    for line in summary.damage { complain(line) }
    if !summary.damage.isEmpty { throw ExitCode(1) }
  }

  /// Opens a file for the output.
  static func create(_ path: String) throws -> Int32 {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else {
      complain("cannot write \(path): \(unsafe String(cString: strerror(errno)))")
      throw ExitCode(2)
    }
    return descriptor
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
