import Foundation
import Testing

/// Arguments that cannot be used, each with the first line on standard error.
@Suite("Refusals")
struct RefusalTests {
  /// A refusal, with status 2, no output and these words after `wstap: `.
  struct Refusal: Sendable {
    var arguments: [String]
    var words: String

    init(_ arguments: String..., says words: String) { (self.arguments, self.words) = (arguments, words) }
  }

  private static let noCapture =
    "No capture was given; try: wstap capture.pcap, or wstap - to read standard input."
  private static let numbers = "-s, -B and -c take numbers above 0, and -B must be below 2048."
  private static let aboutTheFile = "-b and -a filesize: need -w."
  private static let noDirectory = "No such file or directory"

  /// In a folder with the captures `one` and `two` and an empty folder `empty`.
  static let show = [
    Refusal(says: noCapture),
    Refusal("show", says: noCapture),
    Refusal("export", "--to", "json", says: noCapture),
    Refusal("one", "-r", "one", says: "Captures were given both with -r and without; use one of the two."),
    Refusal("-r", says: "Missing value for '-r <file>'"),
    Refusal("--no-such", "one", says: "Unknown option '--no-such'"),
    Refusal("-q", "--json", "one", says: "-q and --json cannot be combined; use one of them."),
    Refusal("one", "--max-payload", says: "Missing value for '--max-payload <bytes>'"),
    Refusal(
      "--color", "blue", "one",
      says:
        "The value 'blue' is invalid for '--color <when>'. Please provide one of 'auto', 'always' or 'never'."
    ),
    Refusal(
      "--overlap", "middle", "one",
      says: "The value 'middle' is invalid for '--overlap <copy>'. Please provide one of 'first' and 'last'."),
    Refusal("missing", says: "cannot open missing: \(noDirectory)"),
    Refusal("empty", says: "empty is a directory without files"),
    Refusal("--follow-file", "empty", says: "empty is a directory without files"),
    Refusal("--follow-file", "one", "two", says: "only one file can be followed, and 2 were named"),
    Refusal(
      "-f", "tcp prot", "one",
      says: "the filter 'tcp prot' cannot be used: can't parse filter expression: syntax error"),
    Refusal(
      "--filter", "tcp prot", "one",
      says: "the filter 'tcp prot' cannot be used: can't parse filter expression: syntax error"),
    Refusal("--max-connections", "0", "one", says: "--max-connections takes 1 to 16777216."),
    Refusal("--max-connections", "16777217", "one", says: "--max-connections takes 1 to 16777216."),
    Refusal("--idle-timeout", "0.0009", "one", says: "--idle-timeout takes 0.001 to 1e9 seconds."),
    Refusal("--idle-timeout", "1.1e9", "one", says: "--idle-timeout takes 0.001 to 1e9 seconds."),
    Refusal("--idle-timeout", "nan", "one", says: "--idle-timeout takes 0.001 to 1e9 seconds."),
    Refusal("export", "one", says: "Missing expected argument '--to <to>'"),
    Refusal(
      "export", "--to", "har", "one",
      says: "The value 'har' is invalid for '--to <to>'. Please provide one of 'json'."),
    Refusal("export", "--to", "json", "-q", "one", says: "Unknown option '-q'"),
    Refusal(
      "export", "--to", "json", "-o", "one", "one",
      says: "one is the capture itself; name another file for the output"),
    Refusal(
      "export", "--to", "json", "-o", "one", "two", "one",
      says: "one is the capture itself; name another file for the output"),
    Refusal(
      "export", "--to", "json", "-o", "no/such", "one", says: "cannot write no/such: \(noDirectory)"),
    Refusal("export", "--to", "json", "-o", "empty", "one", says: "empty is a directory; name a file in it"),
    Refusal("rules", "x", says: "Unexpected argument 'x'"),
    Refusal("interfaces", "x", says: "Unexpected argument 'x'"),
  ]

  /// Values of the wrong kind, by the option's name as its refusal has it.
  static let values: [(option: String, values: [String])] = [
    ("--port <port>", ["65536", "x", "-1", "80.0"]),
    (
      "--decode-as <websocket:port>",
      ["http:80", "websocket:x", "websocket", "websocket:65536", "websocket:1:2"]
    ),
    ("--max-payload <bytes>", ["-1", "many", "1T", "1025G", "1099511627777", "k", "1 k"]),
    ("--max-connections <number>", ["x", "1k"]),
    ("--max-waiting <bytes>", ["-1", "ten", "9999999999999G"]),
    ("--max-waiting-in-all <bytes>", ["-1", "k"]),
    ("--max-pick-up <bytes>", ["-1", "k"]),
    ("--max-inflated <bytes>", ["-1", "9999999G"]),
    ("--idle-timeout <seconds>", ["x"]),
  ]

  /// What `live` refuses before it opens an interface: nobody needs a right for that.
  static let live = [
    Refusal("live", says: "Missing expected argument '-i <interface>'"),
    Refusal("live", "-i", says: "Missing value for '-i <interface>'"),
    Refusal("live", "-i", "lo", "one", says: "Unexpected argument 'one'"),
    Refusal("live", "-i", "lo", "-q", "--json", says: "-q and --json cannot be combined; use one of them."),
    Refusal("live", "-i", "lo", "-a", "files:3", says: "-a takes duration: and filesize:, not files:."),
    Refusal(
      "live", "-i", "lo", "-b", "size:3", "-w", "x",
      says: "-b takes duration:, filesize: and files:, not size:."),
    Refusal("live", "-i", "lo", "-b", "filesize:3", says: aboutTheFile),
    Refusal("live", "-i", "lo", "-a", "filesize:3", says: aboutTheFile),
    Refusal(
      "live", "-i", "lo", "-w", "x", "-b", "files:3",
      says: "-b files: also needs filesize: or duration:."),
    Refusal(
      "live", "-i", "lo", "-w", "-",
      says: "-w needs a file name: standard output is where the conversations are shown."),
    Refusal("live", "-i", "lo", "--keylog", "x", says: "--keylog needs -w."),
    Refusal(
      "live", "-i", "lo", "--only-websocket", says: "--only-websocket needs -w."),
    Refusal("live", "-i", "lo", "-s", "0", says: numbers),
    Refusal("live", "-i", "lo", "-c", "0", says: numbers),
    Refusal("live", "-i", "lo", "-B", "0", says: numbers),
    Refusal("live", "-i", "lo", "-B", "2048", says: numbers),
    Refusal("live", "-i", "lo", "-s", "x", says: "The value 'x' is invalid for '-s <bytes>'"),
    Refusal(
      "live", "-i", "lo", "-a", "duration", says: "The value 'duration' is invalid for '-a <condition>'"),
    Refusal(
      "live", "-i", "lo", "-a", "duration:0", says: "The value 'duration:0' is invalid for '-a <condition>'"),
    Refusal(
      "live", "-i", "lo", "-a", "duration:1e12",
      says: "The value 'duration:1e12' is invalid for '-a <condition>'"),
    Refusal(
      "live", "-i", "lo", "-b", "filesize:1:2", "-w", "x",
      says: "The value 'filesize:1:2' is invalid for '-b <condition>'"),
  ]

  @Test("Each ends with status 2, its words first, and nothing on standard output")
  func refusals() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let capture = Array(try Data(contentsOf: Story(name: "chat").file("capture.pcap")))
    _ = try (folder.write(capture, "one"), folder.write(capture, "two"))
    try FileManager.default.createDirectory(at: folder.file("empty"), withIntermediateDirectories: false)
    let wrongValues = Self.values.flatMap { option, values in
      values.map { value in
        // With an equals sign, as a value that begins with a minus has to be given.
        Refusal(
          "\(option.prefix { $0 != " " })=\(value)", "one",
          says: "The value '\(value)' is invalid for '\(option)'")
      }
    }
    for refusal in Self.show + wrongValues + Self.live {
      let outcome = try Tool.shell(
        "cd \"$1\"; shift; exec \"$wstap\" \"$@\"", [folder.url.path] + refusal.arguments)
      #expect(outcome.status == 2, "\(refusal.arguments)")
      #expect(outcome.errorLines.first.map(String.init) == "wstap: \(refusal.words)", "\(refusal.arguments)")
      #expect(outcome.output.isEmpty, "\(refusal.arguments)")
    }
    for name in ["one", "two"] {
      #expect(Array(try Data(contentsOf: folder.file(name))) == capture, "\(name) has changed")
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == [
        "empty", "one", "two",
      ])
  }

  @Test("The largest and smallest values that are allowed are taken")
  func allowed() throws {
    for arguments in [
      ["--max-connections", "1"], ["--max-connections", "16777216"], ["--idle-timeout", "0.001"],
      ["--idle-timeout", "1e9"], ["--port", "65535", "--port", "0"], ["--decode-as", "websocket:65535"],
      ["--max-payload", "1024G"], ["--max-payload", "1099511627776"], ["--max-payload", "0"],
      ["--max-waiting", "0"],
      ["--max-inflated", "1M"], ["--max-pick-up", "1K"],
    ] {
      #expect(try Tool.run(arguments + [Story(name: "chat").capture]).status == 0, "\(arguments)")
    }
  }
}
