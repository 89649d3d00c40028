import ArgumentParser
import CaptureInput
import Files

/// What to read.
struct InputOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The captures, read as one in time order: files, pipes, directories; - is standard input.",
      valueName: "file"))
  var files: [FilePath] = []

  @Option(
    name: [.customShort("r")],
    help: ArgumentHelp("The capture, named as in tcpdump and tshark.", valueName: "file"))
  var readFile: FilePath?

  @Flag(name: .long, help: "Wait for more at the end of the file, like tail -f, until Ctrl-C.")
  var followFile = false

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp(
      "Only packets that match this libpcap filter: 'tcp port 8080 and host 10.0.0.1'.",
      valueName: "expression"))
  var filter: String?

  var paths: [FilePath] { readFile.map { [$0] } ?? files }
  /// Whether the input may arrive slowly, while things happen.
  var isLive: Bool { followFile || paths.contains(FilePath("-")) }

  var selection: CaptureSelection {
    var selection = CaptureSelection(paths: paths)
    selection.follows = followFile
    selection.filter = filter
    return selection
  }

  func validate() throws {
    guard files.isEmpty || readFile == nil else {
      throw ValidationError("Captures were given both with -r and without; use one of the two.")
    }
    guard !files.isEmpty || readFile != nil else {
      throw ValidationError(
        "No capture was given; try: wstap capture.pcap, or wstap - to read standard input.")
    }
  }
}
