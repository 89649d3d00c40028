import Foundation
import Testing

/// The files that `live` writes: whose they are, what they replace, and what is left of them.
@Suite("Files of a live capture", .enabled(if: LiveCaptureTests.isPossible))
struct LiveFileTests {
  /// Runs lines of shell in a new folder, in which `live` captures nothing for a while; then lists the folder.
  private func shell(_ lines: String) async throws -> Tool.Outcome {
    try await Tool.waitingShell(
      """
      d=$(mktemp -d); cd "$d"; umask 022
      live() { "$wstap" live -i lo -q -f 'tcp port 1' -a duration:0.3 -Z root "$@" > /dev/null 2> err; s=$?; }
      \(lines)
      cat err >&2; rm -f err; ls -A; rm -r "$d"
      """)
  }

  @Test(
    "Have their name and header from the start, also when the run is killed, and are for their user alone")
  func start() async throws {
    let outcome = try await shell(
      """
      echo old > f; chmod 640 f
      for f in f new; do
        "$wstap" live -i lo -q -f 'tcp port 1' -Z root -w $f > /dev/null 2> err & p=$!
        until [ "$(head -c 4 $f 2> /dev/null | od -An -tx1)" = " 0a 0d 0d 0a" ]; do sleep 0.05; done
        "$wstap" -q $f > out && echo read; kill -KILL $p; wait $p 2> /dev/null; "$wstap" -q $f > out && echo read
      done; rm out
      stat -c '%a' f new
      """)
    #expect(outcome.lines == ["read", "read", "read", "read", "640", "600", "f", "new"], "\(outcome.errors)")
  }

  @Test("Are written through no link while the user is root", .enabled(if: getuid() == 0))
  func links() async throws {
    let outcome = try await shell(
      """
      echo old > victim; ln -s victim link; live -w link; echo $s; live -w link -Z nobody; echo $s
      "$wstap" live -i lo -q -a duration:0.1 -w link > /dev/null 2>&1; echo $?; ln -s none lost; live -w lost; echo $s
      cat victim
      """)
    #expect(outcome.lines == ["2", "2", "2", "2", "old", "link", "lost", "victim"], "\(outcome.errors)")
  }

  @Test("Are not the key log, by whatever name, nor what will be") func keyLog() async throws {
    let outcome = try await shell(
      """
      echo key > k; ln k hard; ln -s k soft; ln -s none later; mkdir sub
      for w in k hard ./sub/../k; do for l in k hard soft; do live -w $w --keylog $l; echo $s; done; done
      live -w k --keylog /proc/self/fd/3 3< k; echo $s; cat k
      live -w none --keylog none; echo $s; live -w none --keylog later; echo $s; live -w none --keylog ./sub/../none; echo $s
      live -w fine --keylog k; echo $s
      """)
    #expect(
      outcome.lines == Array(repeating: "2", count: 10) + ["key", "2", "2", "2", "0"] + [
        "fine", "hard", "k", "later", "soft", "sub",
      ], "\(outcome.errors)")
  }

  @Test("Of two runs at once are both whole: the last one to end has the name") func two() async throws {
    let outcome = try await shell(
      """
      for wait in 3 1 2; do
        "$wstap" live -i lo -q -f 'tcp port 1' -Z root -a duration:$wait -w f > /dev/null 2> err & pids="$pids $!"; sleep 0.3
      done
      for pid in $pids; do wait $pid; echo $?; done; "$wstap" -q f > out; echo $?; rm out
      """)
    #expect(outcome.lines == ["0", "0", "0", "0", "f"], "\(outcome.errors)")
  }

  @Test("Are said to be lost when somebody removes them meanwhile") func removed() async throws {
    let outcome = try await shell(
      """
      "$wstap" live -i lo -q -f 'tcp port 1' -Z root -w f > /dev/null 2> err & p=$!
      until [ -e f ]; do sleep 0.05; done; rm f; kill -INT $p
      wait $p; echo $?
      """)
    #expect(outcome.lines == ["2"])
    #expect(outcome.errors.contains("f was removed or replaced while it was written"), "\(outcome.errors)")
  }

  @Test("May be the null device or a pipe, which are written to as they are") func special() async throws {
    let outcome = try await shell(
      """
      live -w /dev/null; echo $s; stat -c %F /dev/null; mkfifo p; cat p > got & live -w p; echo $s; wait
      "$wstap" -q got > /dev/null; echo $?; live -w /dev/full; echo $s; rm got
      "$wstap" live -i lo -q -a duration:0.1 -Z root -w f > f 2> err; echo $?; rm f
      """)
    #expect(outcome.lines == ["0", "character special file", "0", "0", "2", "2", "p"], "\(outcome.errors)")
  }

  @Test("May have names that are not UTF-8, as rings and key logs may") func bytes() async throws {
    let outcome = try await shell(
      """
      live -w "$(printf 'w\\351.pcapng')" --keylog "$(printf 'k\\352')"; echo $s; cat err
      live -w "$(printf 'r\\351.pcapng')" -b duration:5; echo $s; live -w "$(printf 'no\\351/x')"; echo $s; cat err
      for f in *.pcapng; do "$wstap" -q "$f" > /dev/null; echo $?; printf '%s' "$f" | LC_ALL=C tr '\\351' 'E'; echo; rm "$f"; done
      """)
    #expect(outcome.lines.first == "0")
    #expect(outcome.text.contains("k\\xea does not exist yet"), "\(outcome.text)")
    #expect(outcome.text.contains("cannot write no\\xe9/x: No such file or directory"), "\(outcome.text)")
    #expect(outcome.text.contains(/0\nrE_00001_\d{14}\.pcapng\n0\nwE\.pcapng\n/), "\(outcome.text)")
    #expect(!outcome.text.contains("partial"))
  }
}
