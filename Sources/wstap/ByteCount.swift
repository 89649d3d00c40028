import ArgumentParser

/// A number of bytes, with or without a unit: `4194304`, `4096k`, `4M`
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
