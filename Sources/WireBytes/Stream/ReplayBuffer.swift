/// Bytes of both directions of a connection, their gaps and their ends, that wait until it is known who reads them.
///
/// Pieces are kept in capture order. Within a side that is also the order of the stream, even for pieces that are put
/// back. Whoever recognizes the protocol takes the buffer by value and replays its pieces.
package struct ReplayBuffer: Sendable {
  /// One thing that a side sent.
  package struct Piece: Sendable {
    /// What the piece stands for in its stream.
    package enum Content: Sendable, Hashable {
      /// Captured bytes.
      case bytes([UInt8])
      /// This many bytes of the stream are not in the capture.
      case gap(UInt64)
      /// This many captured bytes were dropped from the buffer to save memory.
      case passedOver(UInt64)
      /// The end of the stream.
      case end
    }

    /// Who sent it. A reader that does not know yet which side is the client uses this as a provisional name of a
    /// direction (see `swapSides`).
    package fileprivate(set) var side: Side
    /// Where it begins.
    package let position: StreamPosition
    /// The offset in the peer's stream up to which the sender had acknowledged when it sent this; nil if unknown.
    package let peerAcknowledged: UInt64?
    /// What it stands for.
    package fileprivate(set) var content: Content

    /// A piece from its parts.
    package init(
      side: Side, position: StreamPosition, peerAcknowledged: UInt64? = nil, content: Content
    ) {
      (self.side, self.position) = (side, position)
      (self.peerAcknowledged, self.content) = (peerAcknowledged, content)
    }

    /// Bytes of memory that it takes up.
    package var cost: Int { MemoryLayout<Piece>.stride + (bytes?.count ?? 0) }

    /// The captured bytes, if that is what it holds.
    package var bytes: [UInt8]? {
      if case .bytes(let bytes) = content { bytes } else { nil }
    }

    /// What is left of a piece of bytes after its first `count` were read.
    package func dropping(_ count: Int) -> Piece {
      guard count > 0, let bytes else { return self }
      return Piece(
        side: side, position: position.advanced(by: count), peerAcknowledged: peerAcknowledged,
        content: .bytes(Array(bytes.dropFirst(count))))
    }
  }

  /// Everything that waits, in capture order.
  package private(set) var pieces: [Piece] = []
  private var counts: InlineArray<2, Int> = [0, 0]
  private var costs: InlineArray<2, Int> = [0, 0]

  /// An empty buffer; it allocates nothing before the first piece.
  package init() {}

  /// Whether nothing waits.
  package var isEmpty: Bool { pieces.isEmpty }

  /// Bytes of memory that the pieces take up.
  package var cost: Int { costs[0] + costs[1] }

  /// Bytes of memory that the pieces of one side take up.
  package func cost(of side: Side) -> Int { costs[Self.index(side)] }

  /// The number of pieces of one side.
  package func count(of side: Side) -> Int { counts[Self.index(side)] }

  /// Whether any piece of this side waits.
  package func holds(_ side: Side) -> Bool { count(of: side) > 0 }

  /// Whether bytes that were not captured are among what waits.
  package var hasGap: Bool {
    pieces.contains { if case .gap = $0.content { true } else { false } }
  }

  /// The first piece of one side.
  package func first(of side: Side) -> Piece? {
    holds(side) ? pieces.first { $0.side == side } : nil
  }

  /// The first piece of one side that holds captured bytes.
  package func firstBytes(of side: Side) -> Piece? {
    holds(side) ? pieces.first { $0.side == side && $0.bytes != nil } : nil
  }

  // MARK: Adding

  /// Adds what a side sent after everything that waits.
  package mutating func append(_ piece: Piece) {
    pieces.append(piece)
    account(piece, 1)
  }

  /// Puts a piece where it belongs among those that wait: in stream order within its side, in capture order between
  /// the sides.
  package mutating func putBack(_ piece: Piece) {
    // What is left of the first piece, mostly: then nothing has to be searched.
    if let first = pieces.first, first.side == piece.side,
      Int64(bitPattern: piece.position.offset &- first.position.offset) < 0
    {
      pieces.insert(piece, at: 0)
      return account(piece, 1)
    }
    let before = pieces.lastIndex {
      $0.side == piece.side && Int64(bitPattern: $0.position.offset &- piece.position.offset) < 0
    }
    let next = pieces[((before ?? -1) + 1)...].firstIndex {
      $0.side == piece.side || $0.position.packet > piece.position.packet
    }
    pieces.insert(piece, at: next ?? pieces.count)
    account(piece, 1)
  }

  /// Puts all pieces of another buffer where they belong.
  package mutating func putBack(_ other: consuming ReplayBuffer) {
    if isEmpty {
      self = other
    } else {
      for piece in other.pieces { putBack(piece) }
    }
  }

  // MARK: Removing

  /// Takes the first piece of those sides for which `isReady` is true.
  package mutating func popFirst(where isReady: (Side) -> Bool) -> Piece? {
    guard !isEmpty else { return nil }
    let sides = Side.allCases.filter { holds($0) && isReady($0) }
    guard !sides.isEmpty, let index = pieces.firstIndex(where: { sides.contains($0.side) }) else {
      return nil
    }
    let piece = pieces.remove(at: index)
    account(piece, -1)
    return piece
  }

  /// Removes all pieces of one side.
  package mutating func removeAll(of side: Side) {
    guard holds(side) else { return }
    pieces.removeAll { $0.side == side }
    (counts[Self.index(side)], costs[Self.index(side)]) = (0, 0)
  }

  /// Removes everything.
  package mutating func removeAll() { self = ReplayBuffer() }

  /// Once the pieces cost more than `limit`, removes the oldest ones until they cost at most half of it. Half, so that
  /// not every further piece moves all others.
  package mutating func dropOldest(beyond limit: Int) {
    guard cost > limit else { return }
    var dropped = 0
    while dropped < pieces.count, cost > limit / 2 {
      account(pieces[dropped], -1)
      dropped += 1
    }
    pieces.removeSubrange(..<dropped)
  }

  /// Replaces the oldest bytes of one side by their number until its pieces cost at most `target`, and joins neighbours
  /// that hold only a number. It looks at every piece: leave room below the limit that calls for it.
  package mutating func passOverOldest(of side: Side, downTo target: Int) {
    guard cost(of: side) > target else { return }
    var kept: [Piece] = []
    kept.reserveCapacity(pieces.count)
    var last: Int?
    for var piece in pieces {
      if piece.side == side, cost(of: side) > target {
        account(piece, -1)
        if let bytes = piece.bytes { piece.content = .passedOver(UInt64(bytes.count)) }
        if let last, let joined = kept[last].content.joined(with: piece.content) {
          kept[last].content = joined
          continue
        }
        account(piece, 1)
        last = kept.count
      }
      kept.append(piece)
    }
    pieces = kept
  }

  // MARK: Sides

  /// Exchanges the sides of all pieces: the provisional names were the wrong way round.
  package mutating func swapSides() {
    for index in pieces.indices { pieces[index].side = pieces[index].side.peer }
    (counts, costs) = ([counts[1], counts[0]], [costs[1], costs[0]])
  }

  private mutating func account(_ piece: Piece, _ sign: Int) {
    counts[Self.index(piece.side)] += sign
    costs[Self.index(piece.side)] += sign * piece.cost
  }

  private static func index(_ side: Side) -> Int { Int(side.rawValue) }
}

extension ReplayBuffer.Piece.Content {
  /// One content for two neighbours that hold only a number of the same kind.
  fileprivate func joined(with next: Self) -> Self? {
    switch (self, next) {
    case (.passedOver(let count), .passedOver(let more)): .passedOver(count &+ more)
    case (.gap(let count), .gap(let more)): .gap(count &+ more)
    default: nil
    }
  }
}
