import Foundation
import Testing

/// Files that `export` writes: nobody's file is in the way, and nothing is left beside them.
@Suite("Output files")
struct OutputFileTests {
  private static let chat = Story(name: "chat").capture

  /// Runs lines of shell in a new folder, with the capture as `$1`; then lists the folder.
  private func shell(_ lines: String) throws -> Tool.Outcome {
    try Tool.shell(
      """
      capture=$(realpath "$1"); d=$(mktemp -d); cd "$d"; umask 022
      save() { "$wstap" export --to json "$@"; }
      \(lines)
      ls -A; rm -r "$d"
      """, [Self.chat])
  }

  @Test("An input called OUTPUT.partial survives, and so does anybody's file of that name")
  func partial() throws {
    let outcome = try shell(
      """
      cp "$capture" talk.json.partial; save -o talk.json talk.json.partial; cmp "$capture" talk.json.partial && echo same
      echo victim > victim; ln -s victim b.json.partial; save -o b.json "$capture"; cat victim
      """)
    #expect(
      outcome.lines == [
        "same", "victim", "b.json", "b.json.partial", "talk.json", "talk.json.partial", "victim",
      ])
  }

  @Test("The mode of a file is kept, and a new one has that of the umask")
  func mode() throws {
    let outcome = try shell(
      """
      : > old.json; chmod 600 old.json; save -o old.json "$capture"; save -o new.json "$capture"
      stat -c '%a %n' old.json new.json; head -c 1 old.json new.json > both; grep -c '{' both; rm both
      """)
    #expect(outcome.lines == ["600 old.json", "644 new.json", "2", "new.json", "old.json"])
  }

  @Test("A symbolic link stays, and what it points to is replaced; one that leads nowhere is refused")
  func links() throws {
    let outcome = try shell(
      """
      echo old > real.json; ln -s real.json link.json; save -o link.json "$capture"; readlink link.json
      head -c 1 real.json; echo; ln -s nowhere dangling; save -o dangling "$capture"; echo $?
      """)
    #expect(outcome.lines == ["real.json", "{", "2", "dangling", "link.json", "real.json"])
    #expect(outcome.errors == "wstap: dangling is a symbolic link that leads nowhere; name a file\n")
  }

  @Test("A capture is not replaced, by whatever name, and nothing is left beside it")
  func captures() throws {
    let outcome = try shell(
      """
      cp "$capture" a.pcap; ln a.pcap hard; ln -s a.pcap soft; mkdir in; cp a.pcap in/b.pcap
      for o in a.pcap hard soft ./in/../a.pcap; do save -o $o a.pcap; echo $?; done
      save -o in/b.pcap in; echo $?; cmp "$capture" a.pcap && cmp "$capture" in/b.pcap && echo same; ls -A in
      """)
    #expect(outcome.lines == ["2", "2", "2", "2", "2", "same", "b.pcap", "a.pcap", "hard", "in", "soft"])
  }

  @Test("Standard output, the null device and pipes are written to as they are")
  func special() throws {
    let outcome = try shell(
      """
      save -o /dev/null "$capture"; echo $?; save -o /dev/stdout "$capture" | head -c 1; echo
      mkfifo pipe; head -c 1 pipe & save -o pipe "$capture"; wait; echo; save -o /dev/stdout "$capture" > f.json
      head -c 1 f.json; echo; save -o /dev/full "$capture"; echo $?
      """)
    #expect(outcome.lines == ["0", "{", "{", "{", "2", "f.json", "pipe"])
  }

  @Test("A run that fails leaves nothing behind")
  func failure() throws {
    let outcome = try shell("save -o out.json missing.pcap; echo $?; save -o out.json /dev/null; echo $?")
    #expect(outcome.lines.first == "2")
    #expect(!outcome.text.contains("partial"))
  }

  @Test("Standard output that is one of the captures is refused before anything is written to it")
  func standardOutput() throws {
    let outcome = try shell(
      """
      cp "$capture" a.pcap; ln a.pcap hard; ln -s a.pcap soft; mkdir in; cp a.pcap in/b.pcap
      for i in a.pcap hard soft '*.pcap' - /proc/self/fd/0; do
        "$wstap" --json "$i" < a.pcap >> a.pcap; echo $?; save "$i" < a.pcap >> hard; echo $?
      done
      "$wstap" in >> in/b.pcap; echo $?; cmp "$capture" a.pcap && cmp "$capture" in/b.pcap && echo same
      "$wstap" -q in > in/new.txt; echo $?; "$wstap" -q in > in/new.txt; echo $?
      """)
    #expect(outcome.lines.prefix(13) == Array(repeating: "2", count: 13)[...])
    #expect(outcome.lines.dropFirst(13).prefix(3) == ["same", "0", "0"])
    #expect(outcome.errorLines.allSatisfy { $0.hasPrefix("wstap: standard output is one of the captures") })
  }

  @Test("A pipe that is read is not written, and does not hang") func pipe() throws {
    let outcome = try shell("mkfifo p; timeout 5 \"$wstap\" export --to json -o p p; echo $?")
    #expect(outcome.lines == ["2", "p"])
    #expect(outcome.errors == "wstap: p is the capture itself; name another file for the output\n")
  }

  @Test("Several runs that write one file at once do not meet: it is whole, and nothing is beside it")
  func several() throws {
    let outcome = try shell(
      """
      for run in 1 2 3 4 5 6; do save -o same.json "$capture" & pids="$pids $!"; done
      for pid in $pids; do wait $pid; echo $?; done; save "$capture" | cmp - same.json && echo same
      """)
    #expect(outcome.lines == Array(repeating: "0", count: 6) + ["same", "same.json"])
  }

  @Test("A limit of the file's size is an error, and the old file is as it was") func tooLarge() throws {
    let outcome = try shell(
      "echo old > out.json; (ulimit -f 1; save -o out.json \"$capture\"); echo $?; cat out.json")
    #expect(outcome.lines == ["2", "old", "out.json"])
    #expect(outcome.errors == "wstap: the output could not be written: File too large\n")
  }
}

/// What is left of the file that `export` writes when a signal comes.
@Suite("Output files and signals")
struct OutputFileSignalTests {
  /// Runs `export -o out.json` of a pipe that does not end, in a folder with an older `out.json`; then lists the folder. `then` is what
  /// is done to it, as `$p`.
  private func shell(_ then: String, prelude: String = "", errors: String = "") async throws -> Tool.Outcome {
    try await Tool.waitingShell(
      """
      capture=$(realpath "$1"); d=$(mktemp -d); cd "$d"; ulimit -c 0; echo old > out.json; mkfifo in; \(prelude)
      (cat "$capture"; exec sleep 20) > in & feed=$!
      "$wstap" export --to json -o out.json in \(errors) & p=$!; until ls -A | grep -q partial; do sleep 0.05; done; sleep 0.3; \(then)
      wait $p; echo $?; head -c 3 out.json; echo; kill $feed; rm in; ls -A; rm -r "$d"
      """, [Story(name: "chat").capture])
  }

  @Test("One that asks for the end: the document is whole", arguments: ["INT", "TERM", "HUP"])
  func orderly(signal: String) async throws {
    let outcome = try await shell("kill -\(signal) $p; kill -\(signal) $p")
    #expect(outcome.lines == ["1", "{\"f", "out.json"], "\(outcome.errors)")
  }

  @Test(
    "One that kills leaves the old file, and nothing beside it",
    arguments: ["ALRM", "USR1", "USR2", "XCPU", "ABRT", "PROF"])
  func killed(signal: String) async throws {
    let outcome = try await shell("kill -\(signal) $p")
    #expect(outcome.lines.dropFirst() == ["old", "out.json"], "\(outcome.errors)")
    #expect((outcome.lines.first.flatMap { Int($0) } ?? 0) > 128)
  }

  @Test("A second one after a second kills: the old file is left, and nothing beside it") func second()
    async throws
  {
    // A standard error that takes nothing keeps the run from ending.
    let outcome = try await shell(
      "kill -TERM $p; sleep 1.3; kill -TERM $p",
      prelude: "mkfifo e; sleep 20 < e & drain=$!; exec 3> e; head -c 65536 /dev/zero >&3; rm e;",
      errors: "2>&3")
    #expect(outcome.lines == ["143", "old", "out.json"], "\(outcome.errors)")
  }

  @Test("In the middle of a run, too") func middle() async throws {
    let outcome = try await Tool.waitingShell(
      """
      samples=$(realpath samples); d=$(mktemp -d); cd "$d"; ulimit -c 0
      for signal in ABRT TERM INT USR1; do
        "$wstap" export --to json --frames -o out.json "$samples"/*/capture.pcap 2> /dev/null & p=$!
        until ls -A | grep -q partial || ! kill -0 $p; do :; done; kill -$signal $p 2> /dev/null
        wait $p 2> /dev/null; ls -A | grep -v '^out.json$'
      done; ls; rm -r "$d"
      """)
    #expect(outcome.lines == ["out.json"], "\(outcome.errors)")
  }
}
