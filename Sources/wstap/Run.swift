import ArgumentParser
import CaptureInput
import Files
import Glibc
import Output
import Pipeline
import Sessions
import WireBytes

/// Runs an analysis, and turns its result into an exit status and messages on standard error.
enum Run {
  /// What comes before captures are read, the first thread is started, or a file is made: signals are handled, and rights that are not
  /// needed are given up, except to write `output`. Throws `ExitCode` if that is not possible.
  static func begin(writing output: FilePath? = nil) throws {
    SignalHandling.handleSignals()
    do {
      try Privileges.confine(writing: output)
    } catch {
      StandardError.print(error.description)
      throw ExitCode(2)
    }
  }

  /// Analyzes the input; throws `ExitCode` if the status is not 0.
  static func analyze(
    _ input: InputOptions, _ options: AnalysisOptions, _ output: ChosenOutput
  ) throws {
    if let output = FileIdentity(regular: StandardOutput.descriptor), input.selection.includes(output) {
      StandardError.print("standard output is one of the captures; send it to another file")
      throw ExitCode(2)
    }
    try analyze(options, output, isLive: input.isLive) { () throws(CaptureError) in
      try CaptureReader(input.selection)
    }
  }

  /// Analyzes the packets of an interface; throws `ExitCode` if the status is not 0.
  static func analyze(
    _ live: LiveCapture, _ options: AnalysisOptions, _ output: ChosenOutput, picked: PacketFile?
  ) throws {
    try analyze(options, output, picked: picked, isLive: true) { () throws(CaptureError) in
      try CaptureReader(live)
    }
    live.stop()
    picked?.close()
    if let failure = live.failure ?? picked?.failure {
      StandardError.print(failure)
      throw ExitCode(2)
    }
  }

  private static func analyze(
    _ options: AnalysisOptions, _ output: ChosenOutput, picked: PacketFile? = nil, isLive: Bool,
    _ open: () throws(CaptureError) -> CaptureReader
  ) throws {
    let summary: CaptureSummary
    var progress = ProgressLine(isSilent: output.isSilent)
    defer { progress.clear() }
    do throws(CaptureError) {
      let reader = try open()
      let export = try picked.map { file throws(CaptureError) in
        try PacketExport(before: output.sink, into: file, linkType: file.linkType)
      }
      summary = try CaptureAnalysis.run(
        reader, options: options, sink: export ?? output.sink, tap: export,
        packetsBetweenLooks: isLive ? 1 : 4096, progress: { progress.show($0) })
    } catch {
      // An input that was not read because memory ran out looks as if it had no content.
      StandardError.print(MemoryShortage.isPresent ? OutOfMemory.description(after: 0) : error.description)
      throw ExitCode(2)
    }
    if let failure = output.sink.failure {
      StandardError.print("the output could not be written: \(failure)")
      throw ExitCode(2)
    }
    if let disorder = summary.disorder { StandardError.print(disorder) }
    for line in summary.damage { StandardError.print(line) }
    if MemoryShortage.isPresent {
      StandardError.print(OutOfMemory.description(after: summary.packets))
      throw ExitCode(2)
    }
    if SignalHandling.isRequested, !isLive {
      StandardError.print("stopped by a signal after packet \(summary.packets); what follows was not read")
      throw ExitCode(1)
    }
    if !summary.damage.isEmpty { throw ExitCode(1) }
  }
}
