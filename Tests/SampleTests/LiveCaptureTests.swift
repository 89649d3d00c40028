import Foundation
import Rights
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
  private func capture(
    _ options: String, finish: String, prelude: String = "", conversations: Int = 1, seconds: Int = 20,
    in folder: TemporaryFolder
  ) async throws -> Tool.Outcome {
    try await Tool.waitingShell(
      """
      cd "$1"; script=$2; \(prelude)
      port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
      "$wstap" live -i lo -a duration:\(seconds) -f "tcp port $port" \(options) > out 2> err & pid=$!
      for wait in $(seq 100); do
        kill -0 $pid 2> /dev/null || break
        ls -l /proc/$pid/fd 2> /dev/null | grep -q socket && break
        sleep 0.1
      done
      sleep 0.5
      timeout 20 python3 "$script" server 127.0.0.1 $port \(conversations) > server & server=$!
      for wait in $(seq 100); do grep -q ready server && break; sleep 0.1; done
      for number in $(seq \(conversations - 1)); do
        timeout 20 python3 "$script" client 127.0.0.1 $port 200 2000 > client$number &
      done
      timeout 20 python3 "$script" client 127.0.0.1 $port 200 2000 > client
      wait $server
      sleep 0.3
      \(finish)
      """,
      [folder.url.path, Tool.packageRoot.appending(path: "Tests/Live/conversation.py").path])
  }

  @Test("What is shown live is what the file shows; Ctrl-C ends it in order", .enabled(if: isPossible))
  func sameAsFile() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await capture(
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
  func onlyWebSocket() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    // A call of the port that nobody answers is a connection of its own, without a WebSocket.
    let outcome = try await capture(
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
  func closedPipe() async throws {
    let outcome = try await Tool.waitingShell(
      "{ timeout -s KILL 10 \"$wstap\" live -i lo -f 'tcp port 1'; echo \"status $?\" >&2; } | sleep 0.5")
    #expect(outcome.errors.hasSuffix("status 0\n"), "\(outcome.errors)")
  }

  @Test("What is printed goes nowhere when the standard descriptors are closed", .enabled(if: isPossible))
  func closedDescriptors() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await Tool.waitingShell(
      """
      cd "$1"
      "$wstap" live -i lo -f 'tcp port 1' -Z root -w live.pcapng -a duration:1 <&- >&- 2>&- & pid=$!
      sleep 0.5; kill -USR1 $pid; wait $pid; echo "status $?"
      """, [folder.url.path])
    #expect(outcome.text == "status 2\n", "\(outcome.text)")
    let written = try Data(contentsOf: folder.file("live.pcapng"))
    #expect(written.count > 80)
    #expect(written.range(of: Data("wstap: ".utf8)) == nil)
    #expect(try Tool.run(["-q", folder.file("live.pcapng").path]).status == 0)
  }

  @Test(
    "SIGTERM, Ctrl-C and a reader that has seen enough end it in order: what is open is reported, and the drops",
    .enabled(if: isPossible), arguments: ["kill -TERM $pid", "kill -INT $pid", "true"])
  func ends(how: String) async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let shown = how == "true" ? "| head -n 3" : ""
    let outcome = try await Tool.waitingShell(
      """
      cd "$1"; script=$2
      port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
      mkfifo pipe; { cat pipe \(shown); } > out & reader=$!
      "$wstap" live -i lo -a duration:30 -f "tcp port $port" --json > pipe 2> err & pid=$!
      sleep 0.5
      python3 "$script" server 127.0.0.1 $port > server 2> /dev/null & server=$!
      for wait in $(seq 100); do grep -q ready server && break; sleep 0.1; done
      python3 "$script" client 127.0.0.1 $port 1000 50 > client 2> /dev/null & client=$!
      sleep 1.5; \(how); before=$(date +%s%N)
      wait $pid; echo "status $?"; [ $(($(date +%s%N) - before)) -lt 1000000000 ] && echo soon
      kill $client $server; wait $reader
      """,
      [folder.url.path, Tool.packageRoot.appending(path: "Tests/Live/conversation.py").path])
    #expect(outcome.text == "status 0\nsoon\n", "\(outcome.text) \(outcome.errors)")
    let errors = try String(contentsOf: folder.file("err"), encoding: .utf8)
    #expect(errors.contains("dropped 0 by the kernel, 0 by the interface"), "\(errors)")
    let lines = try String(contentsOf: folder.file("out"), encoding: .utf8).split(separator: "\n")
    guard how != "true" else {
      #expect(lines.count == 3)
      return
    }
    let events = try lines.map { try Event(line: $0) }
    #expect(events.named("session_close").first?.string("how") == "capture_end")
    #expect(events.named("message").count > 10)
    #expect(events.last?.object("drops")?.int("system") == 0)
  }

  @Test(
    "No right of root is left before the first packet, in no thread, also when it stays root",
    .enabled(if: isPossible && getuid() == 0 && !Confinement.isInstrumented), arguments: ["", "-Z root"])
  func privileges(user: String) async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await capture(
      "-q -v \(user) -w live.pcapng",
      finish: "cat /proc/$pid/task/*/status; kill -TERM $pid; wait $pid; echo $?; cat err", in: folder)
    let rights = ThreadRights.all(in: outcome.text)
    #expect(rights.count >= 2, "\(outcome.text)")
    for right in rights { #expect(right == .none) }
    #expect(outcome.text.contains("Uid:\t0") == !user.isEmpty)
    #expect(outcome.text.contains("\n0\nwstap: capturing as user "), "\(outcome.text)")
    #expect(outcome.text.contains("system calls are filtered by seccomp"))
    #expect(FileManager.default.fileExists(atPath: folder.file("live.pcapng").path))
  }

  @Test("It ends by itself after so many packets, and after a time", .enabled(if: isPossible))
  func limits() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await capture(
      "-q -c 20 -Z root -w live.pcapng", finish: "wait $pid; echo $?; \"$wstap\" -q live.pcapng", in: folder)
    #expect(outcome.text.contains("20 packets"), "\(outcome.text)")
    #expect(try Tool.run(["live", "-i", "lo", "-q", "-a", "duration:0.2"]).status == 0)
  }

  private static func isInstalled(_ program: String) -> Bool {
    (try? Tool.shell("command -v \(program)").status == 0) == true
  }

  @Test(
    "With a key log the file has the secrets, before what they open", .enabled(if: isPossible),
    .enabled(if: isInstalled("openssl"), "openssl is not installed"))
  func keyLog() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await captureWithKeyLog(in: folder)
    #expect(outcome.text.contains("keys.log does not exist yet"), "\(outcome.text) \(outcome.errors)")
    #expect(outcome.text.contains(/\d+ secrets from keys.log/), "\(outcome.text)")
    let keys = try String(contentsOf: folder.file("keys.log"), encoding: .utf8)
    let written = keys.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { "\($0)\n" }.joined()
    let file = try Data(contentsOf: folder.file("live.pcapng"))
    let place = try #require(file.range(of: Data(written.utf8.prefix(60))), "the secrets are not in the file")
    // The first application data of the client: what the secrets are for.
    let record = try #require(file.range(of: Data([0x17, 0x03, 0x03])))
    #expect(place.lowerBound < record.lowerBound)
  }

  @Test(
    "With the secrets in the file others can read it", .enabled(if: isPossible),
    .enabled(if: isInstalled("openssl") && isInstalled("tshark"), "openssl and tshark are not both installed")
  )
  func keyLogForOthers() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await captureWithKeyLog(
      in: folder,
      "tshark -r live.pcapng -d tcp.port==$port,tls -Y websocket -T fields -e websocket.payload.text")
    #expect(outcome.text.contains("secret 0\n") && outcome.text.contains("secret 19\n"), "\(outcome.text)")
  }

  /// A live capture of a conversation over TLS, and a command after it.
  private func captureWithKeyLog(in folder: TemporaryFolder, _ command: String = "") async throws
    -> Tool.Outcome
  {
    try await Tool.waitingShell(
      """
      cd "$1"; script=$2
      openssl req -x509 -newkey rsa:2048 -nodes -keyout server.pem -out certificate -subj /CN=test 2> /dev/null
      cat certificate >> server.pem
      port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
      "$wstap" live -i lo -q -Z root -f "tcp port $port" -w live.pcapng --keylog keys.log > out 2> err & pid=$!
      sleep 0.5
      timeout 20 python3 "$script" . $port 20 || exit 1
      sleep 0.3; kill -INT $pid; wait $pid || exit 1
      cat err keys.log
      \(command)
      """,
      [folder.url.path, Tool.packageRoot.appending(path: "Tests/Live/secret.py").path])
  }

  @Test("A full disk is said, and the file ends with a whole block", .enabled(if: isPossible))
  func fullDisk() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    // A limit of the shell's ends a file within a write, as a full disk does; in units of 512 bytes.
    for options in ["", "--only-websocket"] {
      let outcome = try await capture(
        "-q -Z root \(options) -w live.pcapng",
        finish: "wait $pid; echo \"status $?\"; cat err; rm -f server",
        prelude: "ulimit -f 21", seconds: 5,
        in: folder)
      #expect(outcome.text.contains("status 2\n"), "\(outcome.text) \(outcome.errors)")
      #expect(outcome.text.contains("live.pcapng cannot be written: File too large"), "\(outcome.text)")
      let read = try Tool.run(["-q", folder.file("live.pcapng").path])
      #expect(read.status == 0, "\(read.errors)")
      #expect(try Data(contentsOf: folder.file("live.pcapng")).count > 80)
    }
  }

  @Test(
    "Of what is only WebSocket the packets stand in order, and the file's size ends it",
    .enabled(if: isPossible))
  func pickedInOrder() async throws {
    let start = ContinuousClock.now
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await capture(
      "-q -Z root --only-websocket -a filesize:20 -w live.pcapng", finish: "wait $pid; echo \"status $?\"",
      conversations: 3, in: folder)
    #expect(outcome.text.hasSuffix("status 0\n"), "\(outcome.text) \(outcome.errors)")
    let file = try Data(contentsOf: folder.file("live.pcapng"))
    #expect((20_000..<20_500).contains(file.count))
    let events = try Tool.run(["--json", folder.file("live.pcapng").path]).events()
    #expect(events.named("session_open").count == 3)
    let times = Tool.packetTimes(ofPcapng: Array(file))
    #expect(times.count > 100)
    #expect(times == times.sorted())
    // By the size, not by the time.
    #expect(start.duration(to: .now) < .seconds(15))
  }

  @Test(
    "On a terminal the key i gives the status at once, and the terminal is put back", .enabled(if: isPossible)
  )
  func keys() async throws {
    let outcome = try await Tool.waitingShell(
      "timeout 120 python3 \"$1\" \"$wstap\" keys",
      [Tool.packageRoot.appending(path: "Tests/Live/terminal.py").path])
    #expect(outcome.status == 0, "\(outcome.errors)")
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
      ["live", "-i", "lo", "-w", "-"], ["live", "-i", "lo", "--keylog", "x"],
    ])
  func wrong(_ arguments: [String]) throws {
    let outcome = try Tool.run(arguments)
    #expect(outcome.status == 2)
    #expect(!outcome.errors.isEmpty)
    #expect(outcome.text == "")
  }

  @Test("A key log that is a folder is refused")
  func keyLogFolder() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try Tool.run([
      "live", "-i", "lo", "-w", folder.file("live.pcapng").path, "--keylog", folder.url.path,
    ])
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
