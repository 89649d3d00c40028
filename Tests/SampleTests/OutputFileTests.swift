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
}
