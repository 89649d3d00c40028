import ArgumentParser
import Output
import SessionTimeline

/// What to print of the timeline: text, NDJSON or totals.
struct ReportArguments: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Print only totals; everything is still decoded.")
  var quiet = false

  @Flag(name: .long, help: "Print one JSON object per event (docs/json.md).")
  var json = false

  @Flag(name: [.customShort("l"), .long], help: "Flush the output after each line.")
  var lineBuffered = false

  @Option(name: .long, help: ArgumentHelp("Use colors: auto, always or never.", valueName: "when"))
  var color = ColorChoice.auto

  func validate() throws {
    if quiet && json { throw ValidationError("-q and --json cannot be combined; use one of them.") }
  }

  /// Runs an analysis with the report that was asked for; `flushes` when lines come as they happen.
  func run(
    _ decoding: DecodingArguments, flushes: Bool,
    _ analyze: (AnalysisOptions, any TimelineReport & WritingReport) throws -> Void
  ) throws {
    let output = StandardOutput()
    var options = decoding.options(defaultPayload: defaultPayload(output))
    if quiet { options.decoding.reportsFrames = false }
    // Text says nothing of it unless asked.
    options.observesTransport = json || (decoding.tcp && !quiet)
    options.reportsTransport = decoding.tcp && !quiet
    let out = OutputBuffer(descriptor: StandardOutput.descriptor)
    let flushes = lineBuffered || flushes
    if quiet {
      try analyze(options, SummaryReport(out, style: output.style(color)))
    } else if json {
      let report = JSONLinesReport(out, flushesLines: flushes)
      try analyze(options, flushes ? report : WriteBehind.around(report))
    } else {
      let report = TextReport(
        out, style: output.style(color), width: output.width, flushesLines: flushes,
        showsTransport: decoding.tcp)
      try analyze(options, flushes || output.isTerminal ? report : WriteBehind.around(report))
    }
  }

  /// Payload bytes worth keeping: none for totals, what fits a line for text, all that is reasonable for JSON.
  private func defaultPayload(_ output: StandardOutput) -> Int {
    if quiet { return 0 }
    if json { return 16 << 20 }
    // A character takes at most four bytes; combining marks can be many more but need not all be shown.
    return output.width.map { max($0, 256) * 8 } ?? 1 << 20
  }
}

extension ColorChoice: ExpressibleByArgument {}
