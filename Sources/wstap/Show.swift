import ArgumentParser
import Output

/// The default command: the timeline, as text, as NDJSON, or as totals.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the conversations of a capture (what wstap does without a command).")

  @OptionGroup var input: InputOptions
  @OptionGroup var decoding: DecodingArguments
  @OptionGroup(title: "Limits") var limits: LimitArguments
  @OptionGroup var reporting: ReportArguments

  func run() throws {
    try Run.begin()
    let flushes = input.followFile || (StandardOutput().isTerminal && input.isLive)
    let output = reporting.output(decoding.display, flushes: flushes)
    try Run.analyze(input, decoding.options(limits), output)
  }
}
