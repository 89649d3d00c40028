import WireBytes

/// The pings of a side that no pong had answered at some moment.
package struct OpenPings: Sendable {
  /// How many.
  package var count: Int
  /// The oldest of them.
  package var first: StreamPosition?
  /// The latest of them.
  package var last: StreamPosition?
  /// Others, for each of which a pong with another payload came.
  package var mistaken: Int

  /// None, or those described.
  package init(
    count: Int = 0, first: StreamPosition? = nil, last: StreamPosition? = nil, mistaken: Int = 0
  ) {
    (self.count, self.first, self.last, self.mistaken) = (count, first, last, mistaken)
  }
}
