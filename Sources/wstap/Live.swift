import ArgumentParser
import CaptureInput
import Glibc
import Output

/// Shows the conversations on an interface while they happen.
struct Live: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "live", abstract: "Show the conversations on an interface while they happen.",
    discussion: """
      Ctrl-C ends the capture; sessions that are still open and dropped packets are then reported. The key i, or
      SIGUSR1, prints the status. Started as root, it continues as the user who called sudo, or as nobody (-Z).
      """)

  @Option(name: .short, help: ArgumentHelp("The interface, or any for all of them.", valueName: "interface"))
  var interface: String

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp(
      "Only packets that match this libpcap filter.", valueName: "expression"))
  var filter: String?

  @Flag(name: [.customShort("p"), .long], help: "Do not put the interface into promiscuous mode.")
  var noPromiscuous = false

  @Option(
    name: [.customShort("s"), .long],
    help: ArgumentHelp("The most bytes of a packet that are captured.", valueName: "bytes"))
  var snapLength = 262_144

  @Option(
    name: [.customShort("B"), .long],
    help: ArgumentHelp(
      "Size of the kernel's buffer, and of the one between capturing and decoding.", valueName: "MiB"))
  var bufferSize = 64

  @Flag(
    name: .long, help: "Take each packet at once instead of up to 100 ms later; loses packets under load.")
  var immediate = false

  @Option(name: .short, help: ArgumentHelp("Stop after this number of packets.", valueName: "packets"))
  var count: Int?

  @Option(
    name: [.customShort("a"), .long],
    help: ArgumentHelp(
      "Stop after duration:SECONDS, or when the file of -w reaches filesize:KB.", valueName: "condition"))
  var autostop: [Condition] = []

  @Option(
    name: [.customShort("w"), .long],
    help: ArgumentHelp("Also write the packets to this pcapng file.", valueName: "file"))
  var write: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Add the secrets that programs write to this TLS key log (SSLKEYLOGFILE) to the file of -w.",
      valueName: "file"))
  var keylog: String?

  @Flag(
    name: .long,
    help:
      "Write only the connections that turn out to be WebSocket, from their first packet on, to the file of -w."
  )
  var onlyWebsocket = false

  @Option(
    name: [.customShort("b"), .long],
    help: ArgumentHelp(
      "Write a ring of files: start the next one after filesize:KB or duration:SECONDS, and keep files:N.",
      valueName: "condition"))
  var ringBuffer: [Condition] = []

  @Option(
    name: [.customShort("Z"), .long],
    help: ArgumentHelp(
      "Continue as this user once the interface is open; root to stay root.", valueName: "user"))
  var relinquish: String?

  @OptionGroup var decoding: DecodingArguments
  @OptionGroup(title: "Limits") var limits: LimitArguments
  @OptionGroup var reporting: ReportArguments

  /// `duration:10`, `filesize:1000`, `files:5`.
  struct Condition: ExpressibleByArgument {
    let name: String
    let value: Double

    init?(argument: String) {
      let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let value = Double(parts[1]), value > 0, value < 1e12 else { return nil }
      (name, self.value) = (String(parts[0]), value)
    }
  }

  func validate() throws {
    guard snapLength > 0, bufferSize > 0, bufferSize < 2048, count ?? 1 > 0 else {
      throw ValidationError("-s, -B and -c take numbers above 0, and -B must be below 2048.")
    }
    let isWrong: (Condition, [String]) -> Bool = { !$1.contains($0.name) }
    if let wrong = autostop.first(where: { isWrong($0, ["duration", "filesize"]) }) {
      throw ValidationError("-a takes duration: and filesize:, not \(wrong.name):.")
    }
    if let wrong = ringBuffer.first(where: { isWrong($0, ["duration", "filesize", "files"]) }) {
      throw ValidationError("-b takes duration:, filesize: and files:, not \(wrong.name):.")
    }
    if write == nil, !ringBuffer.isEmpty || autostop.contains(where: { $0.name == "filesize" }) {
      throw ValidationError("-b and -a filesize: need -w.")
    }
    if keylog != nil, write == nil {
      throw ValidationError("--keylog needs -w.")
    }
    if write == "-" {
      throw ValidationError("-w needs a file name: standard output is where the conversations are shown.")
    }
    if write != nil, !decoding.redactPayloads.isEmpty {
      throw ValidationError(
        "--redact-payloads cannot hide anything in the packets of -w, which are written as they were sent; use one of them."
      )
    }
    if onlyWebsocket, write == nil {
      throw ValidationError("--only-websocket needs -w.")
    }
    if !ringBuffer.isEmpty, ringBuffer.allSatisfy({ $0.name == "files" }) {
      throw ValidationError("-b files: also needs filesize: or duration:.")
    }
  }

  func run() throws {
    SignalHandling.handleSignals()
    StatusRequest.handleSignal()
    let live: LiveCapture
    let picked: PacketFile?
    do throws(CaptureError) {
      live = try LiveCapture(options)
      picked = try open(live)
    } catch {
      StandardError.print(error.description)
      throw ExitCode(2)
    }
    TerminalKeys.begin()
    defer { finish(live) }
    try Run.analyze(
      live, decoding.options(limits), reporting.output(decoding.display, flushes: true), picked: picked)
  }

  /// Drops root's rights and starts the capture. Files belong to the user that the process becomes, who therefore has to be
  /// allowed to create them. As nobody usually is not, its one file is created before that, and a ring is refused.
  /// Returns the file for the selected connections, unless all packets are written.
  private func open(_ live: LiveCapture) throws(CaptureError) -> PacketFile? {
    // Opened before the rights are dropped, because the log may belong to another user.
    let keyLog = try keylog.map { path throws(CaptureError) in try KeyLog(path: path) }
    if let keyLog, !keyLog.isOpen {
      StandardError.print("\(keyLog.path) does not exist yet; waiting for it")
    }
    guard Privileges.isRoot else { return start(live, try output(), keyLog) }
    let user = try Privileges.user(named: relinquish)
    let isNobody = relinquish == nil && user.name == "nobody"
    guard isNobody, write != nil else {
      try Privileges.drop(to: user)
      return start(live, try output(), keyLog)
    }
    guard !fileLimits.isRing else {
      throw CaptureError(
        "user nobody may not create the files of a ring; name a user who may with -Z, or -Z root to stay root"
      )
    }
    let output = try output()
    try Privileges.drop(to: user)
    return start(live, output, keyLog)
  }

  private func start(_ live: LiveCapture, _ output: CaptureOutput?, _ keyLog: KeyLog?) -> PacketFile? {
    guard onlyWebsocket, let output else {
      live.start(writingTo: output, keyLog: keyLog)
      return nil
    }
    live.start(writingTo: nil)
    return PacketFile(
      output, interface: interface, linkType: live.linkType, snapLength: snapLength, keyLog: keyLog)
  }

  private func output() throws(CaptureError) -> CaptureOutput? {
    try write.map { path throws(CaptureError) in try CaptureOutput(path: path, limits: fileLimits) }
  }

  private func finish(_ live: LiveCapture) {
    live.stop()
    TerminalKeys.end()
    StandardError.print(live.status)
  }

  private var options: LiveOptions {
    var options = LiveOptions(interface: interface)
    options.filter = filter
    options.isPromiscuous = !noPromiscuous
    options.snapLength = snapLength
    options.bufferBytes = bufferSize << 20
    options.isImmediate = immediate
    options.readsKeys = TerminalKeys.areOurs
    options.packets = count.map { UInt64($0) }
    options.seconds = autostop.last { $0.name == "duration" }?.value
    return options
  }

  private var fileLimits: CaptureOutput.Limits {
    var limits = CaptureOutput.Limits()
    limits.totalBytes = autostop.last { $0.name == "filesize" }.map { UInt64($0.value * 1000) }
    limits.fileBytes = ringBuffer.last { $0.name == "filesize" }.map { UInt64($0.value * 1000) }
    limits.fileSeconds = ringBuffer.last { $0.name == "duration" }?.value
    limits.files = ringBuffer.last { $0.name == "files" }.map { Int($0.value) }
    return limits
  }
}
