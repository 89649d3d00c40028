import WireBytes

/// Puts what two sides did into the order of their packets.
///
/// A side's facts come in the order of its stream, but later than its peer's if its bytes had to wait: for bytes before
/// them that are missing, or until it was known where frames begin. So a fact waits until its peer's earlier ones are known.
/// Nearly always they are, because what is told says so (`PeerState.isRead`), and nothing waits.
///
/// The number that wait is bounded. What has to go before its turn is judged by what is known then.
struct PacketOrder {
  struct Entry {
    var packet: UInt64
    var side: Side
    var fact: SessionFact
  }

  /// By packet; those of one packet as they came.
  private(set) var waiting: [Entry] = []
  private var payloadBytes = 0
  /// By side, client first: the packet up to which all that it did is known.
  private var known: InlineArray<2, UInt64> = [0, 0]

  static let limit = 64
  static let payloadLimit = 8 << 10

  /// A side did something in this packet. `peerIsRead`: all that its peer did before is known.
  mutating func note(_ side: Side, in packet: UInt64, peerIsRead: Bool) {
    let index = Int(side.rawValue)
    known[index] = max(known[index], packet)
    if peerIsRead { known[1 &- index] = max(known[1 &- index], packet) }
  }

  /// The packet up to which both sides are known.
  var due: UInt64 { min(known[0], known[1]) }

  /// Lets a fact wait for its turn.
  mutating func add(_ fact: SessionFact, of side: Side, in packet: UInt64) {
    let after = waiting.lastIndex { $0.packet <= packet }
    waiting.insert(Entry(packet: packet, side: side, fact: fact), at: after.map { $0 + 1 } ?? 0)
    payloadBytes += fact.payloadBytes
  }

  /// Whether more waits than may.
  var isOver: Bool { waiting.count > Self.limit || payloadBytes > Self.payloadLimit }

  /// Takes the first fact if it is in this packet or before it.
  mutating func takeFirst(through packet: UInt64 = .max) -> Entry? {
    guard let first = waiting.first, first.packet <= packet else { return nil }
    payloadBytes -= first.fact.payloadBytes
    return waiting.removeFirst()
  }
}
