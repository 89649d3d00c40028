import Testing

/// What signals do to a run (signals in live captures: Tests/Live and LiveCaptureTests).
@Suite("Signals")
struct SignalTests {
  /// `ready PID` waits until a process handles SIGINT, which is later on a busy machine, and a bit longer. `$d` is a folder with a named
  /// pipe in it, which the shell holds open for writing, as 3.
  private static let prelude = """
    ready() {
      for wait in $(seq 400); do
        case $(sed -n 's/^SigCgt:.//p' /proc/$1/status) in *[2367abef]) break ;; esac
        sleep 0.05
      done
      sleep 0.4
    }
    d=$(mktemp -d); mkfifo "$d/pipe"; trap 'rm -r "$d"' EXIT; exec 3<> "$d/pipe"

    """

  @Test(
    "A signal ends a run in order, also when it comes twice at once, as from timeout(1)",
    arguments: ["INT", "TERM", "HUP"])
  func orderly(signal: String) async throws {
    let outcome = try await Tool.waitingShell(
      """
      \(Self.prelude)
      cat "$1" >&3; "$wstap" --json - < "$d/pipe" 3>&- & ready $!
      kill -$2 $!; sleep 0.05; kill -$2 $! 2> /dev/null; wait $!
      """, [Story(name: "chat").capture, signal])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let events = try outcome.events()
    #expect(events.last?.name == "capture_end")
    #expect(events.contains { $0.name == "session_close" })
  }

  @Test("SIGHUP and SIGTERM stay ignored where they were ignored", arguments: ["HUP", "TERM"])
  func ignored(signal: String) async throws {
    let outcome = try await Tool.waitingShell(
      """
      \(Self.prelude)
      trap '' $2; cat "$1" >&3; "$wstap" --json - < "$d/pipe" 3>&- & ready $!
      kill -$2 $!; sleep 0.2; kill -0 $! && echo "still there" >&2; exec 3>&-; wait $!
      """, [Story(name: "chat").capture, signal])
    #expect(outcome.errors.contains("still there"))
    #expect(outcome.status == 0)
  }

  @Test("A run that cannot end is killed by a signal that comes more than a second after the first")
  func impatient() async throws {
    let outcome = try await Tool.waitingShell(
      """
      \(Self.prelude)
      mkfifo "$d/full"; sleep 60 < "$d/full" & s=$!
      "$wstap" --json --frames samples/*/capture.pcap > "$d/full" & ready $!
      kill -TERM $!; sleep 0.1; kill -TERM $!; sleep 0.1; kill -0 $! && echo "waits" >&2
      sleep 1.2; kill -TERM $!; wait $!; status=$?; kill $s; exit $status
      """)
    #expect(outcome.errors.contains("waits"))
    #expect(outcome.status == 128 + 15)
  }

  @Test("Where Ctrl-C is ignored it stays so, but a signal to the process itself is obeyed")
  func ignoredInterrupt() async throws {
    let outcome = try await Tool.waitingShell(
      """
      \(Self.prelude)
      python3 -c '
      import os, pty, signal, sys, time
      process, terminal = pty.fork()
      if process == 0:
          signal.signal(signal.SIGINT, signal.SIG_IGN)
          os.execv(sys.argv[1], sys.argv[1:])
      caught = lambda: next(int(line[8:], 16) for line in open(f"/proc/{process}/status") if line[:6] == "SigCgt")
      while not caught() & 2: time.sleep(0.05)
      time.sleep(0.3)
      os.write(terminal, b"\\3")
      time.sleep(0.3)
      print(os.waitpid(process, os.WNOHANG)[0] == 0)
      os.kill(process, signal.SIGINT)
      print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
      ' "$wstap" --json "$d/pipe"
      """)
    #expect(outcome.text == "True\n1\n", "\(outcome.errors)")
  }

  @Test(
    "A signal ends waiting for the first writer, for the first byte, and for the rest of the first header",
    arguments: [
      "exec 3>&-; \"$wstap\" --json \"$d/pipe\" &", "\"$wstap\" --json - < \"$d/pipe\" 3>&- &",
      "head -c 20 \"$1\" >&3; \"$wstap\" --json - < \"$d/pipe\" 3>&- &",
      "gzip -c \"$1\" | head -c 14 >&3; \"$wstap\" --json \"$d/pipe\" 3>&- &",
    ])
  func early(start: String) async throws {
    let outcome = try await Tool.waitingShell(
      "\(Self.prelude) \(start) ready $!; kill -TERM $!; wait $!; echo \"status $?\" >&2",
      [Story(name: "chat").capture])
    #expect(outcome.errors.contains(/status [01]/), "\(outcome.errors)")
    let end = try #require(try outcome.events().last)
    #expect(end.name == "capture_end")
    #expect(end.int("packets") == 0)
  }

  @Test("A pipe is read to its end when other signals come, and whoever writes first")
  func otherSignals() async throws {
    let outcome = try await Tool.waitingShell(
      """
      \(Self.prelude)
      exec 3>&-; "$wstap" --json "$d/pipe" & ready $!
      kill -CONT $!; kill -WINCH $!; sleep 0.2
      (head -c 300 "$1"; sleep 0.3; kill -CONT $!; tail -c +301 "$1") > "$d/pipe"; wait $!
      """, [Story(name: "chat").capture])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try outcome.events().named("message").count == 15)
  }

  @Test("Standard input that was made non-blocking is waited for")
  func nonBlocking() async throws {
    let outcome = try await Tool.waitingShell(
      """
      (head -c 300 "$1"; sleep 0.6; tail -c +301 "$1") | python3 -c '
      import fcntl, os, sys
      fcntl.fcntl(0, fcntl.F_SETFL, os.O_NONBLOCK)
      os.execv(sys.argv[1], sys.argv[1:])' "$wstap" --json -
      """, [Story(name: "chat").capture])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try outcome.events().last?.name == "capture_end")
  }
}

/// Output that cannot be written, and what is said on standard error.
@Suite("Errors of every command")
struct CommandErrorTests {
  @Test(
    "Standard output that is full is an error in every command",
    arguments: [
      ["rules"], ["rules", "--markdown"], ["--help"], ["live", "--help"], ["--version"],
      ["--generate-completion-script", "bash"], ["interfaces"],
    ])
  func full(_ arguments: [String]) throws {
    let outcome = try Tool.shell("\"$wstap\" \"$@\" > /dev/full", arguments)
    #expect(outcome.status == 2)
    #expect(outcome.errors == "wstap: the output could not be written: No space left on device\n")
  }

  @Test("A name with line ends and escape sequences writes no line of its own")
  func forged() throws {
    let outcome = try Tool.run(["no\nwstap: all is well\u{1B}[2J\u{202E}x.pcap"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("wstap: cannot open no\\nwstap: all is well\\x1b[2J"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
    let option = try Tool.run(["--max-connections", "1\nwstap: well"])
    #expect(option.errors.split(separator: "\n").allSatisfy { !$0.hasPrefix("wstap: well") })
  }
}
