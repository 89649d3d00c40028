import Testing

/// What signals do to a run (signals in live captures: Tests/Live and LiveCaptureTests).
@Suite("Signals")
struct SignalTests {
  @Test(
    "A signal ends a run in order, also when it comes twice at once, as from timeout(1)",
    arguments: ["INT", "TERM", "HUP"])
  func orderly(signal: String) async throws {
    let outcome = try await Tool.waitingShell(
      """
      (cat "$1"; exec sleep 20) | "$wstap" --json - & \(Tool.untilItListens)
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
      trap '' $2; (cat "$1"; sleep 1.2; cat /dev/null) | "$wstap" --json - & sleep 0.5
      kill -$2 $!; sleep 0.2; kill -0 $! && echo "still there" >&2; wait $!
      """, [Story(name: "chat").capture, signal])
    #expect(outcome.errors.contains("still there"))
    #expect(outcome.status == 0)
  }

  @Test("A run that cannot end is killed by a signal that comes more than a second after the first")
  func impatient() async throws {
    let outcome = try await Tool.waitingShell(
      """
      d=$(mktemp -d); mkfifo "$d/full"; sleep 20 < "$d/full" & s=$!
      "$wstap" --json --frames samples/*/capture.pcap > "$d/full" & \(Tool.untilItListens); sleep 0.4
      kill -TERM $!; sleep 0.1; kill -TERM $!; sleep 0.1; kill -0 $! && echo "waits" >&2
      sleep 1.2; kill -TERM $!; wait $!; status=$?; kill $s; rm -r "$d"; exit $status
      """)
    #expect(outcome.errors.contains("waits"))
    #expect(outcome.status == 128 + 15)
  }

  @Test("Where Ctrl-C is ignored it stays so, but a signal to the process itself is obeyed")
  func ignoredInterrupt() async throws {
    let outcome = try await Tool.waitingShell(
      """
      d=$(mktemp -d); mkfifo "$d/pipe"; exec python3 -c '
      import os, pty, signal, sys, time
      process, terminal = pty.fork()
      if process == 0:
          signal.signal(signal.SIGINT, signal.SIG_IGN)
          os.execv(sys.argv[1], sys.argv[1:])
      time.sleep(0.6)
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
      "\"$wstap\" --json \"$d/pipe\" &", "sleep 9 | \"$wstap\" --json - &",
      "(head -c 20 \"$1\"; exec sleep 9) | \"$wstap\" --json - &",
      "(gzip -c \"$1\" | head -c 14; exec sleep 9) | \"$wstap\" --json - &",
    ])
  func early(start: String) async throws {
    let outcome = try await Tool.waitingShell(
      """
      d=$(mktemp -d); mkfifo "$d/pipe"; \(start)
      sleep 0.5; kill -TERM $!; before=$(date +%s%N)
      while kill -0 $! 2> /dev/null; do sleep 0.01; done; rm -r "$d"
      [ $(($(date +%s%N) - before)) -lt 400000000 ] && echo soon >&2
      """, [Story(name: "chat").capture])
    #expect(outcome.errors.contains("soon"), "\(outcome.errors)")
    let end = try #require(try outcome.events().last)
    #expect(end.name == "capture_end")
    #expect(end.int("packets") == 0)
  }

  @Test("A pipe is read to its end when other signals come, and by whoever writes first")
  func otherSignals() async throws {
    let outcome = try await Tool.waitingShell(
      """
      d=$(mktemp -d); mkfifo "$d/pipe"; "$wstap" --json "$d/pipe" & sleep 0.5
      kill -CONT $!; kill -WINCH $!; sleep 0.2
      (head -c 300 "$1"; sleep 0.3; kill -CONT $!; tail -c +301 "$1") > "$d/pipe"; wait $!; status=$?
      rm -r "$d"; exit $status
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
