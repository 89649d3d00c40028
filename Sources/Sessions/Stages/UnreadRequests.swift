/// The upgrade requests of a capture that were not read.
package struct UnreadRequests {
  /// Those that are described.
  static let limit = 64

  /// The first ones.
  package private(set) var first: [UnreadRequest] = []
  /// All of them.
  package private(set) var count: UInt64 = 0

  mutating func add(_ request: UnreadRequest) {
    count &+= 1
    if first.count < Self.limit { first.append(request) }
  }
}
