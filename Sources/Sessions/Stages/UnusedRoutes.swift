/// The connections of a capture that began with a preamble and carried no session.
package struct UnusedRoutes {
  /// Those that are described.
  static let limit = 16

  /// The first ones.
  package private(set) var first: [UnusedRoute] = []
  /// All of them.
  package private(set) var count: UInt64 = 0

  mutating func add(_ route: UnusedRoute) {
    count &+= 1
    if first.count < Self.limit { first.append(route) }
  }
}
