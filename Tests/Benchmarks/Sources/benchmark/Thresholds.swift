import CommandLineSupport

/// Names one measured number: `small quiet-over-floor`.
struct Figure: Hashable {
  let kind: String
  let name: String
}

/// The bounds in thresholds.txt: `KIND FIGURE at most|least NUMBER` a line, comments after `#`.
struct Thresholds {
  private struct Bound {
    let figure: Figure
    let isUpper: Bool
    let value: Double
  }

  private var bounds: [Bound] = []

  init(path: String) {
    var number = 0
    var parsed: [Bound] = []
    forEachLine(of: path) { line in
      number += 1
      let text = String(decoding: line.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
      let words = text.split(separator: " ")
      if words.isEmpty { return }
      guard words.count == 5, words[2] == "at", ["most", "least"].contains(words[3]),
        let value = Double(words[4])
      else {
        fail("\(path), line \(number): not `KIND FIGURE at most|least NUMBER`", status: 2)
      }
      let figure = Figure(kind: String(words[0]), name: String(words[1]))
      parsed.append(Bound(figure: figure, isUpper: words[3] == "most", value: value))
    }
    bounds = parsed
  }

  /// Prints a line for every bound on the kinds that were run; true when all are met.
  func judge(_ figures: [Figure: Double], kinds: [String]) -> Bool {
    var areMet = true
    for bound in bounds where kinds.contains(bound.figure.kind) {
      let wanted = "at \(bound.isUpper ? "most" : "least") \(decimal(bound.value, digits: 1))"
      let name = "\(bound.figure.kind) \(bound.figure.name)"
      guard let figure = figures[bound.figure] else {
        say("NOT MEASURED  \(name), \(wanted)")
        areMet = false
        continue
      }
      let isMet = bound.isUpper ? figure <= bound.value : figure >= bound.value
      say("\(isMet ? "ok    " : "MISSED")  \(name) \(decimal(figure, digits: 2)), \(wanted)")
      areMet = areMet && isMet
    }
    return areMet
  }
}
