import FuzzTargets
import Glibc

// `fuzz TARGET [libFuzzer's arguments]`, `fuzz seeds FOLDER CAPTURE…`, `fuzz targets`; see README.md.

let targetVariable = "WSTAP_FUZZ_TARGET"
let words = Array(CommandLine.arguments.dropFirst())
if words == ["targets"] {
  print(FuzzTarget.all.map(\.name).joined(separator: " "))
} else if words.first == "seeds", words.count > 1 {
  exit(writeSeeds(words[1], Array(words[2...])))
} else if let target = FuzzTarget.all.first(where: { $0.name == words.first }) {
  // libFuzzer starts the program again to merge and to make an input smaller, with its own arguments only.
  unsafe setenv(targetVariable, target.name, 1)
  exit(Fuzzer.run(target, [CommandLine.arguments[0]] + words.dropFirst()))
} else if let name = unsafe getenv(targetVariable).map({ unsafe String(cString: $0) }),
  let target = FuzzTarget.all.first(where: { $0.name == name })
{
  exit(Fuzzer.run(target, CommandLine.arguments))
} else {
  print("usage: fuzz TARGET [libFuzzer's arguments]\n       fuzz seeds FOLDER CAPTURE…\n       fuzz targets")
  print("targets: " + FuzzTarget.all.map(\.name).joined(separator: " "))
  exit(2)
}

/// Writes what the captures give to one folder a target.
func writeSeeds(_ folder: String, _ captures: [String]) -> Int32 {
  do {
    unsafe mkdir(folder, 0o777)
    for (number, path) in captures.enumerated() {
      for (index, seed) in try seeds(from: contents(ofFile: path), at: path).enumerated() {
        try write(seed.bytes, toFile: "sample-\(number)-\(index)", inFolder: "\(folder)/\(seed.target)")
      }
    }
    return 0
  } catch {
    print(error)
    return 1
  }
}
