import SessionAnalysis
import WireBytes

/// The pings of one side that no pong has answered, oldest first.
struct PingPairing {
  /// A ping without a pong.
  struct Ping {
    var position: StreamPosition
    /// No more than a ping may have (RFC 6455 §5.5): a side could send 64 longer ones that nobody answers.
    var payload: [UInt8]
    /// How long it was.
    private var length: Int
    /// A pong with another payload came.
    var wasMistaken = false

    static let longest = 125

    init(position: StreamPosition, payload: Span<UInt8>) {
      (self.position, length) = (position, payload.count)
      self.payload = payload.extracting(0..<min(payload.count, Self.longest)).toArray()
    }

    func isAnswered(by pong: Span<UInt8>) -> Bool {
      length == pong.count
        && payload.span.hasSameBytes(as: pong.extracting(0..<min(pong.count, Self.longest)))
    }
  }

  private(set) var open: [Ping] = []
  /// Payloads that were answered last: a pong may repeat them.
  private var answered: InlineArray<4, [UInt8]?> = [nil, nil, nil, nil]
  private var nextAnswered = 0

  /// A side that pings without end and is never answered keeps this many.
  static let limit = 64

  var summary: OpenPings {
    var summary = OpenPings()
    if open.isEmpty { return summary }
    for ping in open {
      if ping.wasMistaken {
        summary.mistaken += 1
      } else {
        summary.count += 1
        if summary.first == nil { summary.first = ping.position }
        summary.last = ping.position
      }
    }
    return summary
  }

  /// Returns whether another one had to be forgotten that may still be answered.
  @discardableResult
  mutating func add(_ ping: Ping) -> Bool {
    let forgotten = open.count == Self.limit ? open.removeFirst() : nil
    open.append(ping)
    return forgotten.map { !$0.wasMistaken } ?? false
  }

  /// Whether a ping that was captured before this packet waits for its pong.
  func isWaiting(in packet: UInt64) -> Bool { open.first.map { $0.position.packet < packet } ?? false }

  /// The ping that a pong with this payload answers: the oldest of those that match. It and those before it are
  /// answered then (RFC 6455 §5.5.3 lets an endpoint answer only the most recent ping).
  mutating func answer(_ pong: Span<UInt8>, in packet: UInt64) -> StreamPosition? {
    // Mostly there is one.
    guard let index = open.firstIndex(where: { $0.isAnswered(by: pong) }),
      open[index].position.packet < packet
    else { return nil }
    let position = open[index].position
    for ping in open[max(0, index - 3)...index] {
      answered[nextAnswered] = ping.payload
      nextAnswered = (nextAnswered + 1) % answered.count
    }
    open.removeSubrange(...index)
    return position
  }

  /// The ping that this pong should have repeated: the oldest one that is open, and for which no other pong was mistaken.
  /// Nil for a pong that repeats another ping, open or answered.
  mutating func mistaken(_ pong: Span<UInt8>, in packet: UInt64) -> Ping? {
    guard let index = open.firstIndex(where: { !$0.wasMistaken }), open[index].position.packet < packet,
      !open.contains(where: { $0.isAnswered(by: pong) })
    else { return nil }
    for place in 0..<answered.count {
      if let payload = answered[place], payload.span.hasSameBytes(as: pong) { return nil }
    }
    open[index].wasMistaken = true
    return open[index]
  }
}
