import Testing

/// Inputs that make memory grow (Tests/Cases/hostile): it stays within `--memory`, and what had to give way is said.
@Suite("--memory")
struct MemoryOptionTests {
  private static let bombs = "Tests/Cases/hostile/unfinished-bombs.pcap"

  @Test("Unfinished bombs are shortened, and every message is still told")
  func bombs() throws {
    let outcome = try Tool.run(["--json", "--memory", "16M", Self.bombs])
    #expect(outcome.status == 0)
    let events = try outcome.events()
    let messages = events.filter { $0.name == "message" }
    #expect(messages.count == 20)
    let memory = try #require(events.last?.object("memory"))
    #expect(memory.int("limit") == 16 << 20)
    #expect(memory.int("messages_shortened") ?? 0 > 0)
    #expect(memory.int("connections_over_limit") == 0)
    let shown = messages.compactMap { $0.int("shown_bytes") }.reduce(0, +)
    #expect(shown <= 16 << 20)
  }

  @Test("Totals say that messages were shortened")
  func totals() throws {
    let outcome = try Tool.run(["--memory", "16M", Self.bombs])
    #expect(outcome.text.contains("messages shortened for want of memory (--memory)"))
  }

  @Test("What makes no sense is refused", arguments: ["0", "1023k", "-1", "x"])
  func refused(_ value: String) throws {
    #expect(try Tool.run(["--memory", value, Self.bombs]).status == 2)
  }

  @Test("Little address space is no reason to end in a trap", arguments: [150_000, 250_000, 500_000])
  func addressSpace(kilobytes: Int) throws {
    let outcome = try Tool.shell("ulimit -v $1; exec \"$wstap\" --json $2", ["\(kilobytes)", Self.bombs])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try outcome.events().count { $0.name == "session_close" } >= 20)
    #expect(try outcome.events().last?.name == "capture_end")
  }

  @Test(
    "Without memory a run ends in order: whole lines, and status 2",
    arguments: [60_000, 80_000, 100_000, 150_000, 200_000, 300_000])
  func exhausted(kilobytes: Int) throws {
    let outcome = try Tool.shell(
      "ulimit -v $1; exec \"$wstap\" --json --memory 1G $2", ["\(kilobytes)", Self.bombs])
    #expect(!outcome.wasKilled && outcome.status == 2, "\(outcome.status): \(outcome.errors)")
    #expect(outcome.errors.hasPrefix("wstap: out of memory"), "\(outcome.errors)")
    #expect(outcome.output.isEmpty || outcome.output.last == UInt8(ascii: "\n"))
    _ = try outcome.events()
  }

  @Test("What was decoded before memory ran out is written")
  func written() throws {
    let outcome = try Tool.shell("ulimit -v 150000; exec \"$wstap\" --json --memory 1G $1", [Self.bombs])
    let events = try outcome.events()
    #expect(events.last?.name == "capture_end")
    // The sessions that were open are closed with what they had.
    #expect(events.count { $0.name == "session_open" } == events.count { $0.name == "session_close" })
    #expect(outcome.errors.contains("what follows was not read: allow more (ulimit -v), or keep less"))
  }
}
