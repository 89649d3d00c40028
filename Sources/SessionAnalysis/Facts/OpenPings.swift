import WireBytes

/// The pings of a side that no pong had answered at some moment.
package struct OpenPings: Sendable {
  /// How many.
  package var count: Int
  /// The oldest of them.
  package var first: StreamPosition?
  /// The latest of them.
  package var last: StreamPosition?

  /// None, or those described.
  package init(count: Int = 0, first: StreamPosition? = nil, last: StreamPosition? = nil) {
    (self.count, self.first, self.last) = (count, first, last)
  }
}
