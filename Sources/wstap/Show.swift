import ArgumentParser
import Reports
import SessionTimeline

/// The default command: the timeline, as text, as NDJSON, or as totals.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the conversations of a capture (what wstap does without a command).")

  @OptionGroup var input: InputOptions
  @OptionGroup var decoding: DecodingArguments

  @Flag(name: .shortAndLong, help: "Only the totals; everything is decoded all the same.")
  var quiet = false

  @Flag(name: .long, help: "One JSON object an event (docs/json.md).")
  var json = false

  @Flag(name: [.customShort("l"), .long], help: "Flush the output after each line.")
  var lineBuffered = false

  @Option(name: .long, help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
  var color = ColorChoice.auto

  func validate() throws {
    if quiet && json { throw ValidationError("-q and --json exclude each other; use one of them.") }
  }

  func run() throws {
    let output = StandardOutput()
    var options = decoding.options(defaultPayload: defaultPayload(output))
    if quiet { options.decoding.reportsFrames = false }
    let out = OutputBuffer(descriptor: StandardOutput.descriptor)
    let flushes = lineBuffered || input.followFile || (output.isTerminal && input.isLive)
    if quiet {
      try Run.analyze(input, options, SummaryReport(out, style: output.style(color)))
    } else if json {
      try Run.analyze(input, options, JSONLinesReport(out, flushesLines: flushes))
    } else {
      try Run.analyze(
        input, options,
        TextReport(out, style: output.style(color), width: output.width, flushesLines: flushes))
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
