import Testing

/// Captures that are made to hurt (Tests/Cases/hostile).
@Suite("Hostile captures")
struct HostileCaseTests {
  private static func path(_ name: String) -> String { "Tests/Cases/hostile/\(name)" }

  @Test("A handshake with 258 fields is read, with its message")
  func manyFields() throws {
    let events = try Tool.run(["--json", Self.path("too-many-fields.pcap")]).events()
    #expect(events.first?.object("handshake")?.string("outcome") == "upgraded")
    #expect(events.first { $0.name == "message" }?.string("text") == "hidden handshake")
  }

  @Test(
    "A pcapng block with an impossible length takes nothing but itself",
    arguments: ["name-resolution", "statistics"])
  func blockLength(_ kind: String) throws {
    let outcome = try Tool.run(["--json", Self.path("pcapng-length-\(kind).pcapng")])
    #expect(outcome.status == 1)
    let end = try #require(try outcome.events().last)
    #expect(end.int("packets") == 208)
    #expect(end.strings("damage")?.count == 1)
  }

  @Test("Findings of one handshake are reported 64 times, and then counted")
  func findings() throws {
    let events = try Tool.run(["--json", Self.path("extensions-4000.pcap")]).events()
    let rule = "extension_not_offered"
    #expect(events.count { $0.name == "anomaly" && $0.string("rule") == rule } == 64)
    let close = try #require(events.first { $0.name == "session_close" })
    let unlisted = try #require(close.objects("anomalies_not_listed")?.first)
    #expect(unlisted.string("rule") == rule)
    #expect(unlisted.int("count") == 4000)
  }

  @Test(
    "A secret is hidden wherever it is repeated",
    arguments: [
      ("camel-case", "abc12345"), ("signalr-id", "Zq7Xw2Lm9Kd4Rt8Vb3Nc6H"),
      ("nested-relative", "abc12345secret"), ("reason-echo", "abc12345secret"),
    ])
  func secrets(_ name: String, _ value: String) throws {
    let capture = Self.path("secrets-\(name).pcap")
    for arguments in [[], ["--json"], ["export", "--to", "json"]] {
      let shown = try Tool.run(arguments + [capture])
      #expect(!shown.text.contains(value), "\(arguments)")
      #expect(shown.text.contains("[redacted "), "\(arguments)")
    }
    #expect(try Tool.run(["--show-secrets", capture]).text.contains(value))
  }

  @Test("What only looks like a secret is shown")
  func noSecrets() throws {
    let capture = Self.path("secrets-too-much-ids.pcap")
    let shown = try Tool.run([capture]).text
    #expect(!shown.contains("[redacted"))
    #expect(shown == (try Tool.run(["--show-secrets", capture]).text))
  }

  @Test(
    "A reason cannot draw rows of a timeline, whatever the width is",
    arguments: [20, 40, 79, 80, 81, 120, 200])
  func forgedRows(columns: Int) throws {
    let shown = String(
      decoding: try Terminal.output(of: Tool.executable, [Self.path("wrap-forgery.pcap")], columns: columns),
      as: UTF8.self)
    let lines = shown.split(whereSeparator: \.isNewline)
    // The request, the answer and the verdict: the capture has nothing else of the session.
    #expect(lines.count { $0.contains(/^ *[0-9]+ +(\+[0-9.]+ +)?#1\b/) } == 2)
    #expect(lines.count { $0.hasPrefix("  #1 ") } == 1)
    for line in lines {
      #expect(line.count <= columns, "\(line)")
      #expect(!line.contains("   accept"), "\(line)")
      #expect(!line.contains("✓"), "\(line)")
    }
  }

  @Test("On a terminal --json escapes what turns the direction of text, and elsewhere it is as sent")
  func direction() throws {
    let capture = Self.path("json-bidi.pcap")
    let piped = try Tool.run(["--json", capture]).text
    #expect(piped.unicodeScalars.contains("\u{202E}"))
    let shown = try Tool.shell(
      "python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' \"$wstap\" --json \"$1\"", [capture]
    ).text
    #expect(shown.contains(#"\u202e"#))
    #expect(!shown.unicodeScalars.contains("\u{202E}"))
  }
}
