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

  @Test("SIGHUP stays ignored where it was ignored")
  func nohup() async throws {
    let outcome = try await Tool.waitingShell(
      """
      trap '' HUP; (cat "$1"; sleep 1.2; cat /dev/null) | "$wstap" --json - & sleep 0.5
      kill -HUP $!; sleep 0.2; kill -0 $! && echo "still there" >&2; wait $!
      """, [Story(name: "chat").capture])
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
