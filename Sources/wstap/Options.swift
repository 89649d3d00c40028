import ArgumentParser
import CaptureInput
import SessionTimeline
import TCPReassembly

/// What to read.
struct InputOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The captures, read as one in the order of time: files, pipes, directories; - is standard input.",
      valueName: "file"))
  var files: [String] = []

  @Option(
    name: [.customShort("r")],
    help: ArgumentHelp("The capture, as tcpdump and tshark name it.", valueName: "file"))
  var readFile: String?

  @Flag(name: .long, help: "At the end of the file wait for more, as tail -f does; Ctrl-C ends it.")
  var followFile = false

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp(
      "Only packets that this filter lets pass, in libpcap's language: 'tcp port 8080 and host 10.0.0.1'.",
      valueName: "expression"))
  var filter: String?

  var paths: [String] { readFile.map { [$0] } ?? files }
  /// Whether what is read may come as slowly as it happens.
  var isLive: Bool { followFile || paths.contains("-") }

  var selection: CaptureSelection {
    var selection = CaptureSelection(paths: paths)
    selection.follows = followFile
    selection.filter = filter
    return selection
  }

  func validate() throws {
    guard files.isEmpty || readFile == nil else {
      throw ValidationError("Captures were named with -r and without; name them one way.")
    }
    guard !files.isEmpty || readFile != nil else {
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
      "Show at most so many bytes of a payload (k, M, G); sizes and checks are not affected.",
      valueName: "bytes"))
  var maxPayload: ByteCount?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("Only connections with this port; may be repeated.", valueName: "port"))
  var port: [UInt16] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Read what goes to a port as frames, even without a handshake; may be repeated.",
      valueName: "websocket:port"))
  var decodeAs: [ForcedPort] = []

  @Flag(name: .long, help: "Show cookies, credentials and tokens of handshakes instead of [redacted].")
  var showSecrets = false

  @Flag(
    name: .long,
    help: "Show what TCP did: retransmissions, waiting behind holes, zero windows, round trips.")
  var tcp = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Of bytes that were sent twice and differ, the copy that counts: first or last.", valueName: "copy"))
  var overlap = ReassemblyLimits.Overlap.first

  @OptionGroup(title: "Limits")
  var limits: LimitArguments

  func options(defaultPayload: Int) -> AnalysisOptions {
    var options = AnalysisOptions()
    options.hidesSecrets = !showSecrets
    options.decoding.keptPayload = maxPayload?.bytes ?? defaultPayload
    options.decoding.inflates = !noInflate
    options.decoding.reportsFrames = frames
    options.ports.only = Set(port)
    options.reassembly.overlap = overlap
    (options.reportsTransport, options.observesTransport) = (tcp, tcp)
    limits.apply(to: &options)
    options.ports.asWebSocket = Set(decodeAs.map(\.port))
    return options
  }
}

extension ReassemblyLimits.Overlap: ExpressibleByArgument {}

/// `websocket:8080`
struct ForcedPort: ExpressibleByArgument {
  var port: UInt16

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "websocket", let port = UInt16(parts[1]) else { return nil }
    self.port = port
  }
}
