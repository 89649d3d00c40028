import WireBytes

/// The pings of a side that no pong had answered at some moment.
struct OpenPings: Sendable {
  var count = 0
  /// The oldest of them.
  var first: StreamPosition?
  /// The latest of them.
  var last: StreamPosition?
}
