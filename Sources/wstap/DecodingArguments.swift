import ArgumentParser
import Output
import Pipeline
import SessionAnalysis
import TCPReassembly

/// How to decode it.
struct DecodingArguments: ParsableArguments {
  @Flag(name: .long, help: "Show every frame too, not only messages.")
  var frames = false

  @Flag(name: .long, help: "Leave compressed messages as they were sent.")
  var noInflate = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Show at most this many bytes of a payload (k, M, G); sizes and checks are not affected.",
      valueName: "bytes"))
  var maxPayload: ByteCount?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("Only connections with this port; may be repeated.", valueName: "port"))
  var port: [UInt16] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Read connections to this port as frames, even without a handshake; may be repeated.",
      valueName: "websocket:port"))
  var decodeAs: [ForcedPort] = []

  @Flag(name: .long, help: "Show cookies, credentials and tokens of handshakes instead of marks.")
  var showSecrets = false

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Hide the values of JSON members with these names in payloads, for sharing; may be repeated.",
      valueName: "names"))
  var redactPayloads: [String] = []

  @Flag(
    name: .long,
    help: "Show what TCP did: retransmissions, head-of-line blocking, zero windows, round trips.")
  var tcp = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Which copy counts of bytes that were sent twice and differ: first or last.", valueName: "copy"))
  var overlap = ReassemblyLimits.Overlap.first

  func validate() throws {
    guard redactedNames.isEmpty || MemberNames(redactedNames) != nil else {
      throw ValidationError("--redact-payloads takes names with letters or digits, separated by commas.")
    }
    if !redactPayloads.isEmpty, redactedNames.isEmpty {
      throw ValidationError("--redact-payloads takes at least one name.")
    }
  }

  private var redactedNames: [String] {
    redactPayloads.flatMap { $0.split(separator: ",").map { String($0) } }
  }

  /// What to show.
  var display: DisplayOptions {
    var display = DisplayOptions()
    (display.frames, display.payloadBytes, display.transport) = (frames, maxPayload?.bytes, tcp)
    return display
  }

  /// How to analyze, within `limits`. They are not a group within this one because the checks that the parser makes of commands in
  /// debug builds take five times as long with each level.
  func options(_ limits: LimitArguments) -> AnalysisOptions {
    var options = AnalysisOptions()
    options.hidesSecrets = !showSecrets
    options.redactedMembers = MemberNames(redactedNames)
    options.inflates = !noInflate
    options.ports.only = Set(port)
    options.reassembly.overlap = overlap
    limits.apply(to: &options)
    options.ports.asWebSocket = Set(decodeAs.map(\.port))
    return options
  }
}

extension ReassemblyLimits.Overlap: ExpressibleByArgument {}
