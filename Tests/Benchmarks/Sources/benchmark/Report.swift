import CommandLineSupport

/// The table that a run prints: Markdown, to go into README.md as it is.
struct Report {
  private var rows: [[String]] = [
    ["capture", "MB", "command", "wall s", "CPU s", "MB/s", "M packets/s", "times", "peak MiB"]
  ]

  /// `times` says what a contender is a multiple of, the reference itself being 1.
  mutating func add(_ comparison: Comparison, reference: Int, times: String) {
    let megabytes = Double(comparison.capture.bytes) / 1e6
    for (index, contender) in comparison.contenders.enumerated() {
      let wall = comparison.wallSeconds(index)
      let ratio = "\(decimal(comparison.ratio(index, to: reference), digits: 2)) × \(times)"
      rows.append([
        comparison.capture.kind, decimal(megabytes, digits: 0), contender.name, decimal(wall, digits: 3),
        decimal(comparison.cpuSeconds(index), digits: 3), decimal(megabytes / wall, digits: 1),
        decimal(Double(comparison.capture.packets) / 1e6 / wall, digits: 2),
        index == reference ? "1" : ratio, decimal(comparison.peakMiB(index), digits: 1),
      ])
    }
  }

  func show() {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for (number, row) in rows.enumerated() {
      say(line(zip(row, widths).map { padded($0, to: $1) }))
      if number == 0 { say(line(widths.map { String(repeating: "-", count: $0) })) }
    }
  }

  private func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  private func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: width - text.count)
  }
}

func decimal(_ value: Double, digits: Int) -> String {
  let scale = (0..<digits).reduce(1) { product, _ in product * 10 }
  let scaled = Int((value * Double(scale)).rounded())
  if digits == 0 { return String(scaled) }
  let fraction = String(scaled % scale)
  return "\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
}
