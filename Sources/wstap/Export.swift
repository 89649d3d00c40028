import ArgumentParser
import CaptureInput
import Files
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
  var output: FilePath?

  enum Format: String, CaseIterable, ExpressibleByArgument { case json }

  func run() throws {
    try Run.begin(writing: output)
    guard let output else { return try export(to: StandardOutput.descriptor) }
    do {
      let file = try OutputFile(output, .document) {
        input.selection.includes($0) ? "the capture itself" : nil
      }
      do {
        try export(to: file.descriptor)
      } catch let damaged as ExitCode where damaged.rawValue == 1 {
        // What could be read is a whole document.
        try file.close()
        throw damaged
      }
      try file.close()
    } catch let failure as FileFailure {
      StandardError.print(failure.description)
      throw ExitCode(2)
    }
  }

  private func export(to descriptor: Int32) throws {
    let format = JSONDocumentFormat(OutputBuffer(descriptor: descriptor), decoding.display)
    let output = ChosenOutput(sink: WriteBehind.around(Printer(format)))
    try Run.analyze(input, decoding.options(limits), output)
  }
}
