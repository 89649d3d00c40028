import WireBytes

/// The violations of a session, for what may come of them: of each side the first one and the last ones.
package struct Violations: Sendable {
  // By side, so that it does not matter which of them is read first.
  private var ofClient: [Violation] = []
  private var ofServer: [Violation] = []
  private static let limit = 16

  /// None.
  package init() {}

  /// Adds one.
  package mutating func add(_ violation: Violation) {
    if violation.side == .client {
      Self.add(violation, to: &ofClient)
    } else {
      Self.add(violation, to: &ofServer)
    }
  }

  private static func add(_ violation: Violation, to found: inout [Violation]) {
    // What led to the end is at the end; the first one tells since when a rule was broken.
    if found.count == limit { found.remove(at: 1) }
    found.append(violation)
  }

  /// Those of a side, as they were read.
  subscript(side: Side) -> [Violation] { side == .client ? ofClient : ofServer }
}
