import BasicContainers

/// Which connections are dropped when there are too many: lists of slots, one for each `Rank`.
///
/// A connection is put into a list when it begins and when it is over. What else has become of it is asked only when its
/// turn to go has come, so that packets cost nothing here.
struct EvictionOrder: ~Copyable {
  /// What a connection is worth; the lowest rank goes first.
  enum Rank: UInt8, CaseIterable {
    /// No payload so far: a SYN without an answer, most of all.
    case withoutPayload
    /// Over, and only remembered for late packets.
    case closed
    /// It carries nothing of interest.
    case ignored
    /// HTTP, or not known so far.
    case undecided
    /// Frames are read from it.
    case session
  }

  /// A slot's place in its list: 16 bytes.
  struct Link {
    var before: Int32 = -1
    var after: Int32 = -1
    /// The connection's last packet when it was put into the list, modulo 2³².
    var packet: UInt32 = 0
    /// The list that it is in; nil when it is in none.
    var rank: Rank?
  }

  private var links = UniqueArray<Link>()
  private var heads = [Int32](repeating: -1, count: Rank.allCases.count)
  private var tails = [Int32](repeating: -1, count: Rank.allCases.count)

  /// The slot that was put into a list first.
  func first(of rank: Rank) -> Int? {
    let head = heads[Int(rank.rawValue)]
    return head >= 0 ? Int(head) : nil
  }

  /// Whether the connection had no packet after it was put into its list.
  func isUnheard(_ slot: Int, since packet: UInt64) -> Bool {
    links[slot].packet == UInt32(truncatingIfNeeded: packet)
  }

  /// Moves a slot to the end of a list. `packet` is the connection's last one.
  mutating func put(_ slot: Int, in rank: Rank, packet: UInt64) {
    while links.count <= slot { links.append(Link()) }
    remove(slot)
    let (list, place) = (Int(rank.rawValue), Int32(truncatingIfNeeded: slot))
    let last = tails[list]
    links[slot] = Link(before: last, packet: UInt32(truncatingIfNeeded: packet), rank: rank)
    if last >= 0 { links[Int(last)].after = place } else { heads[list] = place }
    tails[list] = place
  }

  /// Takes a slot out of its list.
  mutating func remove(_ slot: Int) {
    guard let rank = links[slot].rank else { return }
    let (before, after) = (links[slot].before, links[slot].after)
    if before >= 0 { links[Int(before)].after = after } else { heads[Int(rank.rawValue)] = after }
    if after >= 0 { links[Int(after)].before = before } else { tails[Int(rank.rawValue)] = before }
    links[slot].rank = nil
  }
}
