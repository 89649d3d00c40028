import Foundation
import TestSupport
import Testing
import WireBytes

/// What options change in JSON, and when lines and colours are written.
@Suite("Options and JSON")
struct JSONOptionTests {
  /// The events of a capture, as lines and from the document, which must agree.
  private func events(_ capture: OptionCapture, _ options: String...) throws -> [Event] {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(capture.packets.pcap())
    let lines = try Tool.run(["--json"] + options + [path]).events()
    // The document observes what TCP did in any case; lines do, too.
    let document = try Event(line: Tool.run(["export", "--to", "json"] + options + [path]).text)
    let inside = (document.objects("sessions") ?? []).flatMap { $0.objects("events") ?? [] }
    let between = lines.filter {
      !["session_open", "session_close", "capture_end"].contains($0.name)
    }
    #expect(Set(inside.map(\.canonical)) == Set(between.map(\.canonical)), "\(options)")
    #expect(inside.count == between.count, "\(options)")
    return lines
  }

  @Test func payloadsAreShortenedAndSizesAreNot() throws {
    let messages = try events(.talk, "--max-payload", "3").named("message")
    #expect(messages.map { $0.string("text") } == ["Hel", "The"])
    #expect(messages.map { $0.int("shown_bytes") } == [3, 3])
    #expect(messages.map { $0.int("bytes") } == [5, 19])
    let whole = try events(.talk).named("message")
    #expect(whole.map { $0.string("text") } == ["Hello", "The quick brown fox"])
    #expect(whole.allSatisfy { $0.int("shown_bytes") == nil })
  }

  @Test func framesAreShownWhenAsked() throws {
    #expect(try events(.talk).named("frame").isEmpty)
    let all = try events(.talk, "--frames")
    #expect(all.named("frame").map { $0.int("opcode") } == [1, 1, 9, 10, 8, 8])
    #expect(
      all.filter { $0.name != "frame" }.map(\.canonical) == (try events(.talk)).map(\.canonical))
  }

  @Test func messagesStayAsTheyWereSent() throws {
    let message = try #require(try events(.talk, "--no-inflate").named("message").first)
    #expect(message.bool("inflated") == false)
    #expect(message.bool("compressed") == true)
    #expect(message.payload == [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
    #expect(message.int("compressed_bytes") == nil)
    let inflated = try #require(try events(.talk).named("message").first)
    #expect(inflated.bool("inflated") == nil)
    #expect(inflated.int("compressed_bytes") == 7)
    #expect((inflated.members["compression_ratio"] as? NSNumber)?.doubleValue == 0.71)
  }

  @Test func retransmissionsAndTimesAreShownWhenAsked() throws {
    let plain = try events(.disorder)
    #expect(plain.named("retransmission").isEmpty)
    #expect(plain.named("message").map { $0.object("tcp") != nil } == [true, false])
    let shown = try events(.disorder, "--tcp")
    #expect(shown.named("message").allSatisfy { $0.object("tcp") != nil })
    let again = try #require(shown.named("retransmission").first)
    #expect(again.int("bytes") == 12)
    #expect(again.bool("acknowledged") == true)
    let server = try #require(shown.named("session_close").first?.object("tcp")?.object("server"))
    #expect(server.int("retransmissions") == 1)
    #expect(server.int("retransmitted_bytes") == 12)
    #expect(server.int("spurious_bytes") == 12)
    #expect(server.int("late_bytes") == 10)
    #expect(
      shown.named("session_close").first?.object("tcp")?.object("client")?.int("retransmissions")
        == 0)
  }

  @Test func secretsAreNamedInsteadOfShown() throws {
    let hidden = try #require(try events(.secrets).named("session_open").first)
    #expect(hidden.strings("redacted") == ["Cookie", "query parameter token"])
    #expect(hidden.string("url")?.withoutMarks == "ws://server.example/?token=[redacted]")
    let shown = try #require(try events(.secrets, "--show-secrets").named("session_open").first)
    #expect(shown.strings("redacted") == nil)
    #expect(shown.string("url") == "ws://server.example/?token=abc")
  }

  @Test(
    "With -l each line is written at once, though more input is waited for",
    arguments: [[], ["--json"]])
  func lineBuffered(_ format: [String]) async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    // Up to the ping; what follows comes when its line was seen.
    let packets = OptionCapture.talk.packets
    _ = try folder.write(Array(packets.prefix(8)).pcap(), "begin")
    _ = try folder.write(
      Array(packets.pcap().dropFirst(Array(packets.prefix(8)).pcap().count)), "rest")
    let outcome = try await Tool.waitingShell(
      #"""
      cd "$1"; shift; mkfifo pipe; "$wstap" "$@" - < pipe > out & pid=$!
      exec 3> pipe; cat begin >&3
      for wait in $(seq 100); do grep -q ping out && break; sleep 0.1; done
      count() { grep -cE "\"$1\"| $1 " out; }
      count ping; count pong; cat rest >&3; exec 3>&-; wait $pid; echo "status $?"; count pong
      """#, [folder.url.path, "-l"] + format)
    #expect(outcome.text == "1\n0\nstatus 0\n1\n", "\(outcome.text) \(outcome.errors)")
  }

  /// Whether something is coloured on a terminal.
  private func isColoured(_ options: [String], _ environment: [String: String]) throws -> Bool {
    let arguments = options + [Story(name: "chat").capture]
    let output = try Terminal.output(
      of: Tool.executable, arguments, columns: 200, environment: environment)
    #expect(output.count > 1000)
    return output.contains(0x1B)
  }

  @Test func coloursAreForTerminalsThatCan() throws {
    #expect(try isColoured([], ["TERM": "xterm"]))
    #expect(try !isColoured([], ["TERM": "dumb"]))
    #expect(try !isColoured([], ["TERM": ""]))
    #expect(try !isColoured([], ["TERM": "xterm", "NO_COLOR": "1"]))
    #expect(try isColoured([], ["TERM": "xterm", "NO_COLOR": ""]))
    #expect(try !isColoured(["--color", "never"], ["TERM": "xterm"]))
    #expect(try isColoured(["--color", "always"], ["TERM": "dumb", "NO_COLOR": "1"]))
  }

  @Test(
    "An export into a file is what it writes to standard output, and nothing else is left in the folder"
  )
  func exportIntoFile() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let capture = Story(name: "chat").capture
    let expected = try Tool.run(["export", "--to", "json", capture])
    for option in ["-o", "--output"] {
      let path = try folder.write(Array("of before".utf8), "talk.json")
      let outcome = try Tool.run(["export", "--to", "json", option, path, capture])
      #expect(outcome.status == 0)
      #expect(outcome.output.isEmpty)
      #expect(try Data(contentsOf: folder.file("talk.json")) == expected.output)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["talk.json"])
    }
  }

  @Test("wstap rules --markdown is docs/rules.md, and the version is named")
  func rulesAndVersion() throws {
    let page = try Data(contentsOf: Tool.packageRoot.appending(path: "docs/rules.md"))
    #expect(try Tool.run(["rules", "--markdown"]).output == page)
    #expect(try Tool.run(["rules"]).lines.count > 100)
    #expect(try Tool.run(["--version"]).text == "wstap 0.1.0\n")
  }
}
