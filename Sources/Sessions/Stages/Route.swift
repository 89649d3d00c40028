import Preambles

/// What the preambles of a connection say about its way. An object, because few connections have any.
final class Route {
  /// Preambles that are read on one connection: a sender could make them without end.
  static let limit = 8

  /// In the order in which they came.
  private(set) var via: [Preamble] = []

  /// Adds one; false if there are too many.
  func add(_ preamble: Preamble) -> Bool {
    guard via.count < Self.limit else { return false }
    via.append(preamble)
    return true
  }
}
