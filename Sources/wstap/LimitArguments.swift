import ArgumentParser
import Pipeline
import TCPReassembly

/// How much is held at a time. What exceeds a limit is let go, and counted in `capture_end`.
struct LimitArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Memory for everything that waits: unfinished messages, windows of compression, heads, segments, sessions (k, M, G). By default \
      1 GiB, or less where the machine, a control group or ulimit -v has not as much.
      """, valueName: "bytes"))
  var memory = ByteCount(AnalysisOptions().memory)

  @Option(help: ArgumentHelp("TCP connections tracked at a time.", valueName: "number"))
  var maxConnections = ReassemblyLimits().connections

  @Option(
    help: ArgumentHelp(
      "Bytes of a direction that wait for missing ones before them (k, M, G).", valueName: "bytes"))
  var maxWaiting = ByteCount(ReassemblyLimits().pendingPerDirection)

  @Option(help: ArgumentHelp("The same, for all connections together.", valueName: "bytes"))
  var maxWaitingInAll = ByteCount(ReassemblyLimits().pendingInAll)

  @Option(
    help: ArgumentHelp(
      "Bytes held of connections without a captured handshake until it is known what they carry.",
      valueName: "bytes"))
  var maxPickUp = ByteCount(AnalysisOptions().midstreamBytes)

  @Option(
    help: ArgumentHelp(
      "Bytes that a compressed message may inflate to; the rest is not examined.", valueName: "bytes"))
  var maxInflated = ByteCount(Int(AnalysisOptions().inflatedBytes))

  @Option(
    help: ArgumentHelp("Seconds without a packet after which a connection is let go.", valueName: "seconds"))
  var idleTimeout = Double(ReassemblyLimits().idleTime) / 1e9

  func validate() throws {
    guard maxConnections >= 1, maxConnections <= 1 << 24 else {
      throw ValidationError("--max-connections takes 1 to \(1 << 24).")
    }
    guard memory.bytes >= 1 << 20 else { throw ValidationError("--memory takes 1M and more.") }
    guard idleTimeout >= 0.001, idleTimeout <= 1e9 else {
      throw ValidationError("--idle-timeout takes 0.001 to 1e9 seconds.")
    }
  }

  func apply(to options: inout AnalysisOptions) {
    options.memory = memory.bytes
    options.reassembly.connections = maxConnections
    options.reassembly.pendingPerDirection = maxWaiting.bytes
    options.reassembly.pendingInAll = maxWaitingInAll.bytes
    options.reassembly.idleTime = Int64(idleTimeout * 1e9)
    options.midstreamBytes = maxPickUp.bytes
    options.inflatedBytes = UInt64(maxInflated.bytes)
  }
}
