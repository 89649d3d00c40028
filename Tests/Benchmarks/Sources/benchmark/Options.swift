import CommandLineSupport

/// What a run of the benchmark does.
struct Options {
  let wstap: String
  let folder: String
  let kinds: [String]
  let size: Int
  let tsharkSize: Int
  let memorySize: Int
  let rounds: Int
  let tsharkRounds: Int
  let thresholds: String
  let measuresTshark: Bool
  let measuresMemory: Bool
  let makesAllNew: Bool
  let enforces: Bool

  private static let usage = """
    usage: benchmark [options], from Tests/Benchmarks

      --wstap FILE         the program (../../.build/release/wstap); without one only the others are measured
      --captures FOLDER    where captures are kept (/tmp/bench)
      --fresh              make them all anew, after a change of the generator
      --kinds LIST         small,large,mixed,deflate,deflate-12,deflate-12-long (default: all)
      --size BYTES         of the captures for wstap and the floor (1G)
      --tshark-size BYTES  of the captures for tshark, and of compressed ones (200M)
      --memory-size BYTES  of the short captures for peak memory; the long ones have ten times that (200M)
      --pairs N            rounds; in each all commands run once (5)
      --tshark-pairs N     rounds with tshark (3)
      --no-tshark          leave tshark out
      --no-memory          leave the captures for peak memory out
      --thresholds FILE    (thresholds.txt)
      --check              exit 1 when a threshold is missed or a count is wrong
    """

  init() {
    let arguments = Arguments(
      valued: [
        "--wstap", "--captures", "--kinds", "--size", "--tshark-size", "--memory-size", "--pairs",
        "--tshark-pairs", "--thresholds",
      ],
      flags: ["--fresh", "--no-tshark", "--no-memory", "--check"], usage: Self.usage)
    wstap = arguments["--wstap"] ?? "../../.build/release/wstap"
    folder = arguments["--captures"] ?? "/tmp/bench"
    kinds = (arguments["--kinds"] ?? "small,large,mixed,deflate,deflate-12,deflate-12-long")
      .split(separator: ",").map(String.init)
    size = arguments.size("--size") ?? 1_000_000_000
    tsharkSize = arguments.size("--tshark-size") ?? 200_000_000
    memorySize = arguments.size("--memory-size") ?? 200_000_000
    rounds = max(1, arguments.number("--pairs") ?? 5)
    tsharkRounds = max(1, arguments.number("--tshark-pairs") ?? 3)
    thresholds = arguments["--thresholds"] ?? "thresholds.txt"
    measuresTshark = !arguments.has("--no-tshark")
    measuresMemory = !arguments.has("--no-memory")
    makesAllNew = arguments.has("--fresh")
    enforces = arguments.has("--check")
  }
}
