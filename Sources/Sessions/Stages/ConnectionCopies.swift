import SessionAnalysis
import TCPReassembly
import WireBytes

/// The copies of a session's connection that were captured before or after address translation.
///
/// The session is read from the connection that was recognized first. What a copy has beyond that is kept until the session's own
/// connection has it, too; where it never gets there, because nothing translated it, it is read from here.
final class ConnectionCopies {
  /// Bytes that the session's own connection does not have yet.
  struct Piece {
    fileprivate(set) var bytes: [UInt8]
    let context: DeliveryContext
    let direction: FlowDirection
    /// The number of the copy that has them.
    let copy: Int

    var start: UInt64 { context.position.offset }
    var end: UInt64 { start &+ UInt64(bytes.count) }

    /// What of it is in a part of the stream; nil if nothing is.
    func within(_ start: UInt64, _ end: UInt64) -> Piece? {
      let (from, to) = (max(start, self.start), min(end, self.end))
      guard from < to else { return nil }
      if from == self.start, to == self.end { return self }
      let skipped = Int(from - self.start)
      return Piece(
        bytes: Array(bytes[skipped..<Int(to - self.start)]), context: context.advanced(by: skipped),
        direction: direction, copy: copy)
    }
  }

  /// How a copy ended.
  struct End {
    let how: ConnectionEnd
    let by: FlowDirection?
    let position: StreamPosition
    let firstFin: FirstFin?
    let copy: Int
  }

  /// Where the dispatcher keeps the session's own connection.
  let slot: Int
  /// A copy, and whether it was captured nearer to the client than the session's own connection.
  private(set) var connections: [(info: ConnectionInfo, isNearClient: Bool)] = []
  /// How the first copy ended whose end is in the capture.
  private(set) var end: End?
  /// What is known about the directions of that copy.
  private(set) var endings: [(direction: FlowDirection, ending: DirectionEnding)] = []
  private var nextEndings: [(direction: FlowDirection, ending: DirectionEnding)] = []
  /// The session ended with a RST that neither side sent.
  var isResetOnTheWay = false
  /// The session has ended.
  private(set) var isOver = false
  private var directions = [Direction(), Direction()]

  /// What may be kept for one direction of a session, in bytes of memory.
  private static let limit = 1 << 18

  /// One direction of the stream.
  private struct Direction {
    /// The session's own connection has everything before this.
    var delivered: UInt64 = 0
    /// Where its last bytes began when the first copy was found: what a copy has of this packet is not new. Nil once it is known
    /// where they ended.
    var lastStart: UInt64?
    /// Some copy has bytes up to here.
    var reached: UInt64 = 0
    var isFinished = false
    var pieces: [Piece] = []
    /// Pieces before this one are not needed any more.
    var first = 0
    var cost = 0

    var waiting: ArraySlice<Piece> { pieces[first...] }

    mutating func forget(before offset: UInt64) {
      while first < pieces.count, pieces[first].end <= offset {
        cost -= ConnectionCopies.cost(of: pieces[first])
        pieces[first].bytes = []
        first += 1
      }
      if first == pieces.count {
        if first > 0 { pieces.removeAll(keepingCapacity: first < 64) }
        first = 0
      } else if first > pieces.count / 2 {
        pieces.removeFirst(first)
        first = 0
      }
    }
  }

  /// Copies of the connection in this slot.
  init(of slot: Int) { self.slot = slot }

  /// What the session's own connection brought before there were copies: `start` is where the frames of a direction begin, `last` where
  /// its last bytes do; nil where that is not known, or nothing came.
  func begin(_ direction: FlowDirection, start: UInt64?, last: UInt64?) {
    directions[direction.rawValue].delivered = start ?? 0
    directions[direction.rawValue].lastStart = last
  }

  /// Bytes of memory that are kept.
  var cost: Int { directions[0].cost + directions[1].cost }

  /// One more copy. Returns its number.
  func add(_ connection: ConnectionInfo, isNearClient: Bool) -> Int {
    connections.append((connection, isNearClient))
    return connections.count - 1
  }

  /// A copy has these bytes.
  func received(_ delivery: borrowing Delivery, _ direction: FlowDirection, from copy: Int) {
    let index = direction.rawValue
    let start = delivery.position.offset
    let end = start &+ UInt64(delivery.bytes.count)
    if isOver || directions[index].isFinished { return }
    if let last = directions[index].lastStart, start <= last {
      directions[index].delivered = max(directions[index].delivered, end)
      return
    }
    // Where the head before them was cut, the first bytes that are known are those of a copy.
    if directions[index].delivered == 0 { directions[index].delivered = start }
    directions[index].reached = max(directions[index].reached, end)
    let known = max(directions[index].delivered, directions[index].waiting.last?.end ?? 0)
    guard end > known else { return }
    let rest = delivery.dropping(start < known ? Int(known - start) : 0)
    let piece = Piece(bytes: rest.bytes.toArray(), context: rest.context, direction: direction, copy: copy)
    guard directions[index].cost + Self.cost(of: piece) <= Self.limit else { return }
    directions[index].pieces.append(piece)
    directions[index].cost += Self.cost(of: piece)
  }

  /// The session's own connection has everything up to an offset, or it is known that it lacks the rest.
  func delivered(_ direction: FlowDirection, upTo offset: UInt64) {
    let index = direction.rawValue
    directions[index].lastStart = nil
    directions[index].delivered = max(directions[index].delivered, offset)
    directions[index].forget(before: offset)
  }

  /// What the copies have of a part of the stream.
  func pieces(_ direction: FlowDirection, from start: UInt64, to end: UInt64) -> [Piece] {
    directions[direction.rawValue].waiting.prefix { $0.start < end }.compactMap { $0.within(start, end) }
  }

  /// The range of stream offsets that was captured only on copies; nil if the session's own connection has everything.
  func beyond(_ direction: FlowDirection) -> Range<UInt64>? {
    let stream = directions[direction.rawValue]
    return !stream.isFinished && stream.reached > stream.delivered ? stream.delivered..<stream.reached : nil
  }

  /// The session's own connection came to its FIN in a direction.
  func finished(_ direction: FlowDirection) { directions[direction.rawValue].isFinished = true }

  /// What is known about a direction of a copy that ends next.
  func ending(_ ending: DirectionEnding, _ direction: FlowDirection) {
    nextEndings.append((direction, ending))
  }

  /// A copy ended.
  func ended(_ end: End) {
    if end.how == .fin || end.how == .rst, self.end == nil { (self.end, endings) = (end, nextEndings) }
    nextEndings = []
  }

  /// Whether a copy ended with a RST that came from the side where the session's own connection was captured, which does not have it:
  /// a host in between sent it. By its direction; nil for anything else.
  func resetOnTheWay(_ end: End) -> FlowDirection? {
    guard end.how == .rst, let by = end.by else { return nil }
    return (by == .fromInitiator) == connections[end.copy].isNearClient ? nil : by
  }

  /// Nothing of what waits can be kept any more: if it is needed, it is missing.
  func dropWaiting() {
    for index in 0..<2 {
      (directions[index].pieces, directions[index].first, directions[index].cost) = ([], 0, 0)
    }
  }

  /// The session has ended.
  func sessionEnded() {
    isOver = true
    dropWaiting()
  }

  private static func cost(of piece: Piece) -> Int { MemoryLayout<Piece>.stride + piece.bytes.count }
}
