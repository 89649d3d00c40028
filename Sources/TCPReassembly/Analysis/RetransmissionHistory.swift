import WireBytes

/// What is kept of a connection in which something was sent twice, came out of order, or had to wait for room.
///
/// An object, so that connections without such things, nearly all, have a pointer and no more.
final class RetransmissionHistory {
  private var directions: InlineArray<2, DirectionHistory> = [DirectionHistory(), DirectionHistory()]
  /// Whether delivered bytes are kept.
  var isRetaining = false

  subscript(direction: FlowDirection) -> DirectionHistory {
    _read { yield directions[direction.rawValue] }
    _modify { yield &directions[direction.rawValue] }
  }

  /// Whether every segment has to be looked at with care.
  var needsCare: Bool {
    isRetaining || directions[0].windowClosed != nil || directions[1].windowClosed != nil
  }

  /// Connections whose bytes are kept: 64 MiB at most, mostly far less.
  static let retainingLimit = 512
}
