import CommandLineSupport
import Glibc

/// A generated capture and what the generator says is in it.
struct GeneratedCapture {
  let kind: String
  let path: String
  let counts: [String: Int]

  /// What was compressed in it, where anything was.
  var payloads: String { path + ".payloads" }
  var bytes: Int { counts["file_bytes"] ?? 0 }
  var isCompressed: Bool { kind.hasPrefix("deflate") }
  var packets: Int { counts["packets"] ?? 0 }
}

/// The folder where captures are kept from run to run: making them takes longer than reading them.
struct CaptureStore {
  let folder: String
  let generator: String
  let makesAllNew: Bool

  func capture(kind: String, size: Int, name: String, isPcapng: Bool = false) -> GeneratedCapture {
    let path = "\(folder)/\(name).\(isPcapng ? "pcapng" : "pcap")"
    let countsPath = "\(folder)/\(name)\(isPcapng ? ".pcapng" : "").counts"
    let known = GeneratedCapture(kind: kind, path: path, counts: readCounts(countsPath))
    if !makesAllNew, isWhole(known, size: size), !known.isCompressed || fileSize(known.payloads) != nil {
      return known
    }

    unsafe mkdir(folder, 0o755)
    removeFile(countsPath)  // written last, so a capture without it was not finished
    say("making \(path)")
    var command = [generator, "--kind", kind, "--size", String(size), "--output", path]
    if isPcapng { command.append("--pcapng") }
    if known.isCompressed { command += ["--payloads", known.payloads] }
    _ = run(command, output: countsPath)
    return GeneratedCapture(kind: kind, path: path, counts: readCounts(countsPath))
  }

  /// The same packed by gzip.
  func packed(_ capture: GeneratedCapture) -> String {
    let path = capture.path + ".gz"
    if !makesAllNew, fileSize(path) != nil { return path }
    say("making \(path)")
    // Under its name only when it is whole.
    _ = run(["gzip", "-1", "-c", capture.path], output: path + ".partial")
    renameFile(path + ".partial", path)
    return path
  }

  /// A capture is somewhat longer than asked for, because its sessions are closed before it ends; in pcapng by up to
  /// 20 bytes a packet more.
  private func isWhole(_ capture: GeneratedCapture, size: Int) -> Bool {
    fileSize(capture.path) == capture.bytes
      && (size...(size + size / 10 + 20_000_000 + capture.packets * 20)).contains(capture.bytes)
  }

  private func readCounts(_ path: String) -> [String: Int] {
    var counts: [String: Int] = [:]
    if fileSize(path) == nil { return counts }
    forEachLine(of: path) { line in
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      if words.count == 2, let value = Int(words[1]) { counts[String(words[0])] = value }
    }
    return counts
  }
}
