import ArgumentParser
import Reports
import SessionTimeline

/// One document for the whole capture.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the conversations of a capture as one document.")

  @OptionGroup var input: InputOptions
  @OptionGroup var decoding: DecodingArguments

  @Option(name: .long, help: "The format: json (docs/json.md).")
  var to: Format

  @Option(name: [.customShort("o"), .long], help: "Where to write; standard output by default.")
  var output: String?

  enum Format: String, CaseIterable, ExpressibleByArgument { case json }

  func run() throws {
    let descriptor = try output.map { try Run.create($0) } ?? StandardOutput.descriptor
    let report = JSONDocumentReport(OutputBuffer(descriptor: descriptor))
    try Run.analyze(input, decoding.options(defaultPayload: 16 << 20), report)
  }
}
