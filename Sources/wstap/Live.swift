import ArgumentParser
import CaptureInput
import Glibc
import Output
import SessionTimeline

/// The timeline as it happens.
struct Live: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "live", abstract: "Show the conversations on an interface as they happen.",
    discussion: """
      Ctrl-C ends it in order: sessions that are still open are reported, and what was dropped. The key i, or
      SIGUSR1, prints how it goes. Opened as root, it goes on as the user who called sudo, or as nobody (-Z).
      """)

  @Option(name: .short, help: ArgumentHelp("The interface; any for all of them.", valueName: "interface"))
  var interface: String

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp(
      "Only packets that this filter lets pass, in libpcap's language.", valueName: "expression"))
  var filter: String?

  @Flag(name: [.customShort("p"), .long], help: "Leave the interface out of promiscuous mode.")
  var noPromiscuous = false

  @Option(
    name: [.customShort("s"), .long],
    help: ArgumentHelp("Bytes of a packet that are kept.", valueName: "bytes"))
  var snapLength = 262_144

  @Option(
    name: [.customShort("B"), .long],
    help: ArgumentHelp(
      "MiB of the kernel's buffer, and of the one before decoding.", valueName: "MiB"))
  var bufferSize = 64

  @Flag(name: .long, help: "Take each packet at once, not up to 100 ms later; loses packets under load.")
  var immediate = false

  @Option(name: .short, help: ArgumentHelp("End after so many packets.", valueName: "packets"))
  var count: Int?

  @Option(
    name: [.customShort("a"), .long],
    help: ArgumentHelp("End after duration:SECONDS or filesize:KB of -w.", valueName: "condition"))
  var autostop: [Condition] = []

  @Option(
    name: [.customShort("w"), .long],
    help: ArgumentHelp("Write the packets to a pcapng file, too.", valueName: "file"))
  var write: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the secrets that programs put into this TLS key log (SSLKEYLOGFILE) into the file of -w.",
      valueName: "file"))
  var keylog: String?

  @Flag(
    name: .long,
    help: "Write only the connections that turn out to be WebSocket, from their first packet on.")
  var onlyWebsocket = false

  @Option(
    name: [.customShort("b"), .long],
    help: ArgumentHelp(
      "Make it a ring: the next file after filesize:KB or duration:SECONDS, of files:N that are kept.",
      valueName: "condition"))
  var ringBuffer: [Condition] = []

  @Option(
    name: [.customShort("Z"), .long],
    help: ArgumentHelp("Go on as this user once the interface is open; root stays root.", valueName: "user"))
  var relinquish: String?

  @OptionGroup var decoding: DecodingArguments
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
      throw ValidationError("-s, -B and -c take numbers above 0, and -B less than 2048.")
    }
    let isWrong: (Condition, [String]) -> Bool = { !$1.contains($0.name) }
    if let wrong = autostop.first(where: { isWrong($0, ["duration", "filesize"]) }) {
      throw ValidationError("-a takes duration: and filesize:, not \(wrong.name):.")
    }
    if let wrong = ringBuffer.first(where: { isWrong($0, ["duration", "filesize", "files"]) }) {
      throw ValidationError("-b takes duration:, filesize: and files:, not \(wrong.name):.")
    }
    if write == nil, !ringBuffer.isEmpty || autostop.contains(where: { $0.name == "filesize" }) {
      throw ValidationError("-b and -a filesize: are about the file that -w names.")
    }
    if keylog != nil, write == nil {
      throw ValidationError("--keylog is about the file that -w names.")
    }
    if write == "-" {
      throw ValidationError("-w takes a file: standard output is where the conversations are shown.")
    }
    if onlyWebsocket, write == nil {
      throw ValidationError("--only-websocket is about the file that -w names.")
    }
    if !ringBuffer.isEmpty, ringBuffer.allSatisfy({ $0.name == "files" }) {
      throw ValidationError("-b files: needs filesize: or duration: beside it.")
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
      Run.complain(error.description)
      throw ExitCode(2)
    }
    TerminalKeys.begin()
    defer { finish(live) }
    try reporting.run(decoding, flushes: true) { options, report in
      try Run.analyze(live, options, report, picked: picked)
    }
  }

  /// Gives up root's rights and begins. Files belong to the user that the process becomes, if it may create them:
  /// nobody mostly may not, so its one file is created before, and its ring is not possible.
  /// Returns the file for what is picked, if not everything is written.
  private func open(_ live: LiveCapture) throws(CaptureError) -> PacketFile? {
    // Before the rights are given up: the log may be another user's.
    let keyLog = try keylog.map { path throws(CaptureError) in try KeyLog(path: path) }
    if let keyLog, !keyLog.isOpen { Run.complain("\(keyLog.path) is not there yet; it is waited for") }
    guard Privileges.isRoot else { return start(live, try output(), keyLog) }
    let user = try Privileges.user(named: relinquish)
    let isNobody = relinquish == nil && user.name == "nobody"
    guard isNobody, write != nil else {
      try Privileges.drop(to: user)
      return start(live, try output(), keyLog)
    }
    guard !limits.isRing else {
      throw CaptureError(
        "user nobody may not create the files of a ring; name a user that may with -Z, or -Z root to stay root"
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
    try write.map { path throws(CaptureError) in try CaptureOutput(path: path, limits: limits) }
  }

  private func finish(_ live: LiveCapture) {
    live.stop()
    TerminalKeys.end()
    Run.complain(live.status)
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

  private var limits: CaptureOutput.Limits {
    var limits = CaptureOutput.Limits()
    limits.totalBytes = autostop.last { $0.name == "filesize" }.map { UInt64($0.value * 1000) }
    limits.fileBytes = ringBuffer.last { $0.name == "filesize" }.map { UInt64($0.value * 1000) }
    limits.fileSeconds = ringBuffer.last { $0.name == "duration" }?.value
    limits.files = ringBuffer.last { $0.name == "files" }.map { Int($0.value) }
    return limits
  }
}

/// What `live -i` takes.
struct Interfaces: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interfaces", abstract: "List the interfaces that can be captured, with addresses and state."
  )

  func run() throws {
    let interfaces: [LiveInterface]
    do {
      interfaces = try LiveInterface.all()
    } catch {
      Run.complain(error.description)
      throw ExitCode(2)
    }
    var out = OutputBuffer(descriptor: StandardOutput.descriptor)
    let width = interfaces.map(\.name.count).max() ?? 0
    for interface in interfaces {
      out.append(terminal: interface.name)
      out.append(utf8: String(repeating: " ", count: width - interface.name.count + 2))
      out.append(utf8: interface.state.joined(separator: ", "))
      if !interface.addresses.isEmpty {
        out.append(utf8: "   " + interface.addresses.joined(separator: ", "))
      }
      if let description = interface.description {
        out.append("   ")
        out.append(terminal: description)
      }
      out.append("\n")
    }
    out.flush()
    if interfaces.isEmpty {
      Run.complain("no interface can be captured; run it with sudo to see those that need rights")
    }
  }
}
