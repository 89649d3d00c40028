import Foundation
import TestSupport
import Testing

/// What `--follow-file` does while others change the file.
@Suite("Followed files")
struct FollowTests {
  private static let capture = Tool.packageRoot.appending(path: "samples/chat/capture.pcap").path

  /// `shown COUNT` waits until so many lines were shown, `interrupt` ends the run.
  private static let functions = """
    shown() { for wait in $(seq 100); do [ $(wc -l < out) -ge $1 ] && break; sleep 0.1; done; }
    interrupt() { sleep 0.3; kill -INT $pid; }
    """

  /// Follows the file `now`, which begins with a part of a capture of 15 messages, and does `steps` of shell meanwhile,
  /// which end the following.
  private func follow(_ steps: String, in folder: TemporaryFolder) async throws -> Tool.Outcome {
    try await Tool.waitingShell(
      """
      \(Self.functions)
      cd "$2"; cp "$1" whole; head -c 1000 whole > now
      "$wstap" --json --follow-file now > out & pid=$!
      \(steps)
      wait $pid; status=$?; cat out; exit $status
      """, [Self.capture, folder.url.path])
  }

  private func messages(_ outcome: Tool.Outcome) throws -> Int { try outcome.events().named("message").count }

  @Test("Ctrl-C within a record that is being written is the end, and no damage")
  func interrupted() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await follow("shown 1; interrupt", in: folder)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(try outcome.events().last?.int("packets") == 7)
  }

  @Test("A pipe whose reading is ended within a record is not damaged")
  func interruptedPipe() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await Tool.waitingShell(
      """
      \(Self.functions)
      cd "$2"; mkfifo pipe; : > out
      "$wstap" --json - < pipe > out & pid=$!
      exec 4> pipe; head -c 1000 "$1" >&4
      shown 1; interrupt
      wait $pid; status=$?; cat out; exit $status
      """, [Self.capture, folder.url.path])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(try outcome.events().last?.int("packets") == 7)
  }

  @Test("Over a rotation the file that was opened is followed under its new name, as tail -f does")
  func rotated() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await follow(
      "shown 1; mv now before; cp whole now; sleep 0.3; tail -c +1001 whole >> before; shown 19; interrupt",
      in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    // Those of the new file are not there a second time.
    #expect(try messages(outcome) == 15)
    #expect(try outcome.events().last?.int("packets") == 37)
  }

  @Test("A file that is made shorter is said, after what was read of it", arguments: [0, 500])
  func truncated(length: Int) async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await follow(
      "tail -c +1001 whole >> now; shown 19; truncate -s \(length) now", in: folder)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("now is damaged after packet 37, byte offset"), "\(outcome.errors)")
    #expect(outcome.errors.contains("the file became shorter while it was followed"), "\(outcome.errors)")
    #expect(try messages(outcome) == 15)
    #expect(try outcome.events().last?.name == "capture_end")
  }

  @Test(
    "A file that became shorter and then as long as before is not told apart from an unchanged one")
  func rewritten() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let outcome = try await follow(
      "tail -c +1001 whole >> now; shown 19; cp whole now.new; cat now.new > now; interrupt", in: folder)
    #expect(outcome.status == 0 || outcome.errors.contains("became shorter"), "\(outcome.errors)")
    #expect(try messages(outcome) == 15)
  }
}
