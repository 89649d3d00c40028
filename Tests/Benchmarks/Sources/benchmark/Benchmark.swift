import CommandLineSupport

/// Measures wstap against the floor and tshark, prints one table, and judges it by thresholds.txt.
@main
struct Benchmark {
  private let options: Options
  private let store: CaptureStore
  private let floor: String
  private let inflateFloor: String
  private let deflateFloor: String
  private let hasWstap: Bool
  private var report = Report()
  private var figures: [Figure: Double] = [:]
  private var wrongCounts: [String] = []

  static func main() {
    var benchmark = Benchmark(Options())
    benchmark.run()
  }

  private init(_ options: Options) {
    self.options = options
    let programs = folderOfThisProgram()
    floor = programs + "/pcap-floor"
    inflateFloor = programs + "/inflate-floor"
    deflateFloor = programs + "/deflate-floor"
    store = CaptureStore(
      folder: options.folder, generator: programs + "/generate-captures", makesAllNew: options.makesAllNew)
    hasWstap = isExecutable(options.wstap)
  }

  private mutating func run() {
    let thresholds = Thresholds(path: options.thresholds)
    if !hasWstap {
      say("no program at \(options.wstap) (build it with `swift build -c release`, or --wstap FILE)")
      if options.enforces { fail("nothing to check", status: 2) }
    }
    for kind in options.kinds {
      if hasWstap { checkCounts(kind) }
      if kind.hasPrefix("deflate") {
        compareWithZlib(kind)
        continue
      }
      compareWithFloor(kind)
      if hasWstap { compareContainers(kind) }
      if options.measuresTshark { compareWithTshark(kind) }
      if options.measuresMemory && hasWstap { measureMemory(kind) }
    }

    say("")
    report.show()
    guard hasWstap else { return }
    say("")
    for line in wrongCounts { say("WRONG   \(line)") }
    let areMet = thresholds.judge(figures, kinds: options.kinds)
    if options.enforces && !(areMet && wrongCounts.isEmpty) { fail("benchmark: not all thresholds are met") }
  }

  private mutating func checkCounts(_ kind: String) {
    let capture = store.capture(kind: kind, size: 10_000_000, name: "\(kind)-10M")
    say("\(kind): counting what wstap finds")
    wrongCounts += CountCheck.differences(wstap: options.wstap, capture: capture)
  }

  private mutating func compareWithFloor(_ kind: String) {
    let capture = store.capture(kind: kind, size: options.size, name: kind)
    var contenders = [Contender(name: "pcap-floor", command: [floor, capture.path])]
    if hasWstap { contenders += [quiet(capture), json(capture)] }
    say("\(kind): \(contenders.map(\.name).joined(separator: ", ")) on \(capture.path)")
    let comparison = Comparison(contenders, on: capture, rounds: options.rounds)
    report.add(comparison, reference: 0, times: "floor")
    guard hasWstap else { return }
    note(kind, "quiet-over-floor", comparison.ratio(1, to: 0))
    note(kind, "json-over-floor", comparison.ratio(2, to: 0))
    note(kind, "quiet-peak-mib", comparison.peakMiB(1))
    note(kind, "json-peak-mib", comparison.peakMiB(2))
  }

  /// The same packets in pcap, in pcapng, and packed: pcapng is to cost little more, packing the unpacking only.
  private mutating func compareContainers(_ kind: String) {
    let capture = store.capture(kind: kind, size: options.memorySize, name: "\(kind)-short")
    let other = store.capture(kind: kind, size: options.memorySize, name: "\(kind)-short", isPcapng: true)
    let packed = store.packed(capture)
    let contenders = [
      quiet(capture), Contender(name: "wstap -q, pcapng", command: [options.wstap, "-q", other.path]),
      Contender(name: "wstap -q, gzip", command: [options.wstap, "-q", packed]),
      Contender(name: "inflate-floor", command: [inflateFloor, packed]),
    ]
    say("\(kind): \(contenders.map(\.name).joined(separator: ", ")) on \(capture.path)")
    let comparison = Comparison(contenders, on: capture, rounds: options.rounds)
    report.add(comparison, reference: 0, times: "wstap -q")
    note(kind, "pcapng-over-pcap", comparison.ratio(1, to: 0))
    note(kind, "gzip-over-parts", comparison.ratio(2, toSumOf: [0, 3]))
  }

  /// What inflating adds to a run, against zlib alone on the same bytes.
  private mutating func compareWithZlib(_ kind: String) {
    let capture = store.capture(kind: kind, size: options.tsharkSize, name: kind)
    var contenders = [Contender(name: "deflate-floor", command: [deflateFloor, capture.payloads])]
    if hasWstap {
      contenders += [
        quiet(capture),
        Contender(
          name: "wstap -q --no-inflate", command: [options.wstap, "-q", "--no-inflate", capture.path]),
      ]
    }
    say("\(kind): \(contenders.map(\.name).joined(separator: ", ")) on \(capture.path)")
    // A difference varies more than its parts, and a round takes a second.
    let comparison = Comparison(contenders, on: capture, rounds: options.rounds * 3)
    report.add(comparison, reference: 0, times: "zlib")
    guard hasWstap else { return }
    note(kind, "inflating-over-zlib", comparison.ratio(of: 1, less: 2, to: 0))
  }

  private mutating func compareWithTshark(_ kind: String) {
    let capture = store.capture(kind: kind, size: options.tsharkSize, name: "\(kind)-tshark")
    // Unmasked payloads: text has a field of its own, binary goes to the data dissector.
    let tshark = Contender(
      name: "tshark",
      command: [
        "tshark", "-r", capture.path, "-Y", "websocket", "-T", "fields", "-e", "websocket.payload.text",
        "-e", "data.data",
      ])
    let contenders = hasWstap ? [json(capture), tshark] : [tshark]
    say("\(kind): \(contenders.map(\.name).joined(separator: ", ")) on \(capture.path)")
    let comparison = Comparison(contenders, on: capture, rounds: options.tsharkRounds)
    report.add(comparison, reference: 0, times: "wstap --json")
    if hasWstap { note(kind, "tshark-over-json", comparison.ratio(1, to: 0)) }
  }

  private mutating func measureMemory(_ kind: String) {
    for (suffix, size) in [("short", options.memorySize), ("tenfold", options.memorySize * 10)] {
      let capture = store.capture(kind: kind, size: size, name: "\(kind)-\(suffix)")
      say("\(kind): peak memory on \(capture.path)")
      let comparison = Comparison([quiet(capture), json(capture)], on: capture, rounds: 1, warmUp: false)
      report.add(comparison, reference: 0, times: "wstap -q")
      note(kind, "quiet-peak-mib-\(suffix)", comparison.peakMiB(0))
      note(kind, "json-peak-mib-\(suffix)", comparison.peakMiB(1))
    }
  }

  private func quiet(_ capture: GeneratedCapture) -> Contender {
    Contender(name: "wstap -q", command: [options.wstap, "-q", capture.path])
  }

  private func json(_ capture: GeneratedCapture) -> Contender {
    Contender(name: "wstap --json", command: [options.wstap, "--json", capture.path])
  }

  private mutating func note(_ kind: String, _ name: String, _ value: Double) {
    figures[Figure(kind: kind, name: name)] = value
  }
}
