import ArgumentParser
import CaptureInput
import Files
import Glibc
import Output
import Rights

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
  var write: FilePath?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Add the secrets that programs write to this TLS key log (SSLKEYLOGFILE) to the file of -w.",
      valueName: "file"))
  var keylog: FilePath?

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

  @Flag(name: .shortAndLong, help: "Say on standard error which rights were given up.")
  var verbose = false

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
    if write == FilePath("-") {
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

  /// Gives up all rights that capturing needed no longer, and starts the capture. Returns the file for the selected connections,
  /// unless all packets are written.
  private func open(_ live: LiveCapture) throws(CaptureError) -> PacketFile? {
    // Opened before the rights are dropped, because the log may belong to another user.
    let keyLog = try keylog.map { path throws(CaptureError) in try KeyLog(path: path) }
    if let keyLog, !keyLog.isOpen {
      StandardError.print("\(keyLog.path) does not exist yet; waiting for it")
    }
    let output = try outputOfChosenUser(live, keyLog)
    confine(live)
    return start(live, output, keyLog)
  }

  /// Drops the rights of root and of the executable, and creates the output. Files belong to the user that the process becomes, who
  /// therefore has to be allowed to create them. As nobody usually is not, its one file is created before that, and a ring is refused.
  private func outputOfChosenUser(_ live: LiveCapture, _ keyLog: KeyLog?) throws(CaptureError)
    -> CaptureOutput?
  {
    guard Privileges.isRoot else {
      try Privileges.dropCapabilities()
      return try output(of: live, keyLog)
    }
    let user = try Privileges.user(named: relinquish)
    let isNobody = relinquish == nil && user.name == "nobody"
    guard isNobody, write != nil else {
      try Privileges.drop(to: user)
      return try output(as: user, of: live, keyLog)
    }
    guard !fileLimits.isRing else {
      throw CaptureError(
        "user nobody may not create the files of a ring; name a user who may with -Z, or -Z root to stay root"
      )
    }
    let output = try output(of: live, keyLog)
    do throws(CaptureError) {
      try Privileges.drop(to: user)
    } catch {
      output?.withdraw()
      throw error
    }
    return output
  }

  /// Root without capabilities is a user like others, which an error has to say.
  private func output(
    as user: Privileges.User, of live: LiveCapture, _ keyLog: KeyLog?
  ) throws(CaptureError) -> CaptureOutput? {
    do throws(CaptureError) {
      return try output(of: live, keyLog)
    } catch {
      guard user.id == 0 else { throw error }
      throw CaptureError(
        "\(error.description); root keeps no capability, and so needs a folder of its own; without -Z root the file belongs to who called "
          + "sudo")
    }
  }

  /// From here on only the files of -w can be written, and only the key log read, with the counters of the interface.
  private func confine(_ live: LiveCapture) {
    var confinement = Confinement()
    confinement.writable = write.map { Confinement.places(of: $0.bytes) } ?? []
    // libpcap reads what the interface dropped from files.
    confinement.readable = keylog.map { Confinement.folders(of: $0.bytes) } ?? []
    confinement.readable?.append(Array("/sys/devices".utf8))
    confinement.readOnlySocket = live.socket
    let outcome = Privileges.confine(confinement)
    if verbose { StandardError.print(Self.words(for: outcome)) }
  }

  private static func words(for outcome: Confinement.Outcome?) -> String {
    let files =
      outcome?.landlock.map { "protected by Landlock (version \($0))" } ?? "not protected by Landlock"
    let calls = outcome?.filtersSystemCalls == true ? "filtered by seccomp" : "not filtered by seccomp"
    return
      "capturing as user \(geteuid()), without capabilities; files are \(files), system calls are \(calls)"
  }

  private func start(_ live: LiveCapture, _ output: CaptureOutput?, _ keyLog: KeyLog?) -> PacketFile? {
    guard onlyWebsocket, let output else {
      live.start(writingTo: output, keyLog: keyLog)
      return nil
    }
    live.start(writingTo: nil)
    return PacketFile(output, linkType: live.linkType, keyLog: keyLog)
  }

  private func output(of live: LiveCapture, _ keyLog: KeyLog?) throws(CaptureError) -> CaptureOutput? {
    guard let write else { return nil }
    let output = try CaptureOutput(path: write, header: live.header, limits: fileLimits) {
      keyLog?.leads(to: $0) == true ? "the key log" : nil
    }
    // A log that did not exist may have got this name, or have it through a link.
    if let identity = output.identity, keyLog?.leads(to: identity) == true {
      output.withdraw()
      throw CaptureError("\(write) is the key log; name another file for the output")
    }
    return output
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
