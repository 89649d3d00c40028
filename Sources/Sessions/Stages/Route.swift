import Preambles

/// What the preambles of a connection say about its way. An object, because few connections have any.
package final class Route {
  /// Preambles that are read on one connection: a sender could make them without end.
  package static let limit = 8

  /// In the order in which they came.
  private(set) var via: [Preamble] = []
  /// The last preamble that a server refused; with its status, if that was CONNECT.
  var refusal: (preamble: Preamble, status: Int?)?
  /// Whether a session began behind it.
  var isUsed = false

  /// Adds one; false if there are too many.
  func add(_ preamble: Preamble) -> Bool {
    guard via.count < Self.limit else { return false }
    via.append(preamble)
    // It was asked again, and granted.
    refusal = nil
    return true
  }
}
