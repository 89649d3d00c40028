import ArgumentParser
import Output

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

  /// The output that was asked for; `flushes` when events come as they happen.
  func output(_ options: DisplayOptions, flushes: Bool) -> ChosenOutput {
    let output = StandardOutput()
    let out = OutputBuffer(descriptor: StandardOutput.descriptor)
    let flushes = lineBuffered || flushes
    if quiet { return ChosenOutput(sink: Printer(SummaryFormat(out)), isSilent: true) }
    if json, output.isTerminal {
      return ChosenOutput(sink: Printer(TerminalJSONFormat(out, options), flushesEvents: flushes))
    }
    if json {
      let sink = Printer(JSONLinesFormat(out, options), flushesEvents: flushes)
      return ChosenOutput(sink: flushes ? sink : WriteBehind.around(sink))
    }
    let sink = Printer(
      TextFormat(out, style: output.style(color), width: output.width, options), flushesEvents: flushes)
    return ChosenOutput(sink: flushes || output.isTerminal ? sink : WriteBehind.around(sink))
  }
}

extension ColorChoice: ExpressibleByArgument {}
