import Foundation
import TestSupport
import Testing
import WireBytes

@Suite("Inputs that cannot be used")
struct UnusableInputTests {
  /// What a path may name, and what the one line on standard error says of it.
  enum Input: String, CaseIterable {
    case missing, empty, directory, text, cutFileHeader, cutMagic, gzip, unreadableLinkType

    var bytes: [UInt8]? {
      switch self {
      case .missing, .directory: nil
      case .empty: []
      case .text: Array("GET / HTTP/1.1\r\nHost: not.a.capture.example\r\n\r\n".utf8)
      case .cutFileHeader: Array(CaptureBuilder().file.prefix(17))
      case .cutMagic: [0xd4, 0xc3, 0xb2]
      case .gzip: [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
      // LINKTYPE_USB_LINUX.
      case .unreadableLinkType: CaptureBuilder(linkType: 189).file
      }
    }

    var words: String {
      switch self {
      case .missing: "No such file"
      case .empty: "is empty"
      case .directory: "is a directory without files"
      case .text: "unknown file format"
      case .cutFileHeader: "its file header: 17 of 24 bytes"
      case .cutMagic: "3 of 4 bytes"
      case .gzip: "its gzip data ends too early"
      case .unreadableLinkType: "189"
      }
    }
  }

  @Test("End with status 2 and one line that names the file", arguments: Input.allCases)
  func unusable(_ input: Input) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let file = folder.file("input.pcap")
    if let bytes = input.bytes { try Data(bytes).write(to: file) }
    if input == .directory {
      try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    }
    for flags in [[], ["--json"], ["-q"], ["export", "--to", "json"]] {
      let outcome = try Tool.run(flags + [file.path])
      #expect(outcome.status == 2)
      #expect(!outcome.wasKilled)
      #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.hasPrefix("wstap: "))
      #expect(outcome.errors.contains(file.path))
      #expect(outcome.errors.contains(input.words), "\(outcome.errors)")
      #expect(outcome.text == "", "nothing was read: nothing is said on standard output")
    }
  }

  @Test("An unsupported link type is named, not only numbered")
  func linkType() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(CaptureBuilder(linkType: 189).file)
    #expect(try Tool.run([path]).errors.contains("USB_LINUX"))
  }

  @Test(
    "Standard input is named as such",
    arguments: [([], "is empty"), (Array("hello, world, no capture".utf8), "unknown file format")])
  func standardInput(_ bytes: [UInt8], _ words: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    _ = try folder.write(bytes, "input")
    let outcome = try Tool.run(["-"], input: folder.file("input"))
    #expect(outcome.status == 2)
    #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("wstap: standard input "), "\(outcome.errors)")
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test("An output file stays as it was when the input cannot be used", arguments: ["missing.pcap", "-"])
  func outputFile(_ input: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let output = try folder.write(Array("precious".utf8), "output.json")
    let outcome = try Tool.run(["export", "--to", "json", "-o", output, input])
    #expect(outcome.status == 2)
    let left = try String(contentsOfFile: output, encoding: .utf8)
    #expect(left == "precious")
  }

  @Test("A capture is not overwritten by its own export")
  func ownExport() throws {
    let capture = Array(try Data(contentsOf: Story(name: "chat").file("capture.pcap")))
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(capture)
    let outcome = try Tool.run(["export", "--to", "json", "-o", path, path])
    #expect(outcome.status == 2)
    let left = Array(try Data(contentsOf: URL(filePath: path)))
    #expect(left == capture)
  }

  @Test("A file name that holds an escape sequence does not reach the terminal")
  func fileName() throws {
    let outcome = try Tool.run(["missing\u{1B}[31m.pcap"])
    #expect(outcome.status == 2)
    #expect(!outcome.errors.contains("\u{1B}"))
  }
}

@Suite("Captures that end too early")
struct CutCaptureTests {
  static let story = Story(name: "chat")

  @Test("What stands before is reported, packet and byte are named, status 1", arguments: [1, 15, 16, 40])
  func cut(kept: Int) throws {
    let file = Array(try Data(contentsOf: Self.story.file("capture.pcap")))
    // The client's Close is packet 31: cut `kept` bytes behind the start of its record.
    let starts = recordStarts(file)
    let cut = starts[30] + kept
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(Array(file[..<cut]))

    for flags in [["--json"], []] {
      let outcome = try Tool.run(flags + [path])
      #expect(outcome.status == 1)
      #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains("packet 30"), "\(outcome.errors)")
      #expect(outcome.errors.contains("byte offset"), "\(outcome.errors)")
    }
    let events = try Tool.run(["--json", path]).events()
    #expect(events.named("message").count == 15)
    #expect(events.last?.int("packets") == 30)
    #expect(events.last?.strings("damage")?.count == 1)
    #expect(events.named("session_close").first?.string("how") == "capture_end")
  }

  @Test(
    "Behind damage in a file reading goes on; what is lost is a gap, and the status is 1",
    arguments: ["pcap", "pcap.gz"])
  func damaged(kind: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let story = Story(name: "chat")
    var bytes = Array(try Data(contentsOf: story.file("capture.pcap")))
    let whole = try Tool.run(["--json", story.capture]).events()
    let message = try #require(whole.named("message").first)
    let packet = try #require(message.int("first_packet"))
    var offset = 24
    for _ in 1..<packet { offset += 16 + Int(bytes[offset + 8]) + Int(bytes[offset + 9]) << 8 }
    for place in offset..<offset + 16 { bytes[place] = 0xff }
    var path = try folder.write(bytes)
    if kind == "pcap.gz" {
      #expect(try Tool.shell("gzip \"$1\"", [path]).status == 0)
      path += ".gz"
    }
    let outcome = try Tool.run(["--json", path])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("is damaged after packet \(packet - 1), byte offset \(offset)"),
      "\(outcome.errors)")
    #expect(outcome.errors.contains("(inferred)"))
    let events = try outcome.events()
    #expect(events.named("gap").count == 1)
    let others = whole.named("message").dropFirst().compactMap { $0.string("text") }
    // What waits for the hole comes later.
    #expect(events.named("message").compactMap { $0.string("text") }.sorted() == others.sorted())
    #expect(events.last?.strings("damage")?.count == 1)
  }

  @Test("A capture that is cut on standard input is reported like a file")
  func standardInput() throws {
    let file = Array(try Data(contentsOf: Self.story.file("capture.pcap")))
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let cut = recordStarts(file)[30] + 40
    let path = try folder.write(Array(file[..<cut]))
    let direct = try Tool.run([path])
    // From a file, and from a pipe.
    for piped in [
      try Tool.run(["-"], input: folder.file("capture.pcap")),
      try Tool.shell("cat \"$1\" | \"$wstap\" -", [path]),
    ] {
      #expect(piped.status == 1)
      #expect(piped.output == direct.output)
      #expect(piped.errors == direct.errors.replacing(path, with: "standard input"))
    }
  }

  @Test("The byte offset is where the packet that is cut begins", arguments: [1, 15, 16, 40])
  func offset(kept: Int) throws {
    let file = Array(try Data(contentsOf: Self.story.file("capture.pcap")))
    let start = recordStarts(file)[30]
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(Array(file[..<(start + kept)]))
    let errors = try Tool.run([path]).errors
    let offset = try #require(errors.firstMatch(of: /byte offset (\d+)/)?.output.1)
    #expect((start...(start + kept)).contains(try #require(Int(offset))), "\(errors)")
  }

  private func recordStarts(_ file: [UInt8]) -> [Int] {
    var starts: [Int] = []
    var offset = 24
    while offset < file.count {
      starts.append(offset)
      offset += 16 + Int(file[offset + 8]) + Int(file[offset + 9]) << 8
    }
    return starts
  }
}

@Suite("Arguments")
struct ArgumentTests {
  static let unusable: [[String]] = [
    [], ["--no-such-option", "x"], ["one.pcap", "two.pcap"], ["--follow-file", "Package.swift", "README.md"],
    ["one.pcap", "-r", "two.pcap"],
    ["-q", "--json", "x"], ["--max-payload", "-1", "x"], ["--max-payload", "many", "x"],
    ["--color", "blue", "x"],
    ["export", "x"], ["export", "--to", "har2", "x"], ["export", "--to", "json"],
  ]

  @Test("Wrong ones end with status 2 and words on standard error", arguments: unusable)
  func wrong(_ arguments: [String]) throws {
    let outcome = try Tool.run(arguments)
    #expect(outcome.status == 2)
    #expect(!outcome.errors.isEmpty)
    #expect(outcome.text == "")
  }

  @Test(
    "Help and version are answers, not errors",
    arguments: [["--help"], ["--version"], ["export", "--help"]])
  func answers(_ arguments: [String]) throws {
    let outcome = try Tool.run(arguments)
    #expect(outcome.status == 0)
    #expect(!outcome.text.isEmpty)
    #expect(outcome.errors == "")
  }

  @Test(
    "A capture may be named by -r, with show, or come from standard input",
    arguments: [["-r"], ["show"], []])
  func names(_ before: [String]) throws {
    let story = Story(name: "chat")
    let expected = try Tool.run([story.capture])
    let path = before.isEmpty ? "-" : story.capture
    let outcome = try Tool.run(before + [path], input: story.file("capture.pcap"))
    #expect(outcome.status == 0)
    #expect(outcome.output == expected.output)
  }

  @Test("Totals agree with the events", arguments: Story.all)
  func quiet(_ story: Story) throws {
    let outcome = try Tool.run(["-q", story.capture])
    #expect(outcome.status == 0)
    let end = try #require(try story.events().last)
    #expect(outcome.text.contains("\(end.int("packets") ?? -1) packet"), "\(outcome.text)")
  }
}

@Suite("Outputs that end early")
struct OutputTests {
  @Test(
    "A reader that goes away ends the run quietly, with status 0",
    arguments: ["", "--json", "export --to json"])
  func closedPipe(_ flags: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(Self.longCapture)
    // Far more than a pipe holds: the tool is still writing when head has gone.
    let outcome = try Tool.shell(
      "{ \"$wstap\" \(flags) \"$1\"; echo \"status $?\" >&2; } | head -n 1", [path])
    #expect(outcome.errors == "status 0\n")
    #expect(outcome.lines.count == 1)
  }

  @Test(
    "A full device ends the run with status 2 and one line",
    arguments: [[], ["--json"], ["-q"], ["export", "--to", "json"]])
  func fullDevice(_ flags: [String]) throws {
    let outcome = try Tool.shell("\"$wstap\" \"$@\" > /dev/full", flags + [Story(name: "chat").capture])
    #expect(outcome.status == 2)
    #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("No space left on device"), "\(outcome.errors)")
  }

  @Test("A full device that an export is written to does the same, and stays what it is")
  func fullDeviceAsFile() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    // By a name of its own: whatever becomes of that name, the machine's device is safe from it.
    let device = folder.file("full").path
    try FileManager.default.createSymbolicLink(atPath: device, withDestinationPath: "/dev/full")
    let outcome = try Tool.run(["export", "--to", "json", "-o", device, Story(name: "chat").capture])
    #expect(outcome.status == 2)
    #expect(outcome.errors == "wstap: the output could not be written: No space left on device\n")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: device) == "/dev/full")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["full"])
  }

  @Test("A closed standard output ends the run with status 2 and one line", arguments: [[], ["--json"]])
  func closed(_ flags: [String]) throws {
    let outcome = try Tool.shell("\"$wstap\" \"$@\" >&-", flags + [Story(name: "chat").capture])
    #expect(outcome.status == 2)
    #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
  }

  /// 400 messages of 4,000 bytes.
  private static let longCapture: [UInt8] = {
    var tcp = TCPConversation()
    tcp.handshake()
    tcp.send(from: .client, upgradeRequest().utf8)
    tcp.send(from: .server, upgradeResponse().utf8)
    for number in 0..<400 {
      let text = [UInt8](repeating: UInt8(97 + number % 26), count: 4000)
      tcp.send(from: .server, [0x81, 126, 0x0f, 0xa0] + text, segmentSize: 60_000)
    }
    tcp.close()
    return tcp.packets.pcap()
  }()
}

@Suite("Kinds of pcap")
struct FileKindTests {
  @Test(
    "Both byte orders and both resolutions of time have the same events",
    arguments: [(false, false), (false, true), (true, false), (true, true)])
  func variants(bigEndian: Bool, nanoseconds: Bool) throws {
    #expect(
      try lines(CaptureBuilder(nanoseconds: nanoseconds, bigEndian: bigEndian), .ethernet)
        == (try lines(CaptureBuilder(), .ethernet)))
  }

  @Test("Every supported link type has the same events", arguments: TestLink.allCases)
  func links(_ link: TestLink) throws {
    #expect(
      try lines(CaptureBuilder(linkType: link.linkType()), link) == (try lines(CaptureBuilder(), .ethernet)))
  }

  /// What the tool says of a small conversation, without the sizes of packets.
  private func lines(_ builder: CaptureBuilder, _ link: TestLink) throws -> [String] {
    var tcp = TCPConversation(link: link)
    tcp.handshake()
    tcp.send(from: .client, upgradeRequest().utf8)
    tcp.send(from: .server, upgradeResponse().utf8)
    tcp.send(from: .client, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
    tcp.send(from: .server, [0x81, 0x05] + "Hello".utf8, segmentSize: 3)
    tcp.close()
    var capture = builder
    capture.add(tcp.packets)
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try Tool.run(["--json", "--frames", try folder.write(capture.file)])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let events = try outcome.events()
    #expect(events.named("message").count == 2)
    return events.map { ($0.name == "capture_end" ? $0.without("bytes") : $0).canonical }
  }

  @Test(
    "On a terminal a long reading says how far it is, and takes that away again",
    .enabled(if: (try? Tool.shell("command -v python3").status == 0) == true))
  func progress() async throws {
    let outcome = try await Tool.waitingShell(
      "timeout 200 python3 \"$1\" \"$wstap\" progress \"$2\"",
      [
        Tool.packageRoot.appending(path: "Tests/Live/terminal.py").path,
        Tool.packageRoot.appending(path: "samples/deflate/capture.pcap").path,
      ])
    #expect(outcome.status == 0, "\(outcome.text) \(outcome.errors)")
  }
}
