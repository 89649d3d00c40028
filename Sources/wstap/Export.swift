import ArgumentParser
import CaptureInput
import Files
import Output
import WireBytes

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
    guard let output else {
      do { return try export(to: StandardOutput.descriptor) } catch let end as EarlyEnd { throw end.status }
    }
    do {
      let file = try OutputFile(output, .document) {
        input.selection.includes($0) ? "the capture itself" : nil
      }
      do {
        try export(to: file.descriptor)
      } catch let end as EarlyEnd {
        // What could be read is a whole document.
        try file.close()
        throw end.status
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
    do {
      try Run.analyze(input, decoding.options(limits), output)
    } catch let status as ExitCode {
      guard output.sink.failure == nil, status.rawValue == 1 || MemoryShortage.isPresent else { throw status }
      throw EarlyEnd(status: status)
    }
  }

  /// The capture could not be read to its end, and the document tells of what was read.
  private struct EarlyEnd: Error {
    let status: ExitCode
  }
}
