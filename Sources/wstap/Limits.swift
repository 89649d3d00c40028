import ArgumentParser
import SessionTimeline
import TCPReassembly
import WebSocketDecoding

/// How much is held at one time. What goes beyond is let go, and counted in capture_end.
struct LimitArguments: ParsableArguments {
  @Option(help: ArgumentHelp("TCP connections known at one time.", valueName: "number"))
  var maxConnections = ReassemblyLimits().connections

  @Option(help: ArgumentHelp("Bytes of a direction that wait behind a hole (k, M, G).", valueName: "bytes"))
  var maxWaiting = ByteCount(ReassemblyLimits().pendingPerDirection)

  @Option(help: ArgumentHelp("The same of all connections together.", valueName: "bytes"))
  var maxWaitingInAll = ByteCount(ReassemblyLimits().pendingInAll)

  @Option(
    help: ArgumentHelp(
      "Bytes held of connections without a captured handshake, until it is known what they carry.",
      valueName: "bytes"))
  var maxPickUp = ByteCount(AnalysisOptions().pickUpBytes)

  @Option(
    help: ArgumentHelp(
      "Bytes that a compressed message may inflate to; what is beyond is not looked at.", valueName: "bytes"))
  var maxInflated = ByteCount(Int(DecodingOptions().inflatedBytes))

  @Option(
    help: ArgumentHelp("Seconds without a packet after which a connection is let go.", valueName: "seconds"))
  var idleTimeout = Double(ReassemblyLimits().idleTime) / 1e9

  func validate() throws {
    guard maxConnections >= 1, maxConnections <= 1 << 24 else {
      throw ValidationError("--max-connections takes 1 to \(1 << 24).")
    }
    guard idleTimeout >= 0.001, idleTimeout <= 1e9 else {
      throw ValidationError("--idle-timeout takes 0.001 to 1e9 seconds.")
    }
  }

  func apply(to options: inout AnalysisOptions) {
    options.reassembly.connections = maxConnections
    options.reassembly.pendingPerDirection = maxWaiting.bytes
    options.reassembly.pendingInAll = maxWaitingInAll.bytes
    options.reassembly.idleTime = Int64(idleTimeout * 1e9)
    options.pickUpBytes = maxPickUp.bytes
    options.decoding.inflatedBytes = UInt64(maxInflated.bytes)
  }
}

/// `4194304`, `4096k`, `4M`
struct ByteCount: ExpressibleByArgument, CustomStringConvertible {
  let bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  init?(argument: String) {
    let units: [Character: Int] = ["k": 10, "K": 10, "M": 20, "G": 30]
    let shift = argument.last.flatMap { units[$0] }
    guard let number = Int(shift == nil ? argument : String(argument.dropLast())), number >= 0,
      number <= 1 << 40
    else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << (shift ?? 0))
    guard !overflow, bytes <= 1 << 40 else { return nil }
    self.bytes = bytes
  }

  var description: String {
    for (shift, unit) in [(30, "G"), (20, "M"), (10, "k")]
    where bytes >= 1 << shift && bytes % (1 << shift) == 0 {
      return "\(bytes >> shift)\(unit)"
    }
    return "\(bytes)"
  }

  var defaultValueDescription: String { description }
}
