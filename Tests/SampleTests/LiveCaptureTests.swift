import Foundation
import Testing

/// Captures the loopback interface while a conversation goes over it, where that is allowed.
@Suite("Live", .serialized)
struct LiveCaptureTests {
  /// Neither a right to capture nor Python is a matter of course.
  static let isPossible: Bool = {
    let probe = try? Tool.shell(
      "command -v python3 > /dev/null && exec \"$wstap\" live -i lo -c 1 -a duration:0.1 -q")
    return probe?.status == 0
  }()

  /// Runs a capture with `options` around a conversation of 200 messages, then does `finish`.
  private func capture(_ options: String, finish: String, in folder: TemporaryFolder) throws -> Tool.Outcome {
    try Tool.shell(
      """
      cd "$1"; script=$2
      port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
      "$wstap" live -i lo -a duration:20 -f "tcp port $port" \(options) > out 2> err & pid=$!
      sleep 0.5
      timeout 20 python3 "$script" server 127.0.0.1 $port > server & server=$!
      for wait in $(seq 100); do grep -q ready server && break; sleep 0.1; done
      timeout 20 python3 "$script" client 127.0.0.1 $port 200 2000 > client
      wait $server
      sleep 0.3
      \(finish)
      """,
      [folder.url.path, Tool.packageRoot.appending(path: "Tests/Live/conversation.py").path])
  }

  @Test("What is shown live is what the file shows; Ctrl-C ends it in order", .enabled(if: isPossible))
  func sameAsFile() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try capture(
      "--json -Z root -w live.pcapng",
      finish: """
        kill -USR1 $pid; sleep 0.3; kill -INT $pid; wait $pid; echo "status $?"
        "$wstap" --json live.pcapng > file
        """, in: folder)
    #expect(outcome.text.hasSuffix("status 0\n"), "\(outcome.text) \(outcome.errors)")
    let live = try String(contentsOf: folder.file("out"), encoding: .utf8).split(separator: "\n")
    let file = try String(contentsOf: folder.file("file"), encoding: .utf8).split(separator: "\n")
    #expect(live.dropLast() == file.dropLast())
    #expect(live.filter { $0.contains("\"event\":\"message\"") }.count == 200)
    let end = try Event(line: try #require(live.last))
    #expect(end.object("drops")?.int("system") == 0)
    let errors = try String(contentsOf: folder.file("err"), encoding: .utf8)
    // Once for the signal, once at the end.
    #expect(
      errors.split(separator: "\n").filter { $0.contains("dropped 0 by the kernel") }.count == 2, "\(errors)")
  }

  @Test("Only WebSocket connections are written, each from its first packet on", .enabled(if: isPossible))
  func onlyWebSocket() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    // A call of the port that nobody answers is a connection of its own, without a WebSocket.
    let outcome = try capture(
      "-q -Z root --only-websocket -w live.pcapng",
      finish: """
        python3 -c 'import socket, sys; socket.socket().connect_ex(("127.0.0.1", int(sys.argv[1])))' $port
        sleep 0.3; kill -INT $pid; wait $pid; cat out; "$wstap" --json live.pcapng > file
        """, in: folder)
    let events = try String(contentsOf: folder.file("file"), encoding: .utf8).split(separator: "\n")
      .map { try Event(line: $0) }
    #expect(events.named("message").count == 200, "\(outcome.errors)")
    #expect(events.named("session_close").first?.string("how") == "close_handshake")
    #expect(events.last?.int("connections") == 1)
    #expect(outcome.text.contains("2 TCP connections"), "\(outcome.text)")
  }

  @Test("A reader that goes away ends it, also when nothing happens any more", .enabled(if: isPossible))
  func closedPipe() throws {
    let outcome = try Tool.shell(
      "{ timeout -s KILL 10 \"$wstap\" live -i lo -f 'tcp port 1'; echo \"status $?\" >&2; } | sleep 0.5")
    #expect(outcome.errors.hasSuffix("status 0\n"), "\(outcome.errors)")
  }

  @Test("Root's rights are gone before the first packet", .enabled(if: isPossible && getuid() == 0))
  func privileges() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try capture(
      "-q -w live.pcapng",
      finish: "grep -E 'Uid|CapEff' /proc/$pid/status; kill -TERM $pid; wait $pid; echo $?",
      in: folder)
    #expect(outcome.text.contains("CapEff:\t0000000000000000"), "\(outcome.text)")
    #expect(!outcome.text.contains("Uid:\t0"))
    #expect(outcome.text.hasSuffix("\n0\n"))
    #expect(FileManager.default.fileExists(atPath: folder.file("live.pcapng").path))
  }

  @Test("It ends by itself after so many packets, and after a time", .enabled(if: isPossible))
  func limits() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try capture(
      "-q -c 20 -Z root -w live.pcapng", finish: "wait $pid; echo $?; \"$wstap\" -q live.pcapng", in: folder)
    #expect(outcome.text.contains("20 packets"), "\(outcome.text)")
    #expect(try Tool.run(["live", "-i", "lo", "-q", "-a", "duration:0.2"]).status == 0)
  }

  @Test(
    "Arguments that make no sense are refused",
    arguments: [
      ["live"], ["live", "-i", "lo", "-a", "files:3"], ["live", "-i", "lo", "-b", "filesize:3"],
      ["live", "-i", "lo", "-w", "x", "-b", "files:3"], ["live", "-i", "lo", "-a", "duration"],
      ["live", "-i", "lo", "-s", "0"], ["live", "-i", "lo", "-c", "0"], ["live", "-i", "lo", "-B", "5000"],
      ["live", "-i", "nosuch0"], ["live", "-i", "lo", "--only-websocket"],
      ["live", "-i", "lo", "-Z", "nosuchuser"],
      ["live", "-i", "lo", "-f", "tcp prot"],
      ["live", "-i", "lo", "-w", "/nowhere/x.pcapng"],
    ])
  func wrong(_ arguments: [String]) throws {
    let outcome = try Tool.run(arguments)
    #expect(outcome.status == 2)
    #expect(!outcome.errors.isEmpty)
    #expect(outcome.text == "")
  }

  @Test("The interfaces are listed with addresses")
  func interfaces() throws {
    let outcome = try Tool.run(["interfaces"])
    #expect(outcome.status == 0)
    #expect(outcome.lines.contains { $0.hasPrefix("lo ") && $0.contains("127.0.0.1") } || outcome.text == "")
  }
}
