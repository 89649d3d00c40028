import SessionAnalysis
import WireBytes

/// The pings of one side that no pong has answered, oldest first.
struct PingPairing {
  /// A ping without a pong.
  struct Ping {
    var position: StreamPosition
    var payload: [UInt8]

    func isAnswered(by pong: Span<UInt8>) -> Bool { payload.span.hasSameBytes(as: pong) }
  }

  private(set) var open: [Ping] = []

  /// A side that pings without end and is never answered keeps this many.
  static let limit = 64

  var summary: OpenPings {
    OpenPings(count: open.count, first: open.first?.position, last: open.last?.position)
  }

  /// Returns whether another one had to be forgotten.
  @discardableResult
  mutating func add(_ ping: Ping) -> Bool {
    let isFull = open.count == Self.limit
    if isFull { open.removeFirst() }
    open.append(ping)
    return isFull
  }

  /// The ping that a pong with this payload answers: the oldest of those that match. It and those before it are
  /// answered then (RFC 6455 §5.5.3 lets an endpoint answer only the most recent ping).
  mutating func answer(_ pong: Span<UInt8>, in packet: UInt64) -> StreamPosition? {
    // Mostly there is one.
    guard let index = open.firstIndex(where: { $0.isAnswered(by: pong) }),
      open[index].position.packet < packet
    else { return nil }
    let position = open[index].position
    open.removeSubrange(...index)
    return position
  }
}
