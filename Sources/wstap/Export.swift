import ArgumentParser
import Output

/// One document for the whole capture.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the conversations of a capture as one document.")

  @OptionGroup var input: InputOptions
  @OptionGroup var decoding: DecodingArguments
  @OptionGroup(title: "Limits") var limits: LimitArguments

  @Option(name: .long, help: "The format: json (docs/json.md).")
  var to: Format

  @Option(name: [.customShort("o"), .long], help: "The output file; standard output by default.")
  var output: String?

  enum Format: String, CaseIterable, ExpressibleByArgument { case json }

  func run() throws {
    try Run.begin(writing: output)
    guard let output else { return try export(to: StandardOutput.descriptor) }
    try OutputFile.create(output, insteadOf: input.paths) { try export(to: $0) }
  }

  private func export(to descriptor: Int32) throws {
    let format = JSONDocumentFormat(OutputBuffer(descriptor: descriptor), decoding.display)
    let output = ChosenOutput(sink: WriteBehind.around(Printer(format)))
    try Run.analyze(input, decoding.options(limits), output)
  }
}
