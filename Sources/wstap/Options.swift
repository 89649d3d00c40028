import ArgumentParser
import SessionTimeline

/// What to read.
struct InputOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The capture; - is standard input.", valueName: "file"))
  var file: String?

  @Option(
    name: [.customShort("r")],
    help: ArgumentHelp("The capture, as tcpdump and tshark name it.", valueName: "file"))
  var readFile: String?

  var path: String { file ?? readFile ?? "-" }
  var isStandardInput: Bool { path == "-" }

  func validate() throws {
    guard file == nil || readFile == nil else {
      throw ValidationError("Two captures were named; name one.")
    }
    guard file != nil || readFile != nil else {
      throw ValidationError(
        "No capture was named; try: wstap capture.pcap, or wstap - to read standard input.")
    }
  }
}

/// How to decode it.
struct DecodingArguments: ParsableArguments {
  @Flag(name: .long, help: "Show every frame too, not only messages.")
  var frames = false

  @Flag(name: .long, help: "Leave compressed messages as they were sent.")
  var noInflate = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Show at most so many bytes of a payload; sizes and checks are not affected.", valueName: "bytes"))
  var maxPayload: Int?

  func validate() throws {
    if let maxPayload, maxPayload < 0 { throw ValidationError("--max-payload takes 0 or more bytes.") }
  }

  func options(defaultPayload: Int) -> AnalysisOptions {
    var options = AnalysisOptions()
    options.decoding.keptPayload = maxPayload ?? defaultPayload
    options.decoding.inflates = !noInflate
    options.decoding.reportsFrames = frames
    return options
  }
}
